"""Puts layers on a base image and sets what a step needs; a pure function of its inputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

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
    from kfp.images.reference import Reference

BASE_NAME: Final = "org.opencontainers.image.base.name"
BASE_DIGEST: Final = "org.opencontainers.image.base.digest"
_STEP = "kfp component build: "
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
    base: Image,
    plan: ImagePlan,
    layers: Sequence[BuiltLayer],
    packages: Sequence[str],
    created: str = EPOCH,
    *,
    local: Sequence[str] = (),
) -> Image:
    """Puts layers on a base and sets what a step needs: environment, working directory, labels.

    Args:
        base: the base image.
        plan: what the image is for.
        layers: lowest first; the last is the source's.
        packages: `name==version` of everything that the package layers hold.
        created: from `creation_time`.
        local: those of the packages that no index has.
    """
    labels = {layout.INDEX_URLS_LABEL: "\n".join(map(redact, plan.indexes.urls))} if plan.indexes.urls else {}
    return put_on(base, plan.base, layers, packages, local=local, labels=labels, created=created)


def put_on(
    base: Image,
    name: Reference,
    layers: Sequence[BuiltLayer],
    packages: Sequence[str],
    *,
    local: Sequence[str] = (),
    labels: Mapping[str, str],
    annotations: Mapping[str, str] | None = None,
    created: str = EPOCH,
) -> Image:
    """Puts the layers of a component image on a base, whoever knows of them: a build, or the image that has them.

    Args:
        base: the base image.
        name: its name.
        layers: lowest first; the last is the source's.
        packages: `name==version` of everything that the package layers hold.
        local: those of the packages that no index has.
        labels: further ones.
        annotations: further ones.
        created: RFC 3339 time.
    """
    image = base
    for each in layers:
        image = image.append(each.layer, created_by=step_of(each.kind, each.summary), created=created)
    inherited = base.config.env.get("PYTHONPATH", "")
    search = [f"/{layout.RUNTIME}", *(part for part in inherited.split(":") if part and part != f"/{layout.RUNTIME}")]
    installed = with_packages(_lines(base, layout.PACKAGES_LABEL), packages)
    below = [each for each in _lines(base, layout.LOCAL_PACKAGES_LABEL) if each in installed and each not in packages]
    own = {layout.SOURCE_LABEL: layers[-1].layer.diff_id, layout.PACKAGES_LABEL: "\n".join(installed)}
    if below or local or layout.LOCAL_PACKAGES_LABEL in base.config.labels:
        own[layout.LOCAL_PACKAGES_LABEL] = "\n".join((*below, *local))
    config = (
        image.config.with_env({"PYTHONPATH": ":".join(search), "PYTHONSAFEPATH": "1"})
        .with_working_dir(f"/{layout.COMPONENTS}")
        .with_labels({**own, **labels})
        .with_created(created)
    )
    return image.with_config(config).with_annotations(
        {
            **(annotations or {}),
            BASE_NAME: str(name),
            BASE_DIGEST: base.digest,
            "org.opencontainers.image.created": created,
        }
    )


def step_of(kind: str, summary: str) -> str:
    """Writes the step of a layer in the image's history.

    Only what decides about the contents may be told: the history is part of the image ID.
    """
    return f"{_STEP}{kind} {summary}" if kind == "packages" else f"{_STEP}{kind}"


def read_step(text: str) -> tuple[str, str] | None:
    """Reads kind and summary from a step of an image's history; None where it is none of ours."""
    if not text.startswith(_STEP):
        return None
    kind, _, summary = text[len(_STEP) :].partition(" ")
    return kind, summary


def with_packages(below: Sequence[str], above: Sequence[str]) -> list[str]:
    """Gives the packages that an image has, `name==version`, where its base has some that it does not replace."""
    names = {package.partition("==")[0] for package in above}
    return [*(package for package in below if package.partition("==")[0] not in names), *above]


def _lines(image: Image, label: str) -> list[str]:
    return [line for line in image.config.labels.get(label, "").splitlines() if line]
