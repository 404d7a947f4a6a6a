"""JSON values as YAML text and back, through libyaml, in one pass over its events.

PyYAML's own loader builds a node for each event and recurses, so a line of brackets overflows the C stack and a few
aliases become gigabytes. Here the events go straight into lists and dicts: nesting, expansion by aliases and
duplicate keys are checked as they come. Only what JSON can say is read (YAML 1.1 plain scalars as PyYAML resolves
them, but dates and `1:30` stay text), and only that is written.
"""

from __future__ import annotations

import functools
import io
import json
import math
import re
from collections.abc import Callable
from typing import Any, Protocol

import yaml
from yaml.resolver import Resolver

from kfp.errors import SpecError
from kfp.ir.spec import Json

MAX_DEPTH = 200
"""Lists and mappings inside one another."""

MAX_VALUES = 2_000_000
"""Keys, scalars, lists and mappings of a text; a pipeline of 10,000 calls, each with settings of its own, has half."""

_MAX_DOCUMENTS = 100
_MAX_DIRECTIVES = 100
_ALIAS_BUDGET = 1_000_000
"""Values that aliases may add to a text; what is longer than a line counts for several."""

_LINE = 80


class _Mark(Protocol):
    """A position in the text, from 0; PyYAML has two classes of it."""

    line: int
    column: int


_TAG = "tag:yaml.org,2002:"
_NULL = {"", "~", "null", "Null", "NULL"}
_TRUE = {"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}
_FALSE = {"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)")
_RADIX = re.compile(r"[-+]?0(?:b[01_]+|x[0-9a-fA-F_]+|[0-7_]+)")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)")
_DIRECTIVE = re.compile("^%TAG|[\r\n\x85\u2028\u2029]%TAG")
_SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


def load_all(text: str) -> list[Any]:
    """Return the JSON values of a YAML stream, one for each document.

    Args:
        text: YAML 1.1 (of which JSON is a part, but for tabs).

    Raises:
        SpecError: the text is not YAML, or says something that JSON cannot, or holds more than `MAX_VALUES` or more
            than 100 documents, or is nested or expanded beyond reason; the message carries line and column.
    """
    if text.count("%TAG") > _MAX_DIRECTIVES and len(_DIRECTIVE.findall(text)) > _MAX_DIRECTIVES:
        raise SpecError(f"more than {_MAX_DIRECTIVES} YAML directives")  # libyaml compares each with all before it
    reader = _Reader()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        raise SpecError(f"not YAML: {error.problem or error.context}{_at(error.problem_mark)}") from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise SpecError(f"not YAML: {str(error).splitlines()[0]}") from None
    return reader.documents


class _Reader:
    """Builds values from events: a stack of the open lists and mappings."""

    def __init__(self) -> None:
        self.documents: list[Any] = []
        self._stack: list[Any] = []
        self._keys: list[Any] = []
        self._anchored: dict[str, tuple[Any, int]] = {}
        self._open_anchors: list[tuple[str | None, int]] = []
        self._count = 0
        self._lines = 0
        self._expanded = 0

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._count += 1
            self._lines += len(event.value) // _LINE
            value = _scalar(event)
            if event.anchor:
                self._anchored[event.anchor] = (value, 1 + len(event.value) // _LINE)
            self._place(value, event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._open(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            value = self._stack.pop()
            self._keys.pop()
            anchor, since = self._open_anchors.pop()
            if anchor:
                self._anchored[anchor] = (value, self._count + self._lines - since + 1)
            if not self._stack:
                self.documents.append(value)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._begin(event)

    def _begin(self, event: yaml.DocumentStartEvent) -> None:
        if len(self.documents) >= _MAX_DOCUMENTS:
            raise SpecError(f"more than {_MAX_DOCUMENTS} YAML documents{_at(event.start_mark)}")
        self._anchored.clear()

    def _open(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (None, "!", _TAG + ("map" if is_mapping else "seq")):
            raise SpecError(f"the YAML tag {event.tag!r} means nothing here{_at(event.start_mark)}")
        if len(self._stack) >= MAX_DEPTH:
            raise SpecError(f"nested more than {MAX_DEPTH} deep{_at(event.start_mark)}")
        self._count += 1
        value: Json = {} if is_mapping else []
        if self._stack:
            self._place(value, event)
        self._stack.append(value)
        self._keys.append(_NO_KEY)
        self._open_anchors.append((event.anchor, self._count + self._lines))

    def _alias(self, event: yaml.AliasEvent) -> None:
        if event.anchor not in self._anchored:
            raise SpecError(f"the YAML alias *{event.anchor} refers to nothing complete{_at(event.start_mark)}")
        value, size = self._anchored[event.anchor]
        self._lines += size
        self._expanded += size
        if self._expanded > _ALIAS_BUDGET:
            raise SpecError(f"YAML aliases expand to more than {_ALIAS_BUDGET:,} values{_at(event.start_mark)}")
        self._place(value, event)

    def _place(self, value: Json, event: yaml.Event) -> None:
        if self._count > MAX_VALUES:
            raise SpecError(f"more than {MAX_VALUES:,} values{_at(event.start_mark)}")
        if not self._stack:
            self.documents.append(value)
            return
        container = self._stack[-1]
        if isinstance(container, list):
            container.append(value)
            return
        key = self._keys[-1]
        if key is not _NO_KEY:
            container[key] = value
            self._keys[-1] = _NO_KEY
            return
        if not isinstance(value, str):
            if not isinstance(event, yaml.ScalarEvent):
                raise SpecError(f"a key must be text{_at(event.start_mark)}")
            value = event.value
        if value in container:
            raise SpecError(f"the key {value!r} stands twice{_at(event.start_mark)}")
        self._keys[-1] = value


_NO_KEY: Any = object()


def _scalar(event: yaml.ScalarEvent) -> Json:
    tag = event.tag
    if event.implicit[0] and tag in (None, "!"):
        return _plain(event.value)
    if tag is None or tag in ("!", _TAG + "str"):
        return event.value
    if tag.startswith(_TAG) and tag[len(_TAG) :] in ("int", "float", "bool", "null"):
        value = _plain(event.value)
        if tag.endswith("float") and type(value) is int:
            value = float(value)
        if type(value).__name__ == {"null": "NoneType"}.get(tag[len(_TAG) :], tag[len(_TAG) :]):
            return value
    raise SpecError(f"the YAML tag {tag!r} cannot be applied to {event.value[:40]!r}{_at(event.start_mark)}")


@functools.lru_cache(maxsize=4096)
def _plain(text: str) -> Json:
    """Return what a plain (unquoted) scalar stands for."""
    if text in _NULL:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if text[0] not in "+-.0123456789":
        return text
    if _DECIMAL.fullmatch(text):
        return _integer(text, 10)
    if _RADIX.fullmatch(text):
        digits = text.lstrip("+-").replace("_", "").lower()
        base = {"b": 2, "x": 16}.get(digits[1:2], 8)
        return _integer(("-" if text[0] == "-" else "") + (digits[2:] if base != 8 else digits), base)  # noqa: PLR2004
    if _FLOAT.fullmatch(text):
        return float(text.replace("_", ""))
    if _SPECIAL.fullmatch(text):
        raise SpecError(f"JSON has no {text!r}")
    return text


def _integer(text: str, base: int) -> Json:
    try:
        return int(text.replace("_", ""), base)
    except ValueError:  # longer than Python converts, or only underscores
        return text


def _at(mark: _Mark | None) -> str:
    return f" (line {mark.line + 1}, column {mark.column + 1})" if mark is not None else ""


# ---- writing -------------------------------------------------------------------------------------------------------


def dump(value: Json) -> str:
    """Return one JSON value as a YAML document: block style, keys sorted, texts of several lines as they read.

    Raises:
        SpecError: the value holds something that JSON cannot say.
    """
    stream = io.StringIO()
    emitter = yaml.CSafeDumper(stream, allow_unicode=True, width=120)
    emitter.emit(yaml.StreamStartEvent())
    emitter.emit(yaml.DocumentStartEvent(explicit=False))
    _emit(emitter.emit, value)
    emitter.emit(yaml.DocumentEndEvent(explicit=False))
    emitter.emit(yaml.StreamEndEvent())
    return stream.getvalue()


def _emit(emit: Callable[[yaml.Event], None], value: Json) -> None:
    if isinstance(value, dict):
        emit(yaml.MappingStartEvent(None, None, implicit=True, flow_style=not value))
        for key in sorted(value):
            emit(_text_event(key))
            _emit(emit, value[key])
        emit(_MAPPING_END)
    elif isinstance(value, (list, tuple)):
        emit(yaml.SequenceStartEvent(None, None, implicit=True, flow_style=not value))
        for item in value:
            _emit(emit, item)
        emit(_SEQUENCE_END)
    elif isinstance(value, str):
        emit(_text_event(value))
    else:
        emit(yaml.ScalarEvent(None, None, (True, False), _number_text(value)))


_MAPPING_END = yaml.MappingEndEvent()
_SEQUENCE_END = yaml.SequenceEndEvent()


@functools.lru_cache(maxsize=4096)
def _text_event(text: str) -> yaml.ScalarEvent:
    if _LINE_BREAKS.search(text):
        return yaml.ScalarEvent(None, None, (False, True), text, style='"')
    if "\n" in text:
        return yaml.ScalarEvent(None, None, (False, True), text, style="|")
    return yaml.ScalarEvent(None, None, (_is_plain_text(text), True), text)


_RESOLVERS = Resolver.yaml_implicit_resolvers
_LINE_BREAKS = re.compile("[\r\x85\u2028\u2029]")
_NOT_TEXT_ELSEWHERE = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?0[oO][0-7]+|[yYnN]"  # YAML 1.2, and Go's YAML
)


def _is_plain_text(text: str) -> bool:
    """Say whether every reader takes the text, unquoted, for text."""
    if text == "" or _NOT_TEXT_ELSEWHERE.fullmatch(text):
        return False
    return not any(pattern.match(text) for _, pattern in _RESOLVERS.get(text[0], ()))


def _number_text(value: Json) -> str:
    if value is None or isinstance(value, (bool, int)):
        return json.dumps(value)
    if isinstance(value, float) and math.isfinite(value):
        text = repr(value)
        # YAML 1.1 wants a point in the mantissa and a sign in the exponent: 1e+17 would be text
        return text.replace("e", ".0e") if "e" in text and "." not in text else text
    raise SpecError(f"JSON has no {value!r}")
