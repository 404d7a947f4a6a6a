"""What came of a build, for people and as JSON."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from kfp.cli import tables, terminal
from kfp.cli.pipeline_file import shown
from kfp.units import duration, size

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kfp.build import BuiltImage, BuiltPlatform, BuiltTag, Plan
    from kfp.images.image import Image


def show(built: BuiltImage, images: Sequence[Image], store: Path) -> None:
    """Print what came of an image to stdout.

    Args:
        built: what the build says.
        images: the same from the store, one for each platform.
        store: where the store is.
    """
    rows = [("base", built.base.familiar)]
    if built.dockerfile is not None:
        rows = [("built by", str(built.engine)), ("", f"from {shown(built.dockerfile)}"), *rows]
    for platform, image in zip(built.platforms, images, strict=True):
        rows += [
            *([("", platform.base_digest)] if platform.base_digest else []),
            ("platform", str(platform.platform)),
            *_list("packages", platform.packages or ([] if built.engine else ["none"])),
            *_list("layers", _layers(platform, image)),
            ("image ID", platform.id),
        ]
    rows += [
        ("digest", built.digest),
        ("stored", str(store)),
        *_list("tags", [_tag(tag) for tag in built.tags]),
        ("pushed", _pushed(built)),
        ("built in", duration(built.seconds)),
    ]
    tables.show_fields(built.reference.familiar, rows)


def to_json(built: BuiltImage, images: Sequence[Image], store: Path, plan: Plan) -> dict[str, Any]:
    """Return what came of an image as JSON; see `show`."""
    (planned,) = (planned for planned in plan.images if planned.target == built.reference)
    return {
        "name": built.reference.familiar,
        "components": [component.function_name for component in planned.components],
        "base": built.base.familiar,
        "digest": built.digest,
        "dockerfile": None if built.dockerfile is None else str(built.dockerfile),
        "engine": built.engine,
        "platforms": [_platform_json(*each) for each in zip(built.platforms, images, strict=True)],
        "store": str(store),
        "pushed": built.pushed is not None and built.pushed.pushed,
        "tags": [_tag_json(tag) for tag in built.tags],
        "sent_bytes": sum(each.uploaded_bytes for each in (built.pushed, *(t.pushed for t in built.tags)) if each),
        "attached": sum(each.attached for each in (built.pushed, *(t.pushed for t in built.tags)) if each),
        "seconds": round(built.seconds, 3),
    }


def _platform_json(platform: BuiltPlatform, image: Image) -> dict[str, Any]:
    own = {each.layer.descriptor.digest: each for each in platform.layers}
    layers = []
    for layer in image.layers:
        each = own.get(layer.descriptor.digest)
        layers.append(
            {
                "kind": "base" if each is None else each.kind,
                "summary": None if each is None else each.summary,
                "digest": layer.descriptor.digest,
                "size": layer.descriptor.size,
                "cached": True if each is None else each.cached,
            }
        )
    return {
        "platform": str(platform.platform),
        "base_digest": platform.base_digest,
        "packages": list(platform.packages),
        "layers": layers,
        "id": platform.id,
        "digest": platform.digest,
    }


def show_files(files: Sequence[Path], directory: Path) -> None:
    """Print the files that were written to stdout; those of a hidden directory as one line.

    Args:
        files: absolute paths.
        directory: the component directory, absolute.
    """
    hidden: Counter[Path] = Counter()
    for path in files:
        parents = path.relative_to(directory).parts[:-1]
        if parents and parents[0].startswith("."):
            hidden[directory / parents[0]] += 1
        else:
            terminal.data(shown(path))
    for path, count in hidden.items():
        terminal.data(f"{shown(path)}/ ({count} files)")


def _list(label: str, values: Sequence[str]) -> list[tuple[str, str]]:
    return [(label if number == 0 else "", value) for number, value in enumerate(values)]


def _layers(built: BuiltPlatform, image: Image) -> list[str]:
    count = len(image.layers) - len(built.layers)
    below = sum(layer.descriptor.size for layer in image.layers[:count])
    rows = [("base", size(below), "", f"{count} layer{'s' * (count != 1)}")]
    rows += [
        (each.kind, size(each.layer.descriptor.size), "cached" if each.cached else "new", each.summary)
        for each in built.layers
    ]
    return [f"{kind:<8}  {bytes_:>8}  {state:<6}  {summary}" for kind, bytes_, state, summary in rows]


def _tag(tag: BuiltTag) -> str:
    there = tag.pushed is not None and not tag.pushed.pushed
    return f"{tag.reference.familiar}{', the registry had it' if there else ''}"


def _tag_json(tag: BuiltTag) -> dict[str, Any]:
    return {"name": tag.reference.familiar, "pushed": tag.pushed is not None and tag.pushed.pushed}


def _pushed(built: BuiltImage) -> str:
    if built.pushed is None:
        return "no, --no-push-image"
    if not built.pushed.pushed:
        return "the registry had it"
    there = built.pushed.mounted + built.pushed.skipped
    count = built.pushed.uploaded
    sent = f"{count} blob{'s' * (count != 1)} sent ({size(built.pushed.uploaded_bytes)})"
    return f"{sent}, {there} already there" if there else sent
