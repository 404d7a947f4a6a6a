"""What a task's settings for Kubernetes give its step: variables and a limit of time; and what is not there to give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kfp.engine.platforms.fields import field_value
from kfp.engine.platforms.named import FILES, OPTIONS, TITLES, Named, variable
from kfp.engine.step import Hidden
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kfp.engine.platforms.reading import Kind, Settings


class Given(msgspec.Struct, frozen=True):
    """The variables of a step: those that everybody may see, and the secret ones."""

    environment: dict[str, str]
    secrets: Hidden


def give(settings: Settings, named: Mapping[Kind, Named], task: str, step_id: str) -> Given:
    """Return the variables that a step gets.

    Args:
        settings: the task's, with every name known.
        named: the values of secrets and ConfigMaps.
        task: the task, for errors.
        step_id: names the attempt.

    Raises:
        RunError: a value that is not optional is not there.
    """
    require(settings, named, task)
    given: dict[Kind, dict[str, str]] = {"secret": {}, "configMap": {}}
    for each in settings.variables:
        for key, name in each.keys:
            value = named[each.kind].value(each.name.text or "", key)
            if value is not None:
                given[each.kind][name] = value
    fields = {name: field_value(path, settings, step_id) for name, path in settings.fields.items()}
    return Given({**given["configMap"], **fields}, Hidden(given["secret"]))


def require(settings: Settings, named: Mapping[Kind, Named], task: str) -> None:
    """Refuse what is not there, as far as names are known.

    Raises:
        RunError: a value that is not optional is not there, or a pod has no such field.
    """
    for kind, name, key in _wanted(settings):
        store = named[kind]
        if (store.all(name) if key is None else store.value(name, key)) is None:
            of = f"the {TITLES[kind]} {name!r}" if key is None else f"key {key!r} of the {TITLES[kind]} {name!r}"
            single = f"set {variable(kind, name, key)}" if key is not None else f"set {variable(kind, name)} (JSON)"
            raise RunError(
                f"task {task!r} takes {of}, which this run is not given",
                hint=f"name a file that has it ({OPTIONS[kind]} FILE, or {FILES[kind]}), or {single}",
            )
    for path in settings.fields.values():
        field_value(path, settings, "run/task/1")


def _wanted(settings: Settings) -> Iterator[tuple[Kind, str, str | None]]:
    """Yield what must be there: kind, name, and key; None is the whole."""
    for each in settings.variables:
        if not each.optional and each.name.text is not None:
            for key, _ in each.keys:
                yield each.kind, each.name.text, key
    for volume in settings.files:
        if not volume.optional and volume.name.text is not None:
            yield volume.kind, volume.name.text, None
