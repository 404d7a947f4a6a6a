"""Conditions, loops and exit handlers, called as a user's script does it, in processes of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kfp import dsl, local
from kfp.dsl import Dataset, Input, Output
from kfp.dsl.execution import HOOK


@pytest.fixture(autouse=True)
def runner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr("kfp.dsl.execution._Installed.hook", None)
    token = HOOK.set(None)
    local.init(runner=local.SubprocessRunner(), pipeline_root=str(tmp_path / "root"), raise_on_error=False)
    yield
    HOOK.reset(token)


@dsl.component
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.component
def say(text: str) -> str:
    return text


@dsl.component
def show(values: list) -> str:
    return repr(values)


@dsl.component
def lists() -> NamedTuple("Outputs", [("rows", list), ("text", str)]):  # type: ignore[valid-type]
    from typing import NamedTuple

    outputs = NamedTuple("Outputs", [("rows", list), ("text", str)])  # noqa: UP014 - as KFP users write it
    return outputs([{"a": 1, "many": [1, 2]}, {"a": 2, "many": [3]}], "t")


@dsl.component
def make(size: int, data: Output[Dataset]) -> None:
    from pathlib import Path

    Path(data.path).write_text("x" * size)


@dsl.component
def sizes(data: Input[list[Dataset]]) -> str:
    from pathlib import Path

    return repr([len(Path(each.path).read_text()) for each in data])


@dsl.component
def size(data: Input[Dataset]) -> int:
    from pathlib import Path

    return len(Path(data.path).read_text())


@dsl.component
def fail(text: str) -> str:
    raise ValueError(text)


@dsl.component
def note(path: str, status: dsl.PipelineTaskFinalStatus) -> None:
    import json
    from pathlib import Path

    Path(path).write_text(json.dumps([status.state, status.pipeline_task_name, status.error_message]))


@dsl.pipeline
def quoted(text: str) -> str:
    with dsl.If(text == "it's"):
        first = say(text="quoted")
    with dsl.Elif(text == 'say "x"\n'):
        second = say(text="said")
    with dsl.Else():
        third = say(text="other")
    return dsl.OneOf(first.output, second.output, third.output)


@pytest.mark.parametrize(("text", "said"), [("it's", "quoted"), ('say "x"\n', "said"), ("its", "other")])
def test_conditions_on_texts_with_quotes(text: str, said: str) -> None:
    assert quoted(text=text).output == said


@dsl.pipeline
def one_of_artifacts(x: int) -> int:
    with dsl.If(x > 1):
        first = make(size=7)
    with dsl.Else():
        second = make(size=2)
    return size(data=dsl.OneOf(first.outputs["data"], second.outputs["data"])).output


def test_one_of_artifacts() -> None:
    assert [one_of_artifacts(x=2).output, one_of_artifacts(x=1).output] == [7, 2]


@dsl.pipeline
def over_a_named_output() -> str:
    with dsl.ParallelFor(lists().outputs["rows"]) as row, dsl.ParallelFor(row.many) as item:
        made = add(a=item, b=row.a)
    return show(values=dsl.Collected(made.output)).output


def test_a_loop_over_a_named_output_and_one_inside() -> None:
    assert over_a_named_output().output == "[[2, 3], [5]]"


@dsl.pipeline
def artifacts_of_loops() -> str:
    with dsl.ParallelFor([1, 2], parallelism=1) as one, dsl.ParallelFor([10, 20]) as two:
        made = make(size=add(a=one, b=two).output)
    return sizes(data=dsl.Collected(made.outputs["data"])).output


def test_artifacts_are_collected_in_order() -> None:
    assert artifacts_of_loops().output == "[11, 21, 12, 22]"


@dsl.pipeline
def guarded(path: str, text: str) -> None:
    last = note(path=path)
    with dsl.ExitHandler(last):
        say(text=fail(text=text).output)


def test_the_exit_task_sees_why_the_handler_failed(tmp_path: Path) -> None:
    task: Any = guarded(path=str(tmp_path / "status"), text="broken")
    assert task.state == "FAILED"
    state, name, message = json.loads((tmp_path / "status").read_text())
    assert (state, name) == ("FAILED", "exit-handler-1")
    assert message.endswith("ValueError: broken")


@dsl.pipeline
def imported(path: str) -> int:
    return size(data=dsl.importer(artifact_uri=path, artifact_class=Dataset).output).output


def test_an_imported_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("abc")
    assert imported(path=str(tmp_path / "data")).output == 3
