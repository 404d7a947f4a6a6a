"""What the `{{$...}}` placeholders of a run refer to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kfp.engine.addresses import is_elsewhere
from kfp.engine.flow.values import Artifact, Values
from kfp.errors import RunError

if TYPE_CHECKING:
    from kfp.ir.placeholders import Placeholder
    from kfp.ir.spec import Json

NO_WORKSPACE = "give the pipeline one (pipeline_config=dsl.PipelineConfig(workspace=…)), or local.init a workspace_root"
_NAMED = 3  # steps that lead to an input or output: ("inputs", "parameters", "x")


class RunConstants(msgspec.Struct, frozen=True):
    """What is the same for every task of a run.

    Args:
        run_id: the run's identifier.
        run_name: the name that the run is listed under.
        created: when the run was created, UTC, as RFC 3339 text.
        pipeline_root: the run's own directory of artifacts, a path or a URI.
        workspace: the directory that the steps of a run share, None where there is none.
    """

    run_id: str
    run_name: str
    created: str
    pipeline_root: str
    workspace: Path | None = None

    def of_task(self, task: str, task_id: str) -> Mapping[str, str]:
        """Return the values of the placeholders that are names on their own, for one task."""
        constants = {
            "pipeline_job_name": self.run_name,
            "pipeline_job_resource_name": self.run_name,
            "pipeline_job_uuid": self.run_id,
            "pipeline_job_create_time_utc": self.created,
            "pipeline_job_schedule_time_utc": self.created,
            "pipeline_task_name": task,
            "pipeline_task_uuid": task_id,
            "pipeline_root": self.pipeline_root,
        }
        if self.workspace is not None:
            constants["workspace_path"] = str(self.workspace)
        return constants


def input_reference(constants: Mapping[str, str], inputs: Values) -> Callable[[Placeholder], Any]:
    """Return what resolves the placeholders in a task's constant inputs.

    What only looks like one, such as a variable of another template language, stays text, as in KFP.

    Args:
        constants: of the task.
        inputs: those of the task's inputs that are bound already.
    """

    def resolve(placeholder: Placeholder) -> Json:
        steps = placeholder.steps
        if len(steps) == 1 and steps[0] in constants:
            return constants[steps[0]]
        if steps[:2] == ("inputs", "parameters") and len(steps) == _NAMED:
            return _parameter(inputs, steps[2])
        if steps[:2] == ("inputs", "artifacts") and len(steps) >= _NAMED:
            return _artifact(inputs.artifacts.get(steps[2]), "input", steps[2], steps[3:])
        if steps == ("workspace_path",):
            raise RunError("this run has no workspace", hint=NO_WORKSPACE)
        return placeholder.text

    return resolve


def step_reference(
    constants: Mapping[str, str], inputs: Values, told: Mapping[str, Any], text: str
) -> Callable[[Placeholder], Any]:
    """Return what resolves the placeholders in a step's image, command, arguments and environment.

    Args:
        constants: of the task.
        inputs: the task's inputs.
        told: the step's executor input.
        text: the same as JSON text, for `{{$}}`.
    """
    resolve_input = input_reference(constants, inputs)
    outputs = told["outputs"]

    def resolve(placeholder: Placeholder) -> Json:
        steps = placeholder.steps
        if not steps:
            return text
        if steps[0] != "outputs":
            return resolve_input(placeholder)
        if steps == ("outputs", "output_file"):
            return outputs["outputFile"]
        if len(steps) < _NAMED or steps[2] not in outputs.get(steps[1], {}):
            raise RunError(f"the placeholder {_show(steps)} means nothing here")
        named, rest = outputs[steps[1]][steps[2]], steps[_NAMED:]
        if steps[1] == "parameters" and rest == ("output_file",):
            return named["outputFile"]
        if steps[1] == "artifacts":
            group = tuple(Artifact.from_json(each) for each in named["artifacts"])
            return _artifact(group, "output", steps[2], rest)
        raise RunError(f"the placeholder {_show(steps)} means nothing here")

    return resolve


def _parameter(inputs: Values, name: str) -> Json:
    if name not in inputs.parameters:
        raise RunError(f"the placeholder {_show(('inputs', 'parameters', name))} refers to an input that has no value")
    return inputs.parameters[name]


def _artifact(group: tuple[Artifact, ...] | None, side: str, name: str, rest: Sequence[str]) -> Json:
    if not group:
        raise RunError(f"a placeholder refers to the {side} artifact {name!r}, which is not there")
    first = group[0]
    if not rest:
        return first.to_json()
    if rest[0] == "metadata":
        if len(rest) == 1:
            return dict(first.metadata)
        return first.metadata.get(rest[1], "")
    if len(rest) == 1 and rest[0] == "uri":
        return first.uri
    if len(rest) == 1 and rest[0] == "path":
        return first.path
    if len(rest) == 1 and rest[0] == "value":
        if is_elsewhere(first.uri) and not Path(first.path).exists():
            raise RunError(
                f"a placeholder asks for the content of the {side} artifact {name!r}, which is not on this machine yet",
                hint="give the command its path in place of its value",
            )
        return Path(first.path).read_text("utf-8")
    raise RunError(f"a placeholder asks for {rest[0]!r} of the artifact {name!r}; there is uri, path, value, metadata")


def _show(steps: Sequence[str]) -> str:
    head = "".join(f".{step}" for step in steps[:2])
    return "{{$" + head + "".join(f"['{step}']" for step in steps[2:]) + "}}"
