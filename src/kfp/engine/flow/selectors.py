"""Parts of values: an input that takes `parseJson(string_value)["key"]` of its source, not all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.errors import RunError, SpecError
from kfp.ir.expressions import Expression, parse_expression

if TYPE_CHECKING:
    from kfp.ir.spec import Json, PipelineTaskSpec


def read_selectors(task: str, spec: PipelineTaskSpec) -> dict[str, Expression]:
    """Return the expressions that pick a part of a source's value, by the name of the input.

    Args:
        task: the task's name, for errors.
        spec: the task (`InputParameterSpec.parameter_expression_selector`).

    Raises:
        SpecError: one is not an expression.
    """
    found: dict[str, Expression] = {}
    for name, source in spec.inputs.parameters.items():
        if not source.parameter_expression_selector:
            continue
        try:
            found[name] = parse_expression(source.parameter_expression_selector)
        except SpecError as error:
            raise SpecError(f"input {name!r} of task {task!r}: {error}") from None
    return found


def select(task: str, name: str, selector: Expression, value: Json) -> Json:
    """Return a part of a value.

    Args:
        task: the task's name, for errors.
        name: the input's name, for errors.
        selector: says which part; `string_value` stands for the value.
        value: the source's value: JSON, or its text.

    Raises:
        RunError: the value has no such part.
    """
    try:
        return selector.evaluate({"string_value": value})
    except RunError as error:
        raise RunError(f"input {name!r} of task {task!r}: {error}") from None
