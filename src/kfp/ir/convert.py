"""JSON values to the structs of `kfp.ir.spec` and back; what does not fit is named by the path of its field."""

from __future__ import annotations

import re
from typing import Any, TypeVar, get_args, get_origin

import msgspec

from kfp.errors import SpecError
from kfp.ir.spec import Json, PipelineSpec, SinglePlatformSpec

T = TypeVar("T")
_LOCATION = re.compile(r" - at `.*`$", re.DOTALL)


def to_spec(data: Json) -> PipelineSpec:
    """Return the PipelineSpec that a JSON value describes.

    Raises:
        SpecError: a field is missing, unknown or of the wrong type; the message carries its path, such as
            `root.dag.tasks["add"].componentRef`.
    """
    return _convert(data, PipelineSpec, "")


def to_platforms(data: Json) -> dict[str, SinglePlatformSpec]:
    """Return the platforms of a PlatformSpec document (`platforms: {kubernetes: …}`), by name.

    Raises:
        SpecError: as `to_spec`.
    """
    if not isinstance(data, dict) or set(data) - {"platforms"}:
        raise SpecError("the second document is not a PlatformSpec: it must hold `platforms` and nothing else")
    return _convert(data.get("platforms") or {}, dict[str, SinglePlatformSpec], "platforms")


def to_json(message: Json) -> Json:
    """Return a struct as a JSON value: dicts with camelCase keys, lists as tuples or lists."""
    return msgspec.to_builtins(message)


def _convert(data: Json, kind: type[T], path: str) -> T:
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        where, reason = _locate(data, kind, path, str(error))
        raise SpecError(f"not a PipelineSpec: {where or 'the document'}: {_LOCATION.sub('', reason)}") from None


def _locate(data: Json, kind: object, path: str, reason: str) -> tuple[str, str]:
    """Descend into the first part that does not convert, for msgspec does not name the keys of dicts."""
    for step, part, part_kind in _parts(data, kind):
        try:
            msgspec.convert(part, part_kind)
        except msgspec.ValidationError as error:  # noqa: PERF203 - the search ends with the first one
            return _locate(part, part_kind, path + step if path else step.lstrip("."), str(error))
    return path, reason


def _parts(data: Json, kind: object) -> list[tuple[str, Json, Any]]:
    options = [option for option in get_args(kind) if isinstance(option, type) and issubclass(option, msgspec.Struct)]
    if get_origin(kind) is not dict and get_origin(kind) is not tuple and len(options) == 1:
        kind = options[0]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(data, dict):
        fields = msgspec.structs.fields(kind)
        return [(f".{f.encode_name}", data[f.encode_name], f.type) for f in fields if f.encode_name in data]
    if get_origin(kind) is dict and isinstance(data, dict):
        return [(f'["{key}"]' if isinstance(key, str) else f"[{key}]", data[key], get_args(kind)[1]) for key in data]
    if get_origin(kind) is tuple and isinstance(data, (list, tuple)):
        return [(f"[{index}]", item, get_args(kind)[0]) for index, item in enumerate(data)]
    return []
