"""What differs between two images: fields of manifest and configuration, and which file of which layer."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from kfp.images.image import Image
from kfp.images.layer import Layer

Entry = tuple[str, dict[str, Any]]


def differences(one: Image, other: Image, *, portable: bool = False) -> list[str]:
    """Return a line for each difference, none for the same image.

    Args:
        one: an image whose layers are on this machine.
        other: the same.
        portable: whether the manifests, which know how layers are compressed, must be the same as well.
    """
    found = list(_fields("configuration", one.config.to_json(), other.config.to_json()))
    if portable:
        found += _fields("manifest", one.manifest.to_json(), other.manifest.to_json())
    for number, (layer, twin) in enumerate(zip_longest(one.layers, other.layers)):
        if layer is None or twin is None:
            found.append(f"layer {number} is in one of them only")
        elif layer.diff_id != twin.diff_id:
            found += _entries(f"layer {number}", layer, twin)
    return found


def _fields(where: str, one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            yield from _fields(f"{where}.{key}", one.get(key), other.get(key))
    elif isinstance(one, list) and isinstance(other, list):
        for number, (item, twin) in enumerate(zip_longest(one, other)):
            yield from _fields(f"{where}[{number}]", item, twin)
    elif one != other:
        yield f"{where}: {one!r} or {other!r}"


def _entries(where: str, one: Layer, other: Layer) -> Iterator[str]:
    mine, theirs = list(_read(one)), list(_read(other))
    names, twins = [name for name, _ in mine], [name for name, _ in theirs]
    for name in sorted({*names} ^ {*twins}):
        yield f"{where}: {name} is in one of them only"
    if names != twins and sorted(names) == sorted(twins):
        yield f"{where}: the same files in another order"
    seen = dict(theirs)
    for name, entry in mine:
        twin = seen.get(name, entry)
        for key, value in entry.items():
            if value != twin[key]:
                yield f"{where}: {name}: {key} {value!r} or {twin[key]!r}"


def _read(layer: Layer) -> Iterator[Entry]:
    with layer.uncompressed() as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            data = archive.extractfile(member) if member.isfile() else None
            content = hashlib.sha256(data.read()).hexdigest()[:16] if data is not None else None
            fields = ("type", "mode", "mtime", "uid", "gid", "uname", "gname", "size", "linkname", "pax_headers")
            yield member.name, {**{field: getattr(member, field) for field in fields}, "content": content}
