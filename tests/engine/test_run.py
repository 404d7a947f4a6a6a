"""The loop, the plan and what flows through it, with an executor that runs nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kfp.engine.executors.fake import FakeExecutor
from kfp.engine.planning.planner import plan
from kfp.engine.records.recorder import NoRecorder
from kfp.engine.run import execute
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from kfp.engine.step import Step, StepEnd
from kfp.errors import ArgumentsError, RunError, SpecError
from tests.engine.conftest import Behaviour
from tests.engine.documents import Pipeline


def writes(value: object) -> Behaviour:
    """Write every output parameter's file as a container would."""

    def behave(step: Step) -> None:
        for output in json.loads(step.executor_input)["outputs"].get("parameters", {}).values():
            Path(output["outputFile"]).write_text(value if isinstance(value, str) else json.dumps(value))

    return behave


def says(**said: object) -> Behaviour:
    """Write the executor output as the SDK's executor would."""

    def behave(step: Step) -> None:
        Path(json.loads(step.executor_input)["outputs"]["outputFile"]).write_text(json.dumps(said))

    return behave


def single(kind: type = int, **rest: Any) -> Pipeline:
    pipeline = Pipeline()
    pipeline.container("make", {"image": "i", "command": ["make"]}, outputs={"out": kind}, **rest)
    pipeline.task("make")
    pipeline.output("out", kind, "make.out")
    return pipeline


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (int, "3", 3),
        (int, "3\n", 3),
        (float, "3", 3.0),
        (str, "3\n", "3\n"),
        (str, "", ""),
        (bool, "true", True),
        (bool, "False", False),
        (list, '[1, 2.5, "x"]', [1, 2.5, "x"]),
        (dict, '{"a": {"b": 1}}', {"a": {"b": 1}}),
    ],
)
def test_output_files_are_typed_as_declared(play: Any, kind: type, text: str, value: object) -> None:
    result, _ = play(single(kind), writes(text))
    assert result.error is None
    assert json.dumps(result.outputs) == json.dumps({"out": value})


@pytest.mark.parametrize(
    ("kind", "said", "value"), [(int, 3.0, 3), (list, [1, 2.0], [1, 2.0]), (str, {"a": 1}, '{"a": 1}')]
)
def test_the_executor_output_wins_over_files(play: Any, kind: type, said: object, value: object) -> None:
    def behave(step: Step) -> None:
        writes("not this")(step)
        says(parameterValues={"out": said})(step)

    result, _ = play(single(kind), behave)
    assert json.dumps(result.outputs) == json.dumps({"out": value})


@pytest.mark.parametrize(
    ("behave", "message"),
    [
        (lambda _: None, "without writing its output parameter 'out'"),
        (writes("many"), "'out' takes an integer"),
        (says(parameterValues={"out": "many"}), "'out' takes an integer"),
        (says(parameterValues=[1]), "'parameterValues' is not a JSON object"),
        (lambda _: StepEnd(error="it broke"), "it broke"),
    ],
)
def test_steps_that_end_badly(play: Any, behave: Behaviour, message: str) -> None:
    result, _ = play(single(), behave)
    assert result.state is State.FAILED
    assert result.tasks["make"].state is State.FAILED
    assert result.error is not None
    assert result.error.startswith("task 'make' failed\n")
    assert message in result.error


def test_artifacts_are_merged_with_what_the_step_said(play: Any, tmp_path: Path) -> None:
    pipeline = Pipeline("files")
    pipeline.container("make", {"image": "i"}, artifacts_out=("data", "plain"))
    pipeline.task("make")
    for name in ("data", "plain"):
        pipeline.output(name, None, f"make.{name}")
    told = {"artifacts": [{"name": "n", "uri": "gs://b/x", "metadata": {"rows": 3}}]}
    result, _ = play(pipeline, says(artifacts={"data": told}))
    assert result.outputs["data"] == {
        "name": "n", "uri": "gs://b/x", "metadata": {"rows": 3},
        "type": {"schemaTitle": "system.Dataset", "schemaVersion": "0.0.1"},
    }  # fmt: skip
    assert result.outputs["plain"]["uri"] == str(tmp_path / "root" / "files" / result.run_id / "make" / "plain")


def test_placeholders_in_commands(play: Any, tmp_path: Path) -> None:
    pipeline = Pipeline(inputs={"text": str, "number": int})
    pipeline.container(
        "say",
        {
            "image": "img:{{$.inputs.parameters['text']}}",
            "command": ["sh", "-c", "echo $0", '{"Concat": ["a", "{{$.inputs.parameters[\'text\']}}"]}'],
            "args": [
                '{"IfPresent": {"InputName": "text", "Then": ["--text", "{{$.inputs.parameters[\'text\']}}"]}}',
                '{"IfPresent": {"InputName": "more", "Then": ["--more"], "Else": ["--no-more"]}}',
                "{{$.inputs.parameters['number']}}/{{$.outputs.parameters['o'].output_file}}",
                "{{$.outputs.artifacts['d'].path}}",
                "{{$.pipeline_task_name}} {{$.workspace_path}}",
                "{{$.outputs.output_file}}",
            ],
            "env": [{"name": "A", "value": "{{$.inputs.parameters['number']}}"}],
        },
        inputs={"text": str, "number": int, "more": {"parameterType": "STRING", "isOptional": True}},
        outputs={"o": str},
        artifacts_out=("d",),
    )
    pipeline.task("say", inputs={"text": "$text", "number": "$number"})
    nasty = '{"IfPresent": 1} "quoted" {{$.pipeline_job_name}}'
    result, executor = play(pipeline, writes("x"), {"text": nasty, "number": 3})
    (step,) = executor.steps
    assert result.state is State.SUCCEEDED
    assert step.image == f"img:{nasty}"
    assert step.command == ("sh", "-c", "echo $0", f"a{nasty}")
    paths = step.paths
    assert step.args == (
        "--text", nasty, "--no-more", f"3/{paths.parameter('o')}", str(paths.artifact("d")),
        f"say {tmp_path / 'work'}", str(paths.executor_output),
    )  # fmt: skip
    assert step.environment == {"A": "3"}


def test_task_names_cannot_leave_the_run_directory(play: Any, tmp_path: Path) -> None:
    pipeline = Pipeline("../../up")
    pipeline.container("make", {"image": "i"}, outputs={"../../o": str}, artifacts_out=("/etc/d", ".."))
    pipeline.task("../../../t", "make")
    result, executor = play(pipeline, writes("x"))
    assert result.state is State.SUCCEEDED
    told = json.loads(executor.steps[0].executor_input)["outputs"]
    paths = [each["outputFile"] for each in told["parameters"].values()]
    paths += [each["artifacts"][0]["uri"] for each in told["artifacts"].values()]
    assert len(set(paths)) == 3
    assert all(Path(path).resolve().is_relative_to(tmp_path) for path in paths)


def test_defaults_and_absent_options(play: Any) -> None:
    pipeline = Pipeline(inputs={"given": {"parameterType": "NUMBER_INTEGER", "isOptional": True}})
    optional = {"parameterType": "NUMBER_INTEGER", "isOptional": True}
    pipeline.container(
        "make", {"image": "i"},
        inputs={"given": optional, "unset": optional, "preset": {**optional, "defaultValue": 3.0}},
    )  # fmt: skip
    pipeline.task("make", inputs={"given": "$given"})
    _, executor = play(pipeline, writes("x"))
    assert json.loads(executor.steps[0].executor_input)["inputs"] == {"parameterValues": {"preset": 3}}


def test_arguments_are_checked_before_anything_starts(play: Any) -> None:
    pipeline = single()
    pipeline.data["root"]["inputDefinitions"] = {"parameters": {"x": {"parameterType": "NUMBER_INTEGER"}}}
    for arguments in ({}, {"x": "many"}, {"x": 1, "z": 2}):
        with pytest.raises(ArgumentsError):
            play(pipeline, writes("1"), arguments)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data["root"].pop("dag"), "DAG"),
        (lambda data: data["root"]["dag"]["tasks"]["make"].update(dependentTasks=["nobody"]), "nobody"),
        (lambda data: data["root"]["dag"]["tasks"]["make"].update(dependentTasks=["make"]), "make"),
        (lambda data: data["root"]["dag"]["tasks"]["make"]["componentRef"].update(name="comp-none"), "comp-none"),
        (lambda data: data["deploymentSpec"]["executors"].clear(), "exec-make"),
        (
            lambda data: data["components"]["comp-make"].update(dag={"tasks": dict(data["root"]["dag"]["tasks"])}),
            "comp-make",
        ),
    ],
)
def test_references_that_lead_nowhere(change: Callable[[Any], Any], message: str) -> None:
    import msgspec

    from kfp.ir.spec import PipelineSpec

    pipeline = single()
    change(pipeline.data)
    spec = msgspec.convert(pipeline.data, PipelineSpec)  # without the checks of a document that is read from a file
    with pytest.raises((RunError, SpecError), match=message):
        plan(spec)


def test_settings_of_platforms_are_said_to_do_nothing(tmp_path: Path) -> None:
    from kfp.engine import events

    spec = single().document().spec
    on_kubernetes = {"nodeSelector": {"labels": {"a": "b"}}, "tolerations": [{}], "imagePullPolicy": "Always"}
    added = {"kubernetes": on_kubernetes, "mars": {"crew": 3}}
    planned = plan(spec, {name: _platform(settings) for name, settings in added.items()})
    told: list[events.Event] = []
    executor = FakeExecutor(lambda step: writes("1")(step) or StepEnd())
    settings = RunSettings(home=tmp_path)
    execute(planned, {}, executor, settings=settings, on_event=told.append, recorder=NoRecorder())
    (notice,) = [each.message for each in told if isinstance(each, (events.TaskNotice, events.RunNotice))]
    assert notice == (
        "these settings do nothing on this machine: add_node_selector (of make); add_toleration (of make); "
        "set_image_pull_policy (of make); all of platform 'mars' (of make)"
    )


def _platform(settings: dict[str, Any]) -> Any:
    import msgspec

    from kfp.ir.spec import SinglePlatformSpec

    return msgspec.convert({"deploymentSpec": {"executors": {"exec-make": settings}}}, SinglePlatformSpec)
