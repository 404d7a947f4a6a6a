"""The outputs expected here are those that upstream's executor writes for the same function and input."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kfp import dsl
from kfp.dsl import Artifact, Dataset, Input, InputPath, Metrics, Model, Output, OutputPath, PipelineTaskFinalStatus
from kfp.errors import RunError
from kfp.runtime.executor import execute
from kfp.runtime.signature import inspect_signature

Func = Callable[..., Any]


@pytest.fixture
def step(tmp_path: Path) -> Step:
    return Step(tmp_path)


class Step:
    """Runs functions on an executor input whose files lie below a directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.outputs: dict[str, Any] = {"outputFile": str(root / "out" / "executor_output.json")}
        self.inputs: dict[str, Any] = {}

    def values(self, **values: Any) -> Step:
        self.inputs["parameterValues"] = values
        return self

    def parameters(self, *names: str) -> Step:
        self.outputs["parameters"] = {name: {"outputFile": str(self.root / "p" / name)} for name in names}
        return self

    def artifact(self, name: str, title: str = "system.Dataset", **fields: Any) -> dict[str, Any]:
        type_ = {"schemaTitle": title}
        return {"name": f"artifacts/{name}", "type": type_, "uri": str(self.root / "a" / name), **fields}

    def takes(self, **artifacts: list[dict[str, Any]]) -> Step:
        self.inputs["artifacts"] = {name: {"artifacts": entries} for name, entries in artifacts.items()}
        return self

    def makes(self, *artifacts: dict[str, Any]) -> Step:
        self.outputs["artifacts"] = {Path(entry["uri"]).name: {"artifacts": [entry]} for entry in artifacts}
        return self

    def run(self, func: Func) -> dict[str, Any]:
        output = execute(inspect_signature(func), {"inputs": self.inputs, "outputs": self.outputs})
        written = json.loads(Path(self.outputs["outputFile"]).read_text())
        assert written == output
        return output


class Pair(NamedTuple):
    x: int
    y: str


class Both(NamedTuple):
    data: Dataset
    number: int


class Mine(Artifact):
    schema_title = "acme.Mine"
    schema_version = "1.0.0"


def nothing() -> None: ...


ARGUMENTS = [
    (int, 1.0, 1),
    (int, 7, 7),
    (float, 1, 1.0),
    (bool, True, True),
    (str, "x", "x"),
    (str, 5.0, "5"),
    (str, {"a": 1}, '{"a": 1}'),
    (list, [1.0, 2], [1.0, 2]),
    (list[int], [1.0, 2.0], [1, 2]),
    (dict[str, list[int]], {"a": [1.0]}, {"a": [1]}),
    (int | None, 3.0, 3),
    (int | None, None, None),
    (list[int | None] | None, [1.0, None], [1, None]),
    (dict[str, Any], {"a": 1.5}, {"a": 1.5}),
    (bool, 1.0, True),
    (str | None, [1], "[1]"),
    (str | None, None, None),
    (list[str], [["a"], 1, True, None, {"b": 1}, "c"], [["a"], 1, True, None, {"b": 1}, "c"]),
    (dict[str, str], {"a": [1.5], "b": 2}, {"a": [1.5], "b": 2}),
]


@pytest.mark.parametrize(("annotation", "given", "expected"), ARGUMENTS)
def test_values_get_the_annotated_type(step: Step, annotation: Any, given: Any, expected: Any) -> None:
    seen = []

    def component(a) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 -- set below
        seen.append(a)

    component.__annotations__ = {"a": annotation, "return": None}
    step.values(a=given).run(component)
    assert repr(seen) == repr([expected])


def test_defaults_stand_where_an_optional_input_is_absent(step: Step) -> None:
    seen: list[Any] = []

    def component(
        i: Input[Dataset] | None = None,
        many: Input[list[Model]] = None,  # type: ignore[assignment]  # an absent list
        a: int | None = None,
        b: int = 5,
        c: int = 6,
        d: str | None = "d",
    ) -> None:
        seen.append((i, many, a, b, c, d))

    step.values(c=None).run(component)
    assert seen == [(None, None, None, 5, 6, "d")]


def test_an_optional_annotation_without_default_gets_none(step: Step) -> None:
    seen = []

    def component(a: int | None) -> None:
        seen.append(a)

    step.run(component)
    assert seen == [None]


def test_a_missing_value_is_an_error(step: Step) -> None:
    def component(a: int) -> None: ...

    with pytest.raises(RunError, match="'component' got no value for its input 'a'"):
        step.run(component)


def single(annotation: Any, value: Any) -> Func:
    def component() -> Any:
        return value

    component.__annotations__ = {"return": annotation}
    return component


class Number:
    """A number of another library."""

    def __index__(self) -> int:
        return 4

    def __float__(self) -> float:
        return 4.0


@pytest.mark.parametrize(
    ("annotation", "value", "written"),
    [
        (int, 5, 5),
        (int, Number(), 4),
        (float, 1, 1.0),
        (float, Number(), 4.0),
        (bool, True, True),
        (str, 'é"\n', 'é"\n'),
        (dict, {"a": [1, 2.5, None]}, {"a": [1, 2.5, None]}),
        (list[int], [1, 2], [1, 2]),
        (int | None, 3, 3),
    ],
)
def test_a_returned_value(step: Step, annotation: Any, value: Any, written: Any) -> None:
    assert step.parameters("Output").run(single(annotation, value)) == {"parameterValues": {"Output": written}}


def test_none_leaves_an_optional_output_unset(step: Step) -> None:
    assert step.run(single(int | None, None)) == {}


@pytest.mark.parametrize(
    ("annotation", "value", "actual"),
    [
        (int, "x", "a value of type str"),
        (int, 1.0, "a value of type float"),
        (int, None, "None"),
        (float, "1", "a value of type str"),
        (bool, 1, "a value of type int"),
        (str, 3, "a value of type int"),
        (list, (1, 2), "a value of type tuple"),
        (dict, [], "a value of type list"),
    ],
)
def test_a_returned_value_of_the_wrong_type(step: Step, annotation: Any, value: Any, actual: str) -> None:
    expected = f"'component' returned {actual} for its output 'Output', which is declared as {annotation.__name__}"
    with pytest.raises(RunError, match=expected):
        step.run(single(annotation, value))


@pytest.mark.parametrize("value", [{"a": object()}, {"a": float("nan")}])
def test_a_returned_value_that_is_not_json(step: Step, value: Any) -> None:
    with pytest.raises(RunError, match="'component' returned a value of type dict for its output 'Output' that is not"):
        step.run(single(dict, value))


def test_a_value_that_nobody_declared(step: Step) -> None:
    with pytest.raises(RunError, match="returned a value of type int but declares no output"):
        step.run(single(None, 3))


@pytest.mark.parametrize("result", [Pair(1, "a"), (1, "a"), [1, "a"], {"x": 1, "y": "a"}])
def test_a_named_tuple(step: Step, result: Any) -> None:
    assert step.run(single(Pair, result)) == {"parameterValues": {"x": 1, "y": "a"}}


@pytest.mark.parametrize("result", [(1,), 3, None, {"x": 1}])
def test_not_the_named_tuple(step: Step, result: Any) -> None:
    with pytest.raises(RunError, match="in place of the NamedTuple of 2 outputs: x, y"):
        step.run(single(Pair, result))


def test_output_artifacts(step: Step) -> None:
    def component(data: Output[Dataset], metrics: Output[Metrics]) -> None:
        assert type(data) is Dataset
        assert data.metadata == {"q": 1}
        Path(data.path).write_text("x")
        data.metadata["rows"] = 3
        metrics.log_metric("accuracy", 1)
        metrics.uri = "gs://elsewhere/m"
        metrics.name = "renamed"

    output = step.makes(step.artifact("data", metadata={"q": 1}), step.artifact("metrics", "system.Metrics")).run(
        component
    )
    uri = str(step.root / "a" / "data")
    assert output["artifacts"] == {
        "data": {"artifacts": [{"name": "artifacts/data", "uri": uri, "metadata": {"q": 1, "rows": 3}}]},
        "metrics": {"artifacts": [{"name": "renamed", "uri": "gs://elsewhere/m", "metadata": {"accuracy": 1}}]},
    }
    assert Path(uri).read_text() == "x"


def test_a_custom_path_is_reported(step: Step) -> None:
    def component(o: Output[Model]) -> None:
        o.custom_path = "/mine"

    (entry,) = step.makes(step.artifact("o")).run(component)["artifacts"]["o"]["artifacts"]
    assert entry["custom_path"] == "/mine"


def test_returned_artifacts(step: Step) -> None:
    def component() -> Both:
        return Both(Dataset(uri=dsl.get_uri("d"), metadata={"a": 1}), 3)

    output = step.makes(step.artifact("data")).parameters("number").run(component)
    entry = {"name": "", "uri": str(step.root / "out" / "d"), "metadata": {"a": 1}}
    assert output == {"parameterValues": {"number": 3}, "artifacts": {"data": {"artifacts": [entry]}}}


@pytest.mark.parametrize(("value", "content"), [("text", b"text"), (3, b"3"), (b"\0", b"\0")])
def test_another_value_becomes_the_artifacts_content(step: Step, value: Any, content: bytes) -> None:
    step.makes(step.artifact("Output")).run(single(Dataset, value))
    assert (step.root / "a" / "Output").read_bytes() == content


def test_get_uri_is_remote_where_the_output_file_is_mounted(step: Step) -> None:
    seen = []

    def component() -> None:
        seen.append(dsl.get_uri())

    execute(inspect_signature(component), {"outputs": {"outputFile": str(step.root / "o.json")}})
    assert seen == [str(step.root / "Output")]


def test_the_launcher_says_where_the_outputs_go_in_the_end(step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KFP_TASK_ROOT", "s3://bucket/run/task/")
    seen: list[str] = []

    def component() -> Dataset:
        made = Dataset(uri=dsl.get_uri("a/d"))
        seen.append(made.path)
        other = Dataset()
        other.path = made.path
        seen.extend((other.uri, Dataset(uri="s3://bucket/run/other").path))
        return made

    output = step.run(component)
    out = str(step.root / "out")
    assert seen == [f"{out}/a/d", "s3://bucket/run/task/a/d", "/s3/bucket/run/other"]
    assert output["artifacts"]["Output"]["artifacts"][0]["uri"] == "s3://bucket/run/task/a/d"


def test_input_artifacts(step: Step) -> None:
    seen: list[Any] = []

    def component(
        a: Input[Artifact],
        b: Dataset,
        c: Input[Mine],
        many: Input[list[Model]],
        p: InputPath("Dataset"),  # type: ignore[valid-type]
    ) -> None:
        seen.extend((type(a), type(b), type(c), [(type(item), item.uri) for item in many], p, b.metadata))

    step.takes(
        a=[step.artifact("a", "system.Model")],
        b=[step.artifact("b", metadata={"m": 2})],
        c=[step.artifact("c", "acme.Mine")],
        many=[step.artifact("m1", "system.Model"), step.artifact("m2", "system.Model")],
        p=[step.artifact("p")],
    ).run(component)
    under = str(step.root / "a")
    assert seen == [Model, Dataset, Mine, [(Model, f"{under}/m1"), (Model, f"{under}/m2")], f"{under}/p", {"m": 2}]


def test_an_empty_list_of_artifacts(step: Step) -> None:
    seen = []

    def component(many: list[Model]) -> None:
        seen.append(many)

    step.takes(many=[]).run(component)
    assert seen == [[]]


def test_paths_in_place_of_values(step: Step) -> None:
    def component(
        a: InputPath(int),  # type: ignore[valid-type]
        o: OutputPath(int),  # type: ignore[valid-type]
        d: OutputPath("Dataset"),  # type: ignore[valid-type]
    ) -> None:
        Path(o).write_text(Path(a).read_text() + "0")
        Path(d).write_text("data")

    output = step.values(a=4.0).parameters("o").makes(step.artifact("d")).run(component)
    assert (step.root / "p" / "o").read_text() == "40"
    assert (step.root / "a" / "d").read_text() == "data"
    assert "parameterValues" not in output


@pytest.mark.parametrize(
    ("error", "expected"), [({"code": 3, "message": "boo"}, (3, "boo")), ({}, (None, None)), (None, (None, None))]
)
def test_final_status(step: Step, error: Any, expected: Any) -> None:
    seen = []

    def component(status: PipelineTaskFinalStatus) -> None:
        seen.append(status)

    status = {"state": "FAILED", "pipelineJobResourceName": "runs/1", "pipelineTaskName": "t", "error": error}
    step.values(status=status).run(component)
    assert seen == [PipelineTaskFinalStatus("FAILED", "runs/1", "t", *expected)]


def test_positional_only_parameters(step: Step) -> None:
    def component(a: int, /, b: int) -> int:
        return a - b

    assert step.values(a=5, b=3).run(component) == {"parameterValues": {"Output": 2}}


def test_outputs_need_a_file() -> None:
    with pytest.raises(RunError, match=r"no outputs\.outputFile"):
        execute(inspect_signature(single(int, 3)), {})
    assert execute(inspect_signature(nothing), {}) == {}
