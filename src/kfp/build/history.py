"""What images were built from, build by build: written by every build, read by whoever explains a change.

One JSON file for each name below `KFP_HOME/cache/builds`, the newest build first, at most `KEPT` different ones. A
build that gives the image there was counts as one more of the same.
"""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kfp.build.files import write_atomically
from kfp.filelock import locked
from kfp.images.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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
        directory: one file for each name.
    """

    directory: Path

    def read(self, reference: Reference) -> tuple[BuildRecord, ...]:
        """Gives the builds of a name, the newest first; none where nothing readable is recorded."""
        name, builds = _read(self._path(reference))
        return builds if name == str(reference) else ()

    def before(self, reference: Reference) -> tuple[Reference, BuildRecord] | None:
        """Gives the build before the first of a name: the newest of the same repository under another tag.

        Whoever gives each build a tag of its own compares these.
        """
        own = self.read(reference)
        plain = _NOT_PLAIN.sub("_", reference.with_tag("x").familiar)[:_PLAIN].rpartition("_")[0]
        found = []
        for path in self.directory.glob(f"{plain}*.json"):
            name, builds = _read(path)
            if name is not None and name != str(reference):
                other = Reference.parse(name)
                earlier = [build for build in builds if not own or build.last <= own[-1].first]
                if other.name == reference.name and earlier:
                    found.append((other, earlier[0]))
        return max(found, key=lambda each: each[1].last, default=None)

    def add(self, reference: Reference, build: BuildRecord) -> None:
        """Records a build; a file that cannot be written is no error, since an image needs no history."""
        with suppress(OSError):
            self.directory.mkdir(parents=True, exist_ok=True)
            with locked(self.directory / ".lock"):
                known = self.read(reference)
                if known and (known[0].digest, known[0].platforms) == (build.digest, build.platforms):
                    build = replace(build, first=known[0].first, count=known[0].count + 1)
                    known = known[1:]
                document = _document(reference, (build, *known)[:KEPT])
                write_atomically(self._path(reference), json.dumps(document).encode())

    def forget(self, reference: Reference) -> None:
        """Deletes the builds of a name."""
        with suppress(OSError):
            self._path(reference).unlink(missing_ok=True)

    def _path(self, reference: Reference) -> Path:
        name = str(reference)
        plain = _NOT_PLAIN.sub("_", reference.familiar)[:_PLAIN]
        return self.directory / f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:12]}.json"


def _read(path: Path) -> tuple[str | None, tuple[BuildRecord, ...]]:
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] == _FORMAT:
            return str(document["name"]), tuple(_build(build, document["inputs"]) for build in document["builds"])
    return None, ()


def _document(reference: Reference, builds: Sequence[BuildRecord]) -> dict[str, Any]:
    """Writes equal inputs once: one changed package leaves the source of ten builds what it was."""
    inputs: dict[str, Mapping[str, str]] = {}
    written = [asdict(build) for build in builds]
    for build in written:
        for platform in build["platforms"]:
            for layer in platform["layers"]:
                key = hashlib.sha256(json.dumps(layer["inputs"], sort_keys=True).encode()).hexdigest()
                inputs[key] = layer["inputs"]
                layer["inputs"] = key
    return {"format": _FORMAT, "name": str(reference), "builds": written, "inputs": inputs}


def _build(document: dict[str, Any], inputs: Mapping[str, Mapping[str, str]]) -> BuildRecord:
    platforms = tuple(
        PlatformRecord(
            **{
                **platform,
                "layers": tuple(
                    LayerRecord(**{**layer, "inputs": inputs[layer["inputs"]]}) for layer in platform["layers"]
                ),
            }
        )
        for platform in document["platforms"]
    )
    return BuildRecord(**{**document, "platforms": platforms})
