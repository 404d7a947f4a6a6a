"""Puts values into what a task says for Kubernetes: names that come from parameters, when its inputs are bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from kfp.engine.flow.inputs import MISSING, source_value
from kfp.engine.flow.selectors import select
from kfp.engine.platforms.reading import Claim, Files, Name, Variables
from kfp.errors import RunError
from kfp.ir.expressions import parse_expression

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.engine.flow.values import Values
    from kfp.engine.platforms.reading import Settings
    from kfp.ir.spec import InputParameterSpec, Json

_Named = TypeVar("_Named", Variables, Files, Claim)


def bind_settings(task: str, settings: Settings, around: Values, by_task: Mapping[str, Values]) -> Settings:
    """Return the settings of a task that is about to run, with every name known.

    Args:
        task: the task's name, for errors.
        settings: as they were read.
        around: the inputs of the DAG that the task belongs to.
        by_task: the outputs of that DAG's tasks that have succeeded.

    Raises:
        RunError: a name has no value, or one that is no text.
    """
    if all(name.text is not None for name in settings.names()):
        return settings

    def bound(each: _Named) -> _Named:
        return replace(each, name=Name(text=_text(task, each.name, around, by_task)))

    return replace(
        settings,
        variables=tuple(map(bound, settings.variables)),
        files=tuple(map(bound, settings.files)),
        claims=tuple(map(bound, settings.claims)),
    )


def _text(task: str, name: Name, around: Values, by_task: Mapping[str, Values]) -> str:
    if name.text is not None or name.source is None:
        return name.text or ""
    value = chosen_value(task, name.source, around, by_task)
    if not isinstance(value, str) or not value:
        said = "nothing" if value is MISSING else msgspec.json.encode(value).decode()
        raise RunError(f"task {task!r}: the name of a secret, ConfigMap or volume claim is {said}, not a text")
    return value


def chosen_value(task: str, source: InputParameterSpec, around: Values, by_task: Mapping[str, Values]) -> Json:
    """Return the value of a parameter, or the part of it that its selector chooses; MISSING where there is none.

    Args:
        task: the task's name, for errors.
        source: says where the value comes from.
        around: the inputs of the DAG that the task belongs to.
        by_task: the outputs of that DAG's tasks that have succeeded.

    Raises:
        RunError: it has no such part.
    """
    if source.runtime_value is not None and source.runtime_value.constant is not UNSET:
        return source.runtime_value.constant
    value = source_value(source, around, by_task)
    selector = source.parameter_expression_selector
    return value if value is MISSING or not selector else select(task, "name", parse_expression(selector), value)
