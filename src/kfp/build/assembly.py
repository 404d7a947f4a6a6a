"""Puts layers on a base image and sets what a step needs; a pure function of its inputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kfp.build import layout
from kfp.errors import BuildError
from kfp.images.config import EPOCH, timestamp
from kfp.requirements.indexes import redact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kfp.build.events import LayerKind
    from kfp.build.grouping import ImagePlan
    from kfp.images.image import Image
    from kfp.images.layer import Layer

_YEAR_10000 = 253_402_300_800


@dataclass(frozen=True)
class BuiltLayer:
    """A layer that was put on the base.

    Args:
        kind: whose it is.
        summary: what it holds, for people.
        layer: the blob.
        cached: whether it was built before.
        inputs: name → version or digest of what went in.
    """

    kind: LayerKind
    summary: str
    layer: Layer
    cached: bool
    inputs: Mapping[str, str] = field(default_factory=dict, compare=False)


def creation_time(environ: Mapping[str, str]) -> str:
    """Gives the time that images say they were made at: SOURCE_DATE_EPOCH, else the epoch (reproducible-builds.org).

    Raises:
        BuildError: SOURCE_DATE_EPOCH is no number of seconds.
    """
    seconds = environ.get("SOURCE_DATE_EPOCH", "")
    if not seconds:
        return EPOCH
    if not (seconds.isascii() and seconds.isdigit() and int(seconds) < _YEAR_10000):
        raise BuildError(f"SOURCE_DATE_EPOCH is {seconds!r}, which is no number of seconds since 1970")
    return timestamp(int(seconds))


def assemble(
    base: Image, plan: ImagePlan, layers: Sequence[BuiltLayer], packages: Sequence[str], created: str = EPOCH
) -> Image:
    """Puts layers on a base and sets what a step needs: environment, working directory, labels.

    Args:
        base: the base image.
        plan: what the image is for.
        layers: lowest first; the last is the source's.
        packages: `name==version` of everything that the package layers hold.
        created: from `creation_time`.
    """
    image = base
    for each in layers:
        # Only what decides about the contents may be told here: the history is part of the image ID.
        told = f"kfp component build: {each.kind}" + (f" {each.summary}" if each.kind == "packages" else "")
        image = image.append(each.layer, created_by=told, created=created)
    inherited = base.config.env.get("PYTHONPATH", "")
    search = [f"/{layout.RUNTIME}", *(part for part in inherited.split(":") if part and part != f"/{layout.RUNTIME}")]
    labels = {layout.SOURCE_LABEL: layers[-1].layer.diff_id, layout.PACKAGES_LABEL: "\n".join(packages)}
    if plan.indexes.urls:
        labels[layout.INDEX_URLS_LABEL] = "\n".join(map(redact, plan.indexes.urls))
    config = (
        image.config.with_env({"PYTHONPATH": ":".join(search), "PYTHONSAFEPATH": "1"})
        .with_working_dir(f"/{layout.COMPONENTS}")
        .with_labels(labels)
        .with_created(created)
    )
    return image.with_config(config).with_annotations(
        {
            "org.opencontainers.image.base.name": str(plan.base),
            "org.opencontainers.image.base.digest": base.digest,
            "org.opencontainers.image.created": created,
        }
    )
