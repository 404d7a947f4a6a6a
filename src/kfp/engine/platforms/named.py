"""The values of secrets and ConfigMaps on this machine: from files, and from the environment, which wins."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kfp.errors import RunError, SpecError
from kfp.ir import files

if TYPE_CHECKING:
    from kfp.engine.platforms.reading import Kind
    from kfp.ir.spec import Json

Sets: TypeAlias = "dict[str, dict[str, bytes]]"

TITLES: Mapping[Kind, str] = {"secret": "secret", "configMap": "ConfigMap"}
OPTIONS: Mapping[Kind, str] = {"secret": "--secrets", "configMap": "--config-maps"}
FILES: Mapping[Kind, str] = {"secret": "KFP_SECRETS", "configMap": "KFP_CONFIG_MAPS"}
"""The environment variables that name a file or directory where the run's settings name none."""

_BEGINNINGS: Mapping[Kind, str] = {"secret": "KFP_SECRET_", "configMap": "KFP_CONFIG_MAP_"}
_KINDS: Mapping[Kind, str] = {"secret": "Secret", "configMap": "ConfigMap"}
_SUFFIXES = (".yaml", ".yml", ".json")


class Named:
    """The secrets of a run, or its ConfigMaps.

    A file holds Kubernetes manifests, or plain `name: {key: value}`; a directory holds such files, or a directory for
    each name with a file for each key. `KFP_SECRET_<NAME>_<KEY>` gives one value, `KFP_SECRET_<NAME>` all of a name's
    as a JSON object; the names are in upper case, with `_` for what is neither letter nor digit. ConfigMaps have
    `KFP_CONFIG_MAP_`.

    Args:
        kind: which of the two.
        path: the file or directory; None is what the environment names, if anything.

    Raises:
        RunError: the file cannot be read, or is something else.
    """

    def __init__(self, kind: Kind, path: Path | None) -> None:
        self._kind = kind
        given = path or (Path(named) if (named := os.environ.get(FILES[kind])) else None)
        self._sets = _read(given.expanduser(), kind) if given is not None else {}

    def __repr__(self) -> str:
        return f"<{len(self._sets)} {TITLES[self._kind]}s>"

    def all(self, name: str) -> Mapping[str, bytes] | None:
        """Return the values of a name by key, None where there is no such name.

        Raises:
            RunError: the environment has something else than a JSON object.
        """
        whole = os.environ.get(variable(self._kind, name))
        if whole is None:
            return self._sets.get(name)
        try:
            return {**self._sets.get(name, {}), **_plain(json.loads(whole))}
        except ValueError:
            raise RunError(f"{variable(self._kind, name)} is set, but to no JSON object of texts") from None

    def value(self, name: str, key: str) -> str | None:
        """Return one value as text, None where there is none.

        Raises:
            RunError: the value is not UTF-8, or holds a null character; no variable can hold it.
        """
        single = os.environ.get(variable(self._kind, name, key))
        if single is not None:
            return single
        found = (self.all(name) or {}).get(key)
        if found is None:
            return None
        try:
            text = found.decode()
        except UnicodeDecodeError:
            text = "\0"
        if "\0" in text:
            raise RunError(f"key {key!r} of {TITLES[self._kind]} {name!r} is no text that a variable can hold")
        return text


def variable(kind: Kind, name: str, key: str = "") -> str:
    """Return the environment variable that gives a value, or all values of a name."""
    words = [re.sub(r"[^A-Z0-9]", "_", each.upper()) for each in (name, key) if each]
    return _BEGINNINGS[kind] + "_".join(words)


def _read(path: Path, kind: Kind) -> Sets:
    what = f"{OPTIONS[kind]} {path}"
    try:
        if not path.is_dir():
            return dict(_entries(files.values(files.read_text(path)), kind))
        sets: Sets = {}
        for each in sorted(path.iterdir()):
            if each.name.startswith("."):
                continue
            if each.is_dir():
                sets[each.name] = {
                    file.name: file.read_bytes() for file in each.iterdir() if file.is_file() and file.name[:1] != "."
                }
            elif each.suffix in _SUFFIXES:
                sets.update(_entries(files.values(files.read_text(each)), kind))
    except OSError as error:
        raise RunError(f"{what} cannot be read: {error.strerror or error}") from None
    except (SpecError, ValueError, TypeError, KeyError, AttributeError):
        # What is wrong is not said: it would quote a value.
        form = "`name: {key: value}`, or manifests of Kubernetes"
        raise RunError(f"{what} does not hold {TITLES[kind]}s", hint=f"its form is {form}") from None
    return sets


def _entries(documents: list[Json], kind: Kind) -> Iterator[tuple[str, dict[str, bytes]]]:
    for document in documents:
        if document is None:
            continue
        if not isinstance(document, Mapping):
            raise TypeError
        if "kind" not in document or not isinstance(document["kind"], str):
            for name, values in document.items():
                yield str(name), _plain(values)
        elif document["kind"].endswith("List"):
            yield from _entries(list(document.get("items") or ()), kind)
        elif document["kind"] == _KINDS[kind]:
            yield document["metadata"]["name"], _manifest(document, kind)


def _manifest(document: Mapping[str, Json], kind: Kind) -> dict[str, bytes]:
    encoded, plain = ("data", "stringData") if kind == "secret" else ("binaryData", "data")
    values = {str(key): base64.b64decode(value, validate=True) for key, value in (document.get(encoded) or {}).items()}
    return {**values, **_plain(document.get(plain) or {})}


def _plain(values: Json) -> dict[str, bytes]:
    if not isinstance(values, Mapping) or not all(isinstance(each, (str, int, float)) for each in values.values()):
        raise ValueError
    return {str(key): _written(value).encode() for key, value in values.items()}


def _written(value: str | float) -> str:
    """Write a value as YAML writes it: what a person put down as true or 5 without quotes means that text."""
    return value if isinstance(value, str) else json.dumps(value)
