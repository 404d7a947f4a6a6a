"""JSON as image documents hold it: one value, one spelling, read within limits."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Final, NoReturn

from kfp.errors import InvalidImage

DOCUMENT_LIMIT: Final = 4 * 1024 * 1024
"""The largest manifest, index or configuration that is read, in bytes (registries commonly enforce the same)."""

JsonObject = dict[str, Any]


def dumps(document: JsonObject) -> bytes:
    """Spell a document canonically: sorted keys, no white space, UTF-8.

    Raises:
        InvalidImage: the document holds a value that JSON or UTF-8 cannot carry.
    """
    try:
        text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidImage(f"an image document cannot be written as JSON: {error}") from error


def loads(data: bytes, what: str) -> JsonObject:
    """Read an untrusted document that is an object.

    Args:
        data: the bytes, at most `DOCUMENT_LIMIT`.
        what: the name of the document in error messages, for example "manifest sha256:…".

    Raises:
        InvalidImage: too large, not UTF-8, not JSON, or not an object.
    """
    document = parse(data, what)
    if not isinstance(document, dict):
        raise InvalidImage(f"the {what} is not a JSON object")
    return document


def parse(data: bytes, what: str) -> Any:  # noqa: ANN401 the value of a JSON text may be anything
    """Read an untrusted JSON text within `DOCUMENT_LIMIT`; the errors are those of `loads`."""
    if len(data) > DOCUMENT_LIMIT:
        raise InvalidImage(f"the {what} has {len(data)} bytes, more than the limit of {DOCUMENT_LIMIT}")
    try:
        return json.loads(data.decode(), parse_constant=_refuse_constant, object_pairs_hook=_unambiguous)
    except (ValueError, RecursionError) as error:
        raise InvalidImage(f"the {what} is not JSON: {error}") from error


def _unambiguous(pairs: list[tuple[str, Any]]) -> JsonObject:
    """Refuse an object that names a field twice: readers would disagree about which value a digest stands for."""
    document = dict(pairs)
    if len(document) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"an object has the field {twice[:100]!r} twice")
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")
