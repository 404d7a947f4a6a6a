"""Whether a task runs at all: its trigger policy's condition, evaluated on its inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.errors import RunError, SpecError
from kfp.ir.expressions import Expression, parse_expression
from kfp.ir.values import coerce

if TYPE_CHECKING:
    from kfp.engine.flow.values import Values
    from kfp.engine.planning.plan import Task
    from kfp.ir.spec import PipelineTaskSpec


def read_condition(name: str, spec: PipelineTaskSpec) -> Expression | None:
    """Return a task's condition, None where it has none.

    Args:
        name: the task's name, for errors.
        spec: the task (`PipelineTaskSpec.TriggerPolicy`).

    Raises:
        SpecError: the condition is not an expression.
    """
    if spec.trigger_policy is None or not spec.trigger_policy.condition:
        return None
    try:
        return parse_expression(spec.trigger_policy.condition)
    except SpecError as error:
        raise SpecError(
            f"the condition of task {name!r}: {error.message}",
            hint="a quote inside a text is written \\'; compile the pipeline again with this `kfp`, which does that",
        ) from None


def holds(task: Task, condition: Expression, inputs: Values) -> bool:
    """Return whether a task's condition holds.

    Args:
        task: the task, whose component declares the inputs' types: what is STRING there is text in the condition.
        condition: its condition.
        inputs: its inputs.

    Raises:
        RunError: the condition cannot be evaluated, or is neither true nor false.
    """
    name, declared = task.name, task.component.input_definitions.parameters
    texts = {
        key: coerce(value, "STRING")
        for key, value in inputs.parameters.items()
        if not isinstance(value, str) and key in declared and declared[key].parameter_type == "STRING"
    }
    variables = {
        "parameter_values": {**inputs.parameters, **texts},
        "artifacts": {
            key: {"artifacts": [each.to_json() for each in group]} for key, group in inputs.artifacts.items()
        },
    }
    try:
        value = condition.evaluate({"inputs": variables})
    except RunError as error:
        raise RunError(f"the condition of task {name!r}: {error}") from None
    if not isinstance(value, bool):
        raise RunError(f"the condition of task {name!r} is neither true nor false: {condition.text}")
    return value
