"""What a run keeps in its directory so that it can be continued: its document, and how it is run.

`pipeline.json` is the document with its platforms; `settings.json` holds the settings. What is secret is not in it: of
environment variables it knows the names, and whoever continues the run has them in its own environment.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import msgspec
from msgspec.structs import fields, replace

from kfp.engine.durable import sync
from kfp.engine.settings import RunSettings, Source
from kfp.errors import RunError
from kfp.ir.convert import to_json, to_platforms, to_spec
from kfp.ir.spec import Document

if TYPE_CHECKING:
    from collections.abc import Iterable

DOCUMENT = "pipeline.json"
SETTINGS = "settings.json"
_ELSEWHERE = frozenset({"home", "capacity"})
"""Settings that are the machine's."""
_VARIABLES = "environment"


def document_text(document: Document) -> str:
    """Return a document as the text that its run keeps: everything in its order, for a mapping is a value, too."""
    data = {"spec": to_json(document.spec), "platforms": to_json(document.platforms)}
    return json.dumps(data)


def document_digest(text: str) -> str:
    """Return what tells a run's document from others."""
    return hashlib.sha256(text.encode()).hexdigest()


def write_files(directory: Path, document: str, settings: RunSettings) -> None:
    """Write both files; `sync_files` has them on the disk.

    Args:
        directory: the run's, which exists.
        document: its text.
        settings: how the run is run.

    Raises:
        RunError: the disk refuses.
    """
    told = json.dumps(_told(settings), indent=2, sort_keys=True)
    try:
        (directory / DOCUMENT).write_text(document, encoding="utf-8")
        (directory / SETTINGS).write_text(told, encoding="utf-8")
    except OSError as error:
        raise RunError(f"the run's files cannot be written: {error}", hint="check the disk and its rights") from error


def sync_files(directory: Path) -> None:
    """Have what `write_files` wrote on the disk.

    Raises:
        OSError: the disk refuses.
    """
    for path in (directory / DOCUMENT, directory / SETTINGS, directory, directory.parent):
        with contextlib.suppress(FileNotFoundError):  # not every run can be continued
            sync(path)


def read_document(directory: Path) -> Document:
    """Return the document of a run.

    Raises:
        RunError: the run keeps none, or it is damaged.
        SpecError: the document is no pipeline of this version.
    """
    data = _read(directory / DOCUMENT)
    return Document(to_spec(data.get("spec")), to_platforms({"platforms": data.get("platforms")}))


def read_settings(directory: Path, home: Path, overrides: Mapping[str, Any]) -> RunSettings:
    """Return the settings of a run.

    Args:
        directory: the run's.
        home: the directory of the runs.
        overrides: settings that take the place of the run's.

    Raises:
        RunError: the run keeps none, or a variable that it was given is not in this environment.
    """
    data = _read(directory / SETTINGS)
    known = {field.name for field in fields(RunSettings)} - _ELSEWHERE
    try:
        data["sources"] = {(image, function): _source(told) for image, function, told in data.get("sources", ())}
        kinds = {field.name: field.type for field in fields(RunSettings)}
        kept = {
            name: value if name == "sources" else _value(kinds[name], value)
            for name, value in data.items()
            if name in known
        }
    except msgspec.ValidationError as error:
        raise RunError(f"{directory / SETTINGS} is damaged: {error}") from error
    settings = replace(RunSettings(home=home, **kept), **overrides)
    options = settings.container_options
    if "container_options" not in overrides and _VARIABLES in options:
        return replace(settings, container_options={**options, _VARIABLES: _from_environment(options[_VARIABLES])})
    return settings


def _told(settings: RunSettings) -> dict[str, Any]:
    told = {
        name: getattr(settings, name)
        for name in settings.__struct_fields__
        if name not in _ELSEWHERE and name != "sources"
    }
    told["sources"] = [
        [image, function, {**msgspec.to_builtins(source, enc_hook=_encoded), "modules": _relative(source)}]
        for (image, function), source in settings.sources.items()
    ]
    options = dict(settings.container_options)
    if _VARIABLES in options:
        given = options[_VARIABLES]
        names = given if isinstance(given, Mapping) else [str(each).partition("=")[0] for each in given]
        options[_VARIABLES] = sorted(names)
    told["container_options"] = options
    return dict(msgspec.to_builtins(told, enc_hook=_encoded))


def _relative(source: Source) -> dict[str, str]:
    """Return where a source's modules lie in its directory."""
    return {function: str(path) for function, path in source.modules.items()}


def _source(told: Any) -> Source:  # noqa: ANN401 - JSON
    return msgspec.convert(told, Source, dec_hook=_decoded)


def _value(kind: Any, value: Any) -> Any:  # noqa: ANN401 - a type and JSON
    if isinstance(value, str) and Path in (kind, *get_args(kind)):
        return value if "://" in value else Path(value)
    return msgspec.convert(value, kind, dec_hook=_decoded) if value is not None else None


def _encoded(value: object) -> str:
    return str(value.absolute() if isinstance(value, Path) else value)  # whoever continues the run is elsewhere


def _decoded(kind: type, value: Any) -> Any:  # noqa: ANN401 - JSON
    return kind(value)  # a path


def _from_environment(names: Iterable[str]) -> dict[str, str]:
    missing = [name for name in names if name not in os.environ]
    if missing:
        raise RunError(
            f"the run was started with the environment variable{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
            " for its containers, whose values are kept nowhere",
            hint="export them, then retry",
        )
    return {name: os.environ[name] for name in names}


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise RunError(
            f"the run cannot be continued: {path} is not there", hint="an older version wrote the run; run it anew"
        ) from None
    except (OSError, ValueError) as error:
        raise RunError(f"the run cannot be continued: {path} cannot be read: {error}") from error
    if not isinstance(data, dict):
        raise RunError(f"{path} is damaged: no JSON object")
    return data
