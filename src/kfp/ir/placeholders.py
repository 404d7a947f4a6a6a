"""The `{{$...}}` placeholders of commands, args and constants: parse them, and put values in their place.

A placeholder refers to something by steps: `{{$.inputs.parameters['x']}}` is `("inputs", "parameters", "x")`,
`{{$.inputs.artifacts['a'].metadata['k']}}` is `("inputs", "artifacts", "a", "metadata", "k")`,
`{{$.pipeline_job_uuid}}` is `("pipeline_job_uuid",)`, and `{{$}}`, the whole executor input, is `()`.

An element of a command or of args may also be a JSON struct, `{"Concat": [...]}` or
`{"IfPresent": {"InputName": …, "Then": …, "Else": …}}`. The struct is parsed first and placeholders are replaced in its
texts, so a value that holds quotes, braces or placeholders of its own never changes what the command means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from kfp.errors import SpecError
from kfp.ir.spec import Json

_PLACEHOLDER = re.compile(r"\{\{\$(?P<body>(?:\.\w+|\[(?:'[^']*'|\"[^\"]*\"|\d+)\])*)\}\}")
_STEP = re.compile(r"\.(\w+)|\['([^']*)'\]|\[\"([^\"]*)\"\]|\[(\d+)\]")


@dataclass(frozen=True)
class Placeholder:
    """A reference inside of a text, and the `text` of it; `steps` lead from the executor input to what it refers to."""

    steps: tuple[str, ...]
    text: str = field(default="", compare=False)


Resolve = Callable[[Placeholder], Json]
"""Gives a placeholder's value: text is put in as it is, any other JSON value as its JSON text."""

IsPresent = Callable[[str], bool]
"""Says whether the input of this name has a value."""


def parse(text: str) -> tuple[str | Placeholder, ...]:
    """Return a text's parts in order; what is no placeholder stays text."""
    parts: list[str | Placeholder] = []
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        if match.start() > end:
            parts.append(text[end : match.start()])
        steps = tuple(next(filter(None, step.groups()), "") for step in _STEP.finditer(match["body"]))
        parts.append(Placeholder(steps, match[0]))
        end = match.end()
    if end < len(text):
        parts.append(text[end:])
    return tuple(parts)


def resolve_text(text: str, resolve: Resolve) -> str:
    """Return a text with its placeholders replaced, once: values are not searched for placeholders."""
    return "".join(part if isinstance(part, str) else _as_text(resolve(part)) for part in parse(text))


def resolve_value(value: Json, resolve: Resolve) -> Json:
    """Return a JSON value with the placeholders in its texts replaced, at any depth.

    A text that is one placeholder and nothing else becomes its value with the type it has.
    """
    if isinstance(value, str):
        parts = parse(value)
        if len(parts) == 1 and isinstance(parts[0], Placeholder):
            return resolve(parts[0])
        return resolve_text(value, resolve)
    if isinstance(value, dict):
        return {key: resolve_value(item, resolve) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [resolve_value(item, resolve) for item in value]
    return value


def resolve_command(elements: Iterable[str], resolve: Resolve, is_present: IsPresent) -> list[str]:
    """Return the argument list that a container's `command` or `args` stand for.

    Args:
        elements: texts with placeholders, or the JSON of a Concat or IfPresent struct.
        resolve: gives a placeholder's value.
        is_present: says whether an optional input was given.

    Raises:
        SpecError: a struct is malformed.
    """
    return [argument for element in elements for argument in _element(element, resolve, is_present)]


def _element(element: Json, resolve: Resolve, is_present: IsPresent) -> Iterator[str]:
    struct = _struct(element) if isinstance(element, str) else element
    if isinstance(struct, str):
        yield resolve_text(struct, resolve)
    elif isinstance(struct, list):
        for item in struct:
            yield from _element(item, resolve, is_present)
    elif isinstance(struct, dict) and set(struct) == {"Concat"} and isinstance(struct["Concat"], list):
        yield "".join(part for item in struct["Concat"] for part in _element(item, resolve, is_present))
    elif isinstance(struct, dict) and set(struct) == {"IfPresent"} and isinstance(struct["IfPresent"], dict):
        choice = struct["IfPresent"]
        name = choice.get("InputName")
        if not isinstance(name, str) or "Then" not in choice:
            raise SpecError(f"an IfPresent placeholder needs InputName and Then: {json.dumps(struct)}")
        yield from _element(choice["Then"] if is_present(name) else choice.get("Else") or [], resolve, is_present)
    else:
        raise SpecError(f"neither text nor a Concat or IfPresent placeholder: {json.dumps(struct)}")


def _struct(element: str) -> Json:
    """Return the struct that an element is the JSON of, or the element itself."""
    if not element.startswith(('{"Concat"', '{"IfPresent"')):
        return element
    try:
        return json.loads(element)
    except (json.JSONDecodeError, RecursionError):
        return element


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
