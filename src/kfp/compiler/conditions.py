"""Conditions of `dsl.If` as the CEL expressions of trigger policies.

Integers are written `int(...)`, because a PipelineSpec's numbers are doubles to the backend; when one side is a double,
the integer on the other becomes one. What is compared with text becomes text.
"""

from __future__ import annotations

from kfp.compiler.wiring import Wiring
from kfp.dsl.conditions import ConditionGroup
from kfp.dsl.pipeline_channel import Comparison, PipelineChannel

_TEXT, _INTEGER, _DOUBLE, _BOOL = "STRING", "NUMBER_INTEGER", "NUMBER_DOUBLE", "BOOLEAN"


def condition(group: ConditionGroup, wiring: Wiring) -> str:
    """Return the expression that decides whether a group's tasks run: no branch before did, and its own holds."""
    refused = [f"!({_comparison(item, group, wiring)})" for item in group.refused]
    own = [] if group.comparison is None else [_comparison(group.comparison, group, wiring)]
    return " && ".join(refused + own)


def _comparison(comparison: Comparison, group: ConditionGroup, wiring: Wiring) -> str:
    left, right = comparison.left, comparison.right
    kinds = {_kind(left), _kind(right)}
    kind = next((kind for kind in (_TEXT, _DOUBLE) if kind in kinds and len(kinds) > 1), "")
    sides = [_operand(side, kind, group, wiring) for side in (left, right)]
    return f"{sides[0]} {comparison.operator} {sides[1]}"


def _kind(operand: object) -> str | None:
    if isinstance(operand, PipelineChannel):
        return operand.type
    kinds: dict[type, str] = {bool: _BOOL, int: _INTEGER, float: _DOUBLE}
    return kinds.get(type(operand), _TEXT)


def _operand(operand: object, kind: str, group: ConditionGroup, wiring: Wiring) -> str:
    """Return one side, converted to a kind where the sides differ."""
    if not isinstance(operand, PipelineChannel):
        if kind == _TEXT:
            return _quoted(_literal(operand) if isinstance(operand, bool) else str(operand))
        if kind == _DOUBLE and type(operand) is int:
            return f"double({operand})"
        return _quoted(operand) if isinstance(operand, str) else _literal(operand)
    text = f"inputs.parameter_values['{wiring.take(operand, group)}']"
    if operand.type == _INTEGER:
        text = f"int({text})"
    if kind == _TEXT and operand.type != _TEXT:
        return f"string({text})"
    if kind == _DOUBLE and operand.type == _INTEGER:
        return f"double({text})"
    return text


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"
