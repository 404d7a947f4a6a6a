"""Reading and writing pipelines as files: YAML or JSON, bounded, checked, and never half-written."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
from pathlib import Path
from typing import Any

from kfp.errors import FileAbsent, SkiffError, SpecError
from kfp.ir import yaml_text
from kfp.ir.convert import to_json, to_platforms, to_spec
from kfp.ir.header import header
from kfp.ir.spec import Document, Json
from kfp.ir.validate import validate

MAX_BYTES = 256_000_000
"""The largest text that is read: 10,000 steps, each with a command that carries the runtime, and some more."""

_BRACE = re.compile(r"\s*\{")
_JSON_TEXT = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\Z)', re.DOTALL)
"""A text in JSON; one without an end reaches to the end, so that the search takes linear time."""

_SURROGATE = re.compile(r"[\ud800-\udfff]|\\u[dD][89a-fA-F]")
"""Where a text may hold half a character (UTF-16's), which no file can."""


def read(path: str | os.PathLike[str]) -> Document:
    """Return the pipeline in a file.

    Args:
        path: a `.yaml`, `.yml` or `.json` file, in UTF-8.

    Raises:
        SpecError: the file is not a valid PipelineSpec; the message carries the file and the field's path.
        SkiffError: the file cannot be read.
    """
    return loads(read_text(path), source=os.fspath(path))


def read_text(path: str | os.PathLike[str]) -> str:
    """Return a file's text, of at most `MAX_BYTES`.

    Raises:
        SpecError: the file is larger, or not UTF-8.
        SkiffError: the file cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        kind = FileAbsent if isinstance(error, FileNotFoundError) else SkiffError
        raise kind(f"cannot read {os.fspath(path)}: {error.strerror or error}") from None
    return decode(data, os.fspath(path))


def decode(data: bytes, source: str) -> str:
    """Return bytes as text.

    Args:
        data: UTF-8, with or without a byte order mark.
        source: the file or URL that the bytes are from, for the message.

    Raises:
        SpecError: there are more than `MAX_BYTES`, or they are not UTF-8.
    """
    if len(data) > MAX_BYTES:
        raise SpecError(f"{source}: more than {MAX_BYTES:,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError(f"{source}: not UTF-8 text (byte {error.start:,})") from None


def loads(text: str, *, source: str = "") -> Document:
    """Return the pipeline that a text describes.

    Args:
        text: YAML (one document, or two with platforms) or JSON.
        source: the file or URL that the text is from, for the message.

    Raises:
        SpecError: the text is not a valid PipelineSpec; the message carries the field's path.
    """
    try:
        return _document(text)
    except SpecError as error:
        if not source:
            raise
        raise SpecError(f"{source}: {error.message}", hint=error.hint) from None


def _document(text: str) -> Document:
    documents = values(text)
    if not documents or not isinstance(documents[0], dict):
        raise SpecError("not a PipelineSpec: the text holds no mapping", hint=_HINT)
    if len(documents) > 2:  # noqa: PLR2004 - the pipeline and its platforms
        raise SpecError(f"not a PipelineSpec: {len(documents)} YAML documents where one or two belong")
    _recognise(documents[0])
    spec = to_spec(documents[0])
    validate(spec)
    return Document(spec=spec, platforms=to_platforms(documents[1]) if len(documents) > 1 else {})


def values(text: str) -> list[Any]:
    """Return the JSON values of a YAML stream or of a JSON text, bounded in size, depth and expansion.

    Raises:
        SpecError: the text is neither, or too large.
    """
    if len(text) > MAX_BYTES:
        raise SpecError(f"more than {MAX_BYTES:,} characters")
    if _BRACE.match(text):
        # JSON is read as such: YAML refuses the tabs that JSON allows. What is not JSON may still be YAML in braces
        _few_enough(text)
        with contextlib.suppress(json.JSONDecodeError, RecursionError):
            return [_bounded(_json(text))]
    return [_bounded(each) for each in yaml_text.load_all(text)]  # aliases nest what is not nested as it stands


def dumps(document: Document, *, description: str = "") -> str:
    """Return a pipeline as YAML: the comment that documents it, the PipelineSpec, and its platforms if any.

    Args:
        document: the pipeline.
        description: for the comment, where the pipeline has none of its own.

    Raises:
        SpecError: a value in it is not JSON.
    """
    text = header(document.spec, description) + yaml_text.dump(to_json(document.spec))
    if document.platforms:
        text += "---\n" + yaml_text.dump({"platforms": to_json(document.platforms)})
    return text


def dumps_json(document: Document) -> str:
    """Return a pipeline's PipelineSpec as JSON, which has no place for platforms.

    Raises:
        SpecError: the pipeline has platforms.
    """
    if document.platforms:
        raise SpecError(
            f"JSON holds one document, but the pipeline has settings for {', '.join(document.platforms)}",
            hint="write a .yaml file",
        )
    return json.dumps(to_json(document.spec), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def write(document: Document, path: str | os.PathLike[str], *, description: str = "") -> None:
    """Write a pipeline to a file, whole or not at all.

    Args:
        document: the pipeline.
        path: ends in `.yaml`, `.yml` or `.json`, which chooses the format.
        description: for the comment, where the pipeline has none of its own.

    Raises:
        SpecError: the name ends in something else.
        SkiffError: the file cannot be written.
    """
    target = Path(path)
    if target.suffix not in (".yaml", ".yml", ".json"):
        raise SpecError(f"{os.fspath(path)}: a pipeline's file ends in .yaml, .yml or .json")
    write_text(dumps_json(document) if target.suffix == ".json" else dumps(document, description=description), target)


def write_text(text: str, path: str | os.PathLike[str]) -> None:
    """Write a text to a file, whole or not at all.

    Raises:
        SkiffError: the file cannot be written.
    """
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        try:
            with temporary.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise SkiffError(f"cannot write {os.fspath(path)}: {error.strerror or error}") from None


_HINT = "a pipeline's file is what `kfp dsl compile` or compiler.Compiler().compile writes"


def _recognise(data: dict[str, Any]) -> None:
    """Name the other kinds of file that people take for a PipelineSpec."""
    if "pipelineInfo" in data and "root" in data:
        return
    if "implementation" in data:
        raise SpecError("not a PipelineSpec: a component of KFP v1 (it has `implementation`)")
    if data.get("kind") == "Workflow":
        raise SpecError("not a PipelineSpec: an Argo Workflow, which KFP v1 wrote", hint=_HINT)
    missing = [key for key in ("pipelineInfo", "root") if key not in data]
    raise SpecError(f"not a PipelineSpec: no {' and no '.join(missing)} in it", hint=_HINT)


def _few_enough(text: str) -> None:
    """Refuse JSON with too many values, before they are made: each stands behind a comma, a bracket or a colon."""
    if _signs(text) <= yaml_text.MAX_VALUES:
        return
    found = at = 0
    for match in _JSON_TEXT.finditer(text):
        found += _signs(text[at : match.start()])
        at = match.end()
        if found > yaml_text.MAX_VALUES:
            break
    if found + _signs(text[at:]) > yaml_text.MAX_VALUES:
        raise SpecError(f"more than {yaml_text.MAX_VALUES:,} values")


def _signs(text: str) -> int:
    return sum(map(text.count, ",[{:"))


def _json(text: str) -> Json:
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise SpecError(f"not JSON: the text {error.object[error.start]!r} is half a character") from None
    except json.JSONDecodeError:
        raise
    except ValueError as error:  # an integer longer than Python converts
        raise SpecError(f"not JSON: {str(error).partition(';')[0]}") from None
    return value


def _bounded(value: Json) -> Json:
    """Return a value that is not nested deeper than YAML may be."""
    level = [value]
    for _ in range(yaml_text.MAX_DEPTH + 1):
        if not level:
            return value
        level = [
            item
            for container in level
            if isinstance(container, (dict, list))
            for item in (container.values() if isinstance(container, dict) else container)
        ]
    raise SpecError(f"nested more than {yaml_text.MAX_DEPTH} deep")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        keys = [key for key, _ in pairs]
        raise SpecError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice")
    return mapping


def _no_constant(name: str) -> Json:
    raise SpecError(f"JSON has no {name!r}")
