"""What a build would do, for people and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kfp.cli import tables
from kfp.cli.pipeline_file import shown
from kfp.units import size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kfp.build import BuildOptions
    from kfp.build.forecast import ForecastImage, ForecastLayers, ForecastPlatform

_SHOWN = 5
"""Differences of one part that people get to see; JSON has all of them."""


def show(image: ForecastImage, options: BuildOptions) -> None:
    """Print what would be done for an image to stdout.

    Args:
        image: from `kfp.build.forecast`.
        options: those of the build.
    """
    rows = [*_list("components", [each.function_name for each in image.components]), ("base", image.base.familiar)]
    if image.dockerfile is not None:
        rows = [*rows[:-1], ("from", f"{shown(image.dockerfile)}, by a container engine")]
    for platform in image.platforms:
        rows += _platform(platform)
    rows += _list("push to" if options.push else "names", [each.familiar for each in (image.reference, *image.names)])
    if not options.push:
        rows.append(("push to", "nowhere, --no-push-image"))
    if options.load:
        rows.append(("load into", "docker or podman"))
    if options.archive is not None:
        rows.append(("write to", f"{shown(options.archive)}, a {options.archive_format} archive"))
    tables.show_fields(image.reference.familiar, rows)


def _platform(platform: ForecastPlatform) -> list[tuple[str, str]]:
    rows = [
        ("", platform.base_digest or "built by the same command"),
        ("platform", str(platform.platform)),
        *_list("packages", platform.packages or ["none"]),
    ]
    lines = []
    if platform.base_size is not None:
        lines.append(f"{'base':<8}  {size(platform.base_size):>8}  as it is")
    for layers in platform.layers:
        lines.append(f"{layers.kind:<8}  {'' if layers.size is None else size(layers.size):>8}  {_state(layers)}")
        lines += [f"{'':<20}{line}" for line in _why(layers)]
    return [*rows, *_list("layers", lines)]


def _state(layers: ForecastLayers) -> str:
    return f"{'cached  ' if layers.cached else 'to build'}  {layers.summary}"


def _why(layers: ForecastLayers) -> list[str]:
    lines = [str(difference) for difference in layers.differences[:_SHOWN]]
    hidden = len(layers.differences) - len(lines)
    return [*lines, *([f"and {hidden} more"] if hidden else [])]


def to_json(image: ForecastImage, options: BuildOptions) -> dict[str, Any]:
    """Return what `show` prints as JSON, with every difference."""
    return {
        "name": image.reference.familiar,
        "components": [component.function_name for component in image.components],
        "base": image.base.familiar,
        "dockerfile": None if image.dockerfile is None else str(image.dockerfile),
        "platforms": [
            {
                "platform": str(platform.platform),
                "base_digest": platform.base_digest,
                "packages": list(platform.packages),
                "layers": [
                    {
                        "kind": layers.kind,
                        "summary": layers.summary,
                        "cached": layers.cached,
                        "size": layers.size,
                        "differences": [asdict(difference) for difference in layers.differences],
                    }
                    for layers in platform.layers
                ],
            }
            for platform in image.platforms
        ],
        "names": [name.familiar for name in image.names],
        "push": options.push,
        "load": options.load,
        "archive": None if options.archive is None else str(options.archive),
    }


def _list(label: str, values: Sequence[str]) -> list[tuple[str, str]]:
    return [(label if number == 0 else "", value) for number, value in enumerate(values)]
