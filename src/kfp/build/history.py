"""What images were built from, build by build: written by every build, read by whoever explains a change.

One JSON file for each name below `KFP_HOME/cache/builds`, the newest build first, at most `KEPT` different ones; what
went into a layer is a file of its own, written when the layer is new. A build that gives the image there was counts as
one more of the same.
"""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kfp.build.files import write_atomically
from kfp.errors import InvalidReference
from kfp.filelock import locked
from kfp.images.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from kfp.build.assembly import BuiltLayer
    from kfp.images.config import Config
    from kfp.images.image import Image

KEPT = 10
_FORMAT = 1
_PLAIN = 120
"""How many characters of an image's name its file's name begins with."""
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")
_OWN_LABELS = "skiff."
"""Labels that repeat what the layers tell."""


@dataclass(frozen=True)
class LayerRecord:
    """A layer that a build put on the base.

    Args:
        kind: `packages`, `runtime` or `source`.
        summary: what it holds, for people.
        diff_id: digest of the uncompressed layer.
        size: bytes of the blob.
        inputs: name → version or digest of what went in.
    """

    kind: str
    summary: str
    diff_id: str
    size: int
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PlatformRecord:
    """An image for one platform.

    Args:
        platform: what it is for.
        base_digest: digest of the base's manifest.
        id: digest of the configuration.
        settings: what the configuration says of environment, command and labels, as text.
        layers: lowest first.
    """

    platform: str
    base_digest: str
    id: str
    settings: Mapping[str, str]
    layers: tuple[LayerRecord, ...]


@dataclass(frozen=True)
class BuildRecord:
    """Builds in a row that gave the same image.

    Args:
        first: when the first of them ended, RFC 3339.
        last: when the last one did.
        count: how many they were.
        version: of the program that built.
        directory: the component directory.
        base: the base image's name.
        digest: of the manifest or index.
        platforms: in the order they were asked for.
    """

    first: str
    last: str
    count: int
    version: str
    directory: str
    base: str
    digest: str
    platforms: tuple[PlatformRecord, ...]


def platform_record(image: Image, base_digest: str, layers: Sequence[BuiltLayer]) -> PlatformRecord:
    """Gives the record of an image that was just assembled."""
    return PlatformRecord(
        platform=str(image.platform),
        base_digest=base_digest,
        id=image.id,
        settings=settings_of(image.config),
        layers=tuple(
            LayerRecord(each.kind, each.summary, each.layer.diff_id, each.layer.descriptor.size, dict(each.inputs))
            for each in layers
        ),
    )


def settings_of(config: Config) -> dict[str, str]:
    """Gives what a configuration says beside its layers, each setting by a name for people."""
    settings = {f"env {name}": value for name, value in config.env.items()}
    settings |= {f"label {k}": v for k, v in config.labels.items() if not k.startswith(_OWN_LABELS)}
    settings["entrypoint"] = json.dumps(config.entrypoint) if config.entrypoint else ""
    settings["command"] = json.dumps(config.cmd) if config.cmd else ""
    settings["working directory"] = config.working_dir
    settings["user"] = config.user
    settings["created"] = config.created
    return {name: value for name, value in settings.items() if value}


@dataclass(frozen=True)
class History:
    """The builds of all names.

    Args:
        directory: a file for each name, and beside it a directory with a file for each layer.
    """

    directory: Path

    def read(self, reference: Reference, limit: int = KEPT) -> tuple[BuildRecord, ...]:
        """Gives at most `limit` builds of a name, the newest first; none where nothing readable is recorded."""
        return _read(self._path(reference), reference, limit)

    def before(self, reference: Reference) -> tuple[Reference, BuildRecord] | None:
        """Gives the build before the first of a name: the newest of the same repository under another tag.

        Whoever gives each build a tag of its own compares these.
        """
        own = self.read(reference)
        plain = _NOT_PLAIN.sub("_", reference.with_tag("x").familiar)[:_PLAIN].rpartition("_")[0]
        found = []
        for path in self.directory.glob(f"{plain}*.json"):
            with suppress(InvalidReference):
                other = Reference.parse(_document(path)["name"])
                builds = _read(path, other, KEPT) if other.name == reference.name and other != reference else ()
                earlier = [build for build in builds if not own or build.last <= own[-1].first]
                found += [(other, build) for build in earlier[:1]]
        return max(found, key=lambda each: each[1].last, default=None)

    def add(self, reference: Reference, build: BuildRecord) -> None:
        """Records a build; a file that cannot be written is no error, since an image needs no history."""
        path = self._path(reference)
        with suppress(OSError):
            self.directory.mkdir(parents=True, exist_ok=True)
            with locked(self.directory / ".lock"):
                layers = {layer.diff_id: layer for platform in build.platforms for layer in platform.layers}
                _keep_inputs(path.with_suffix(""), layers.values())
                known = _document(path)
                builds = known["builds"] if known["name"] == str(reference) else []
                made = _without_inputs(build)
                if builds and all(builds[0].get(key) == made[key] for key in ("digest", "platforms")):
                    before, *builds = builds
                    made.update(first=before["first"], count=before["count"] + 1)
                kept = [made, *builds][:KEPT]
                document = {"format": _FORMAT, "name": str(reference), "builds": kept}
                write_atomically(path, json.dumps(document).encode())
                _delete_inputs(path.with_suffix(""), kept)

    def _path(self, reference: Reference) -> Path:
        plain = _NOT_PLAIN.sub("_", reference.familiar)[:_PLAIN]
        return self.directory / f"{plain}-{hashlib.sha256(str(reference).encode()).hexdigest()[:12]}.json"


def _document(path: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError, KeyError, TypeError):
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] == _FORMAT and isinstance(document["name"], str) and isinstance(document["builds"], list):
            return document
    return {"name": "", "builds": []}


def _read(path: Path, reference: Reference, limit: int) -> tuple[BuildRecord, ...]:
    document = _document(path)
    with suppress(KeyError, TypeError, AttributeError):
        if document["name"] == str(reference):
            return tuple(_build(build, path.with_suffix("")) for build in document["builds"][:limit])
    return ()


def _build(document: dict[str, Any], inputs: Path) -> BuildRecord:
    platforms = tuple(
        PlatformRecord(**{**platform, "layers": tuple(_layer(layer, inputs) for layer in platform["layers"])})
        for platform in document["platforms"]
    )
    return BuildRecord(**{**document, "platforms": platforms})


def _layer(document: dict[str, Any], inputs: Path) -> LayerRecord:
    found: Any = {}
    with suppress(OSError, ValueError):
        found = json.loads(_input(inputs, document["diff_id"]).read_text(encoding="utf-8"))
    return LayerRecord(**{**document, "inputs": found if isinstance(found, dict) else {}})


def _without_inputs(build: BuildRecord) -> dict[str, Any]:
    """Writes a build with its layers' digests alone: what went into a layer of these bytes is a file of its own."""
    platforms = [
        {**vars(platform), "layers": [{**vars(layer), "inputs": {}} for layer in platform.layers]}
        for platform in build.platforms
    ]
    return {**vars(build), "platforms": platforms}


def _keep_inputs(directory: Path, layers: Iterable[LayerRecord]) -> None:
    directory.mkdir(exist_ok=True)
    for layer in layers:
        path = _input(directory, layer.diff_id)
        if not path.exists():
            write_atomically(path, json.dumps(dict(layer.inputs)).encode())


def _delete_inputs(directory: Path, builds: Sequence[Mapping[str, Any]]) -> None:
    layers = (layer for build in builds for platform in build["platforms"] for layer in platform["layers"])
    needed = {_input(directory, layer["diff_id"]) for layer in layers}
    for path in directory.glob("*.json"):
        if path not in needed:
            path.unlink(missing_ok=True)


def _input(directory: Path, diff_id: str) -> Path:
    return directory / f"{diff_id.rpartition(':')[2]}.json"
