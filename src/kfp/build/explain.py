"""What changed from one build to the next, and why: a pure function of two records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kfp.build.history import BuildRecord, LayerRecord, PlatformRecord

Part: TypeAlias = Literal["base", "packages", "runtime", "source", "settings"]
LAYERS: tuple[Literal["packages", "runtime", "source"], ...] = ("packages", "runtime", "source")
_DIGEST = "sha256:"


@dataclass(frozen=True)
class Difference:
    """Something that went into a part of an image.

    Args:
        name: a package, a file, a setting.
        before: its version, digest or value; None where it was not there.
        after: likewise.
    """

    name: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.name} added" + _plain(self.after)
        if self.after is None:
            return f"{self.name} removed" + _plain(self.before)
        before, after = _plain(self.before), _plain(self.after)
        return f"{self.name}{before} →{after}" if before != after else f"{self.name} changed{after}"


@dataclass(frozen=True)
class Change:
    """A part of an image beside what it was.

    Args:
        part: the base, a kind of layers, or the settings.
        layers: how many layers it has.
        new_layers: how many of them the build before did not have.
        size: bytes of those.
        differences: why; empty where nothing changed, or where no input tells.
    """

    part: Part
    layers: int = 0
    new_layers: int = 0
    size: int = 0
    differences: tuple[Difference, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the part is not what it was."""
        return bool(self.differences or self.new_layers)


@dataclass(frozen=True)
class PlatformChange:
    """An image for one platform beside what it was.

    Args:
        platform: which one.
        new: whether the build before did not have it.
        parts: lowest first.
    """

    platform: str
    new: bool
    parts: tuple[Change, ...]


@dataclass(frozen=True)
class Explanation:
    """A build beside the one before.

    Args:
        build: the newer one.
        before: None where it is the first that is known.
        name: of the one before, where that is another tag; else "".
        platforms: those of the newer one.
        gone: platforms that only the older one has.
    """

    build: BuildRecord
    before: BuildRecord | None
    platforms: tuple[PlatformChange, ...]
    gone: tuple[str, ...]
    name: str = ""


def explain(build: BuildRecord, before: BuildRecord | None, name: str = "") -> Explanation:
    """Compares a build with the one before it."""
    known = {platform.platform: platform for platform in before.platforms} if before else {}
    base = before.base if before else build.base
    platforms = tuple(
        PlatformChange(
            each.platform, each.platform not in known, _parts(each, known.get(each.platform), build.base, base)
        )
        for each in build.platforms
    )
    here = {platform.platform for platform in build.platforms}
    return Explanation(build, before, platforms, tuple(each for each in known if each not in here), name)


def _parts(after: PlatformRecord, before: PlatformRecord | None, base: str, former: str) -> tuple[Change, ...]:
    if before is None:
        return (Change("base"), *(_all_new(part, after) for part in LAYERS), Change("settings"))
    bases = (("name", former, base), ("digest", before.base_digest, after.base_digest))
    return (
        Change("base", differences=tuple(Difference(*each) for each in bases if each[1] != each[2])),
        *(_layers(part, after, before) for part in LAYERS),
        Change("settings", differences=compare(before.settings, after.settings)),
    )


def _all_new(part: Literal["packages", "runtime", "source"], after: PlatformRecord) -> Change:
    layers = _of(part, after)
    return Change(part, len(layers), len(layers), sum(layer.size for layer in layers))


def _layers(part: Literal["packages", "runtime", "source"], after: PlatformRecord, before: PlatformRecord) -> Change:
    there = {layer.diff_id for layer in _of(part, before)}
    layers = _of(part, after)
    new = [layer for layer in layers if layer.diff_id not in there]
    differences = compare(_inputs(_of(part, before)), _inputs(layers))
    return Change(part, len(layers), len(new), sum(layer.size for layer in new), differences)


def compare(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Difference, ...]:
    """Tells which names came, went or changed, sorted."""
    names = sorted({*before, *after})
    return tuple(
        Difference(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    )


def _of(part: str, platform: PlatformRecord) -> list[LayerRecord]:
    return [layer for layer in platform.layers if layer.kind == part]


def _inputs(layers: Iterable[LayerRecord]) -> dict[str, str]:
    return {name: value for layer in layers for name, value in layer.inputs.items()}


def _plain(value: str | None) -> str:
    """Leaves digests of files out: that they differ is all that a person reads from them."""
    words = [word for word in (value or "").split() if not word.startswith(_DIGEST)]
    return "".join(f" {word}" for word in words)
