"""Values that look like placeholders, and commands full of what looks like them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kfp.engine.states import State
from kfp.errors import RunError
from tests.engine.conftest import given
from tests.engine.documents import Pipeline
from tests.engine.hostile.conftest import writes_all

NASTY = (
    "{{$}}", "{{$.inputs.parameters['other']}}", "{{$.pipeline_job_uuid}}", '"}}{{', "'\"\\`$(id)\n\t", "\u2028\u0000x",
    '{"Concat": ["{{$}}"]}',
        '{"IfPresent": {"InputName": "text", "Then": ["a"]}}', "{{channel:task=;name=x;type=str;}}",
    "]]}}'", "$.inputs", "{{", "}}", "%s {} {0}", "\r\n", "\x1b[31m",
)  # fmt: skip


@pytest.mark.parametrize("text", NASTY)
def test_values_are_never_searched_for_placeholders(play: Any, text: str) -> None:
    pipeline = Pipeline(inputs={"text": str, "other": str})
    placeholder = "{{$.inputs.parameters['text']}}"
    pipeline.container(
        "say",
        {
            "image": "i",
            "command": ["sh", placeholder, f"a{placeholder}b{placeholder}"],
            "args": [
                json.dumps({"Concat": ["--x=", placeholder, {"Concat": [placeholder]}]}),
                json.dumps({"IfPresent": {"InputName": "text", "Then": [placeholder], "Else": ["no"]}}),
                "{{$}}",
            ],
            "env": [{"name": "A", "value": placeholder}],
        },
        inputs={"text": str, "other": str},
    )
    pipeline.task("say", inputs={"text": "$text", "other": "$other"})
    pipeline.task("again", "say", inputs={"text": f"<{placeholder.replace('text', 'other')}>", "other": "$text"})
    result, executor = play(pipeline, lambda _: None, {"text": text, "other": "secret"})
    assert result.error is None
    first, second = executor.steps
    assert first.command == ("sh", text, f"a{text}b{text}")
    assert first.args[:2] == (f"--x={text}{text}", text)
    assert json.loads(first.args[2])["inputs"]["parameterValues"]["text"] == text
    assert first.environment == {"A": text}
    assert given(second)["text"] == f"<{text}>"


@pytest.mark.parametrize(
    ("element", "outcome"),
    [
        ("{{$", "{{$"),
        ("{{$.inputs", "{{$.inputs"),
        ("{{ $.inputs.parameters['text'] }}", "{{ $.inputs.parameters['text'] }}"),
        ("{{$.inputs.parameters['text'}}", "{{$.inputs.parameters['text'}}"),
        ("{{{{$.pipeline_task_name}}}}", "{{make}}"),
        ("{{$.inputs.parameters['nobody']}}", RunError),
        ("{{$.inputs.artifacts['nobody'].path}}", RunError),
        ("{{$.outputs.parameters['nobody'].output_file}}", RunError),
        ("{{$.outputs.artifacts['nobody'].path}}", RunError),
        ("{{$.outputs}}", RunError),
        ("{{$.outputs.parameters['o']}}", RunError),
        ("{{$.outputs.parameters['o'].output_file['deep']}}", RunError),
        ("{{$.inputs}}", "{{$.inputs}}"),
        ("{{$.nothing}}", "{{$.nothing}}"),
        ("{{$['__class__']}}", "{{$['__class__']}}"),
        ("{{$" + "[0]" * 10_000 + "}}", "{{$" + "[0]" * 10_000 + "}}"),
        ("{{$" * 100_000, "{{$" * 100_000),
        ('{"Concat": "x"}', RunError),
        ('{"Concat": [1]}', RunError),
        ('{"IfPresent": {}}', RunError),
        ('{"IfPresent": {"InputName": 1, "Then": []}}', RunError),
        ('{"Concat": ' * 5_000, '{"Concat": ' * 5_000),
        ('{"Concat": [' * 300 + "]}" * 300, ""),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_commands_that_are_garbage(play: Any, element: str, outcome: Any) -> None:
    pipeline = Pipeline(inputs={"text": str})
    pipeline.container("make", {"image": "i", "command": ["a", element]}, inputs={"text": str}, outputs={"o": str})
    pipeline.task("make", inputs={"text": "$text"})
    result, executor = play(pipeline, writes_all, {"text": "value"})
    if isinstance(outcome, str):
        assert executor.steps[0].command == ("a", outcome)
    else:
        assert result.state is State.FAILED
        assert "task 'make' failed" in result.error
