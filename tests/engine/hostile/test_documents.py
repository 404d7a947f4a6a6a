"""Documents that would never end, or make no sense: an error that says where; pytest's own timeout is the judge."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from kfp.engine.states import State
from kfp.errors import SkiffError, SpecError
from kfp.ir.files import loads
from tests.engine.conftest import computes
from tests.engine.documents import Pipeline


def nested(depth: int, width: int = 1) -> Pipeline:
    """DAGs inside of DAGs, each with some tasks of the next."""
    pipeline = Pipeline()
    pipeline.container("leaf", {"image": "i"})
    for level in range(depth):
        component = pipeline.component(f"level-{level}", {}, {}, dag={"tasks": {}})
        for number in range(width):
            inner = f"level-{level + 1}" if level + 1 < depth else "leaf"
            pipeline.task(f"t{number}", inner, within=component)
    pipeline.task("top", "level-0")
    return pipeline


def test_sixty_dags_inside_of_each_other_run(play: Any) -> None:
    result, executor = play(nested(60), lambda _: None)
    assert (result.state, len(executor.steps)) == (State.SUCCEEDED, 1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nested(70), "nested more than 64 deep"),
        (lambda: nested(1000), "nested more than 64 deep"),
        (lambda: nested(40, width=2), "opens into more than 1,000,000 tasks"),
    ],
    ids=["70 deep", "1000 deep", "2 to the 40"],
)
def test_documents_that_would_never_end(play: Any, make: Callable[[], Pipeline], message: str) -> None:
    with pytest.raises(SkiffError, match=message):
        play(make(), lambda _: None)


def changed(change: Callable[[dict[str, Any]], Any]) -> str:
    pipeline = Pipeline(inputs={"x": int})
    pipeline.container("make", {"image": "i"}, inputs={"x": int}, outputs={"o": int})
    pipeline.task("make", inputs={"x": "$x"})
    pipeline.task("next", "make", inputs={"x": "@make.o"})
    pipeline.output("o", int, "next.o")
    change(pipeline.data)
    return json.dumps(pipeline.data)


TASKS = ("root", "dag", "tasks")


def at(data: dict[str, Any], *way: str) -> Any:
    for key in way:
        data = data[key]
    return data


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: at(data, *TASKS, "next", "inputs", "parameters", "x").update(taskOutputParameter={}), "next"),
        (
            lambda data: at(data, *TASKS, "next", "inputs", "parameters", "x", "taskOutputParameter").update(
                producerTask="nobody"
            ),
            "nobody",
        ),
        (
            lambda data: at(data, *TASKS, "next", "inputs", "parameters", "x", "taskOutputParameter").update(
                outputParameterKey="nothing"
            ),
            "nothing",
        ),
        (lambda data: at(data, *TASKS, "make").update(dependentTasks=["next"]), "wait for each other"),
        (lambda data: at(data, *TASKS, "make").update(dependentTasks=["make"]), "make"),
        (lambda data: at(data, *TASKS, "make", "componentRef").update(name="root"), "root"),
        (lambda data: at(data, "components", "comp-make").pop("executorLabel"), "executor"),
        (
            lambda data: at(data, "components", "comp-make").update(dag={"tasks": {"t": at(data, *TASKS, "make")}}),
            "comp-make",
        ),
        (lambda data: at(data, "deploymentSpec", "executors", "exec-make").clear(), "make"),
        (
            lambda data: at(data, "deploymentSpec", "executors", "exec-make").update(importer={"artifactUri": {}}),
            "exec-make",
        ),
        (lambda data: at(data, *TASKS, "make").update(triggerPolicy={"strategy": "SOMETIMES"}), "strategy"),
        (lambda data: at(data, *TASKS, "make").update(retryPolicy={"maxRetryCount": "many"}), "maxRetryCount"),
        (lambda data: data["root"].pop("dag"), "root"),
        (lambda data: data.pop("root"), "root"),
        (lambda data: data["root"]["dag"]["outputs"]["parameters"]["o"].clear(), "o"),
        (lambda data: data.update(schemaVersion="99.0.0"), "schemaVersion"),
        (lambda data: data.update(somethingElse={"a": 1}), "somethingElse"),
        (lambda data: at(data, *TASKS, "make").update(iteratorPolicy={"parallelismLimit": -5}), None),
    ],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_documents_that_make_no_sense(play: Any, change: Callable[[dict[str, Any]], Any], message: str | None) -> None:
    text = changed(change)

    class Changed(Pipeline):
        def document(self) -> Any:
            return loads(text)

    def run() -> Any:
        return play(Changed(), computes(lambda _, inputs: {"o": inputs["x"] + 1}), {"x": 1})[0]

    if message is None:
        assert run().outputs == {"o": 3}
    else:
        with pytest.raises(SkiffError) as caught:
            run()
        assert message in str(caught.value)


def test_a_key_that_is_there_twice() -> None:
    with pytest.raises(SpecError, match=r"twice|duplicate"):
        loads('{"pipelineInfo": {"name": "a", "name": "b"}, "root": {"dag": {"tasks": {}}}}')
