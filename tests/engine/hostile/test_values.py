"""Values of the wrong type, huge values, and very many."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kfp.engine.run import run
from kfp.engine.settings import RunSettings
from kfp.errors import ArgumentsError
from tests.engine.conftest import computes, given
from tests.engine.documents import Pipeline
from tests.parts.memory import PEAKS_ARE_TOLD


def test_fifty_megabytes_travel(play: Any) -> None:
    pipeline = Pipeline(inputs={"text": str})
    pipeline.container(
        "say",
        {"image": "i", "command": ["echo", "{{$.inputs.parameters['text']}}"]},
        inputs={"text": str},
        outputs={"o": str},
    )
    pipeline.task("say", inputs={"text": "$text"})
    pipeline.task("next", "say", inputs={"text": "@say.o"})
    pipeline.output("o", str, "next.o")
    text = "0123456789" * 5_000_000
    result, _ = play(pipeline, computes(lambda _, inputs: {"o": inputs["text"]}), {"text": text})
    assert result.error is None
    assert result.outputs["o"] == text


def test_fifty_megabytes_travel_between_processes(tmp_path: Path) -> None:
    pipeline = Pipeline(inputs={"size": int})
    make = "def make(size: int) -> str:\n    return '0123456789' * size\n"
    count = "def count(text: str) -> int:\n    return len(text)\n"
    pipeline.python(make, inputs={"size": int}, outputs={"Output": str})
    pipeline.python(count, inputs={"text": str}, outputs={"Output": int})
    pipeline.task("make", inputs={"size": "$size"})
    pipeline.task("count", inputs={"text": "@make.Output"})
    pipeline.output("Output", int, "count.Output")
    settings = RunSettings(home=tmp_path / "home", pipeline_root=tmp_path / "root")
    result = run(pipeline.document(), {"size": 5_000_000}, settings=settings)
    assert result.error is None
    assert result.outputs == {"Output": 50_000_000}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (int, "many"), (int, 1.5), (int, True), (int, None), (float, "x"), (float, float("nan")), (float, float("inf")),
        (bool, "true"), (bool, 1), (list, "[1]"), (list, {"a": 1}), (dict, [1]), (dict, "x"), (dict, {1: 2}),
        (str, object()), (str, "\ud800"), (dict, {"\udfff": 1}), (list, [float("nan")]), (list, [b"x"]), (list, {1}),
    ],
)  # fmt: skip
def test_arguments_of_another_type_are_refused_before_anything_starts(play: Any, kind: type, value: Any) -> None:
    pipeline = Pipeline(inputs={"x": kind})
    pipeline.container("work", {"image": "i"})
    pipeline.task("work")
    with pytest.raises(ArgumentsError, match=r"'x'|misses"):
        play(pipeline, lambda _: pytest.fail("it started"), {"x": value})


@pytest.mark.parametrize("value", [1, 2.5, True, [1, {"a": None}], {"k": [1]}, "text"])
def test_text_takes_any_json(play: Any, value: Any) -> None:
    pipeline = Pipeline(inputs={"x": str})
    pipeline.container("work", {"image": "i"}, inputs={"x": str})
    pipeline.task("work", inputs={"x": "$x"})
    _, executor = play(pipeline, lambda _: None, {"x": value})
    assert given(executor.steps[0])["x"] == (value if isinstance(value, str) else json.dumps(value))


MANY = """
import json, sys
from pathlib import Path
from kfp.engine.executors.fake import FakeExecutor
from kfp.engine.planning.planner import plan
from kfp.engine.records.recorder import NoRecorder
from kfp.engine.run import execute
from kfp.engine.settings import RunSettings
from tests.engine.documents import Pipeline
from tests.parts.memory import peak

pipeline = Pipeline()
loop = pipeline.component("loop", {"x": int}, {"o": int}, dag={"tasks": {}})
pipeline.container("work", {"image": "i"}, inputs={"x": int})
pipeline.task("work", within=loop, inputs={"x": "$x"}, triggerPolicy={"condition": "inputs.parameter_values['x'] == 7"})
items = json.dumps(list(range(int(sys.argv[1]))))
over = {"items": {"raw": items}, "itemInput": "x"}
pipeline.task("loop", parameterIterator=over, iteratorPolicy={"parallelismLimit": 50})
folder = Path(sys.argv[2])
settings = RunSettings(home=folder / "home", pipeline_root=folder / "root")
executor = FakeExecutor()
result = execute(plan(pipeline.document().spec), {}, executor, settings=settings, recorder=NoRecorder())
print(result.state, len(executor.steps), len(result.tasks), peak())
"""


@pytest.mark.skipif(not PEAKS_ARE_TOLD, reason="this system does not tell how much memory a process held")
def test_a_hundred_thousand_iterations_in_bounded_memory(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])}
    command = [sys.executable, "-c", MANY, "100000", str(tmp_path / "work")]
    said = subprocess.check_output(command, text=True, env=environment)
    state, steps, tasks, peak = said.split()
    assert (state, steps, tasks) == ("SUCCEEDED", "1", "200001")
    assert int(peak) < 700 * 1024 * 1024
