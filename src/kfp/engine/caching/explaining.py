"""Why a step is not the same as one that ran before, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kfp.engine.caching.entry import Part

NEVER = "never run before"
_OWN = "cache key"
_TOLD = 3
_CHANGES = {
    "code": "the component's code changed",
    "packages": "the component's packages changed",
    "source": "the component's source directory changed",
    "image": "the component's image changed",
    "image content": "what is in the component's image changed",
    "command": "the component's command changed",
    "arguments": "the component's arguments changed",
    "inputs": "the component declares other inputs",
    "outputs": "the component declares other outputs",
    "variables": "the task's environment variables changed",
    "volumes": "the step's volumes changed",
    _OWN: "the task's cache key changed",
    "pipeline": "the pipeline's name changed",
}
_ORDER = tuple(_CHANGES)


def nearest(parts: Sequence[Part], others: Iterable[Sequence[Part]]) -> Sequence[Part] | None:
    """Return the parts of the step that differs least, the first one of several."""
    return min(others, key=lambda other: len(_differences(other, parts)), default=None)


def explain(before: Sequence[Part], now: Sequence[Part]) -> str:
    """Tell what differs between a step that ran and one that is about to."""
    names = _differences(before, now)
    old, new = {part.name: part for part in before}, {part.name: part for part in now}
    if (_OWN in old) != (_OWN in new):
        return f"the task has {'a' if _OWN in new else 'no'} cache key of its own now"
    if "packages" in names:  # they stand in the command
        names.discard("command")
    told = [_change(name, old.get(name), new.get(name)) for name in sorted(names, key=_place)]
    more = [f"and {len(told) - _TOLD} more"] if len(told) > _TOLD else []
    return ", ".join(told[:_TOLD] + more) or NEVER


def _differences(before: Sequence[Part], now: Sequence[Part]) -> set[str]:
    old, new = {part.name: part.digest for part in before}, {part.name: part.digest for part in now}
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def _place(name: str) -> tuple[int, str]:
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)


def _change(name: str, before: Part | None, now: Part | None) -> str:
    if name in _CHANGES:
        return _CHANGES[name] + _values(before, now)
    kind, _, label = name.partition(" ")
    if kind == "metadata":
        return f"the metadata of input {label!r} changed"
    if before is None:
        return f"input {label!r} is new" + _values(before, now)
    if now is None:
        return f"input {label!r} is gone" + _values(before, now)
    if kind == "artifact":
        return f"the content of input {label!r} changed"
    return f"input {label!r} changed" + _values(before, now)


def _values(before: Part | None, now: Part | None) -> str:
    shown = [part.shown for part in (before, now) if part is not None and part.shown]
    return f" ({' → '.join(shown)})" if shown and len(set(shown)) == len(shown) else ""
