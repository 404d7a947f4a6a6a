"""Binds a task's inputs: from its DAG's inputs, from other tasks' outputs, from constants, from defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from kfp.engine.flow.final_status import final_status
from kfp.engine.flow.references import input_reference
from kfp.engine.flow.selectors import select
from kfp.engine.flow.values import Artifact, Values
from kfp.errors import RunError
from kfp.ir.placeholders import parse, resolve_value
from kfp.ir.values import as_go_writes, coerce

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.engine.flow.final_status import Ending
    from kfp.engine.planning.plan import Task
    from kfp.ir.placeholders import Resolve
    from kfp.ir.spec import InputArtifactSpec, InputParameterSpec, Json

MISSING = object()
"""Where there is no value."""

_CHANNEL = "pipelinechannel--"
"""Begins the inputs that compilers give to the groups of a pipeline. The component at the end of the way says what such
a value is, for a group calls STRING what it knows no type of, such as the items of a loop; and whether there must be
one, for upstream gives groups inputs that nothing in them uses, and that come from nowhere."""


def bind_inputs(
    task: Task,
    around: Values,
    by_task: Mapping[str, Values],
    endings: Mapping[str, Ending],
    constants: Mapping[str, str],
) -> Values:
    """Return the inputs of a task that is about to run.

    Args:
        task: the task.
        around: the inputs of the DAG that it belongs to.
        by_task: the outputs of that DAG's tasks that have succeeded.
        endings: how that DAG's tasks have ended.
        constants: what placeholders that are names on their own stand for.

    Returns:
        A value of its declared type for every input that has one. An optional input without a value and without a
        default is left out, so that the function's own default applies. So is the item of a loop.

    Raises:
        RunError: an input has no value, or one of another type.
    """
    parameters: dict[str, Any] = {}
    artifacts: dict[str, tuple[Artifact, ...]] = {}
    later: dict[str, Any] = {}
    for name, artifact_source in task.spec.inputs.artifacts.items():
        group = _artifact(artifact_source, around, by_task)
        if group is not None:
            artifacts[name] = group
    for name, source in task.spec.inputs.parameters.items():
        constant = as_go_writes(source.runtime_value.constant) if source.runtime_value else UNSET
        if constant is not UNSET and _has_placeholder(constant):
            later[name] = constant
            continue
        if source.task_final_status is not None:
            job = constants["pipeline_job_resource_name"]
            parameters[name] = final_status(source.task_final_status.producer_task, endings, job)
            continue
        value = constant if constant is not UNSET else source_value(source, around, by_task)
        if value is not MISSING and name in task.selectors:
            value = select(task.name, name, task.selectors[name], value)
        if value is not MISSING:
            parameters[name] = value
    # A constant may speak of the other inputs, never of another constant that does the same.
    resolve = input_reference(constants, Values(dict(parameters), dict(artifacts)))
    for name, constant in later.items():
        parameters[name] = resolve_value(constant, resolve)
    if task.component.task_config_passthroughs:
        _configure(task, parameters, resolve)
    _complete(task, parameters, artifacts, task.iterator.item if task.iterator is not None else None)
    return Values(parameters, artifacts)


def _configure(task: Task, parameters: dict[str, Any], resolve: Resolve) -> None:
    """Put the task's own settings in, where its component wants to know them."""
    from kfp.engine.flow.task_config import TASK_CONFIG, task_config  # noqa: PLC0415 - few components do

    for name, definition in task.component.input_definitions.parameters.items():
        if definition.parameter_type == TASK_CONFIG and name not in parameters:
            parameters[name] = task_config(task, resolve)


def _complete(
    task: Task, parameters: dict[str, Any], artifacts: Mapping[str, tuple[Artifact, ...]], item: str | None
) -> None:
    """Put defaults in, type every parameter as declared, and refuse what is missing; a loop's item comes later."""
    declared = task.component.input_definitions
    for name, definition in declared.parameters.items():
        if parameters.get(name) is None:
            parameters.pop(name, None)
            if definition.default_value is not UNSET and definition.default_value is not None:
                parameters[name] = as_go_writes(definition.default_value)
        if name in parameters:
            parameters[name] = as_declared(task, name, parameters[name], f"input {name!r} of task {task.name!r}")
        elif not (definition.is_optional or name == item or _is_passed_on(task, name)):
            raise RunError(f"input {name!r} of task {task.name!r} has no value")
    for name, artifact in declared.artifacts.items():
        if name not in artifacts and not (artifact.is_optional or name == item or _is_passed_on(task, name)):
            raise RunError(f"input artifact {name!r} of task {task.name!r} is not there")


def as_declared(task: Task, name: str, value: Json, what: str) -> Json:
    """Return a value as the type of a task's input has it.

    Args:
        task: the task.
        name: the input.
        value: the value.
        what: how an error calls it.

    Raises:
        ArgumentsError: the value is not of the type.
    """
    definition = task.component.input_definitions.parameters.get(name)
    kind = definition.parameter_type or definition.type if definition is not None else None
    if kind == "STRING" and _is_passed_on(task, name):
        kind = None
    return coerce(value, kind, what=what)


def _is_passed_on(task: Task, name: str) -> bool:
    """Tell whether an input is one that a compiler gave to a group."""
    return task.dag is not None and name.startswith(_CHANNEL)


def source_value(source: InputParameterSpec, around: Values, by_task: Mapping[str, Values]) -> Json:
    """Return the value that a parameter comes from, as it is there; MISSING where there is none.

    Args:
        source: says where.
        around: the inputs of the DAG.
        by_task: the outputs of the DAG's tasks that have succeeded.
    """
    if source.component_input_parameter is not None:
        return around.parameters.get(source.component_input_parameter, MISSING)
    if source.task_output_parameter:
        origin = source.task_output_parameter
        return by_task.get(origin.producer_task, Values()).parameters.get(origin.output_parameter_key, MISSING)
    if source.runtime_value and source.runtime_value.runtime_parameter:
        return around.parameters.get(source.runtime_value.runtime_parameter, MISSING)
    if source.runtime_value and source.runtime_value.constant_value:
        old = source.runtime_value.constant_value
        given = (old.int_value, old.double_value, old.string_value)
        return next((value for value in given if value is not None), MISSING)
    return MISSING


def _artifact(source: InputArtifactSpec, around: Values, by_task: Mapping[str, Values]) -> tuple[Artifact, ...] | None:
    if source.component_input_artifact is not None:
        return around.artifacts.get(source.component_input_artifact)
    if source.task_output_artifact:
        origin = source.task_output_artifact
        return by_task.get(origin.producer_task, Values()).artifacts.get(origin.output_artifact_key)
    return None


def _has_placeholder(value: Json) -> bool:
    if isinstance(value, str):
        return "{{$" in value and any(not isinstance(part, str) for part in parse(value))
    if isinstance(value, dict):
        return any(_has_placeholder(item) for item in value.values())
    return isinstance(value, (list, tuple)) and any(_has_placeholder(item) for item in value)
