"""An image from the user's own Dockerfile: built by docker, podman or buildah, and taken into the store."""

from __future__ import annotations

import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kfp.build import events
from kfp.build.assembly import BuiltLayer
from kfp.build.builders import find_builder
from kfp.build.built import BuiltImage, BuiltPlatform
from kfp.build.component_files import write_context
from kfp.build.dockerfile_bases import Bases, read_bases
from kfp.build.generated import is_generated
from kfp.build.source import DOCKERIGNORES
from kfp.build.spoken import run_spoken
from kfp.errors import BuildError
from kfp.home import kfp_home
from kfp.images.image import Image
from kfp.images.image_index import ImageIndex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kfp.build.builders import Builder
    from kfp.build.events import OnEvent
    from kfp.build.grouping import ImagePlan
    from kfp.build.options import BuildOptions
    from kfp.build.planning import Plan
    from kfp.images.platform import Platform
    from kfp.images.reference import Reference
    from kfp.images.store import Store

_OVERWRITE = "--overwrite-dockerfile has Skiff write its own and build without an engine, and so does deleting it"
_LINES_TOLD = 3
_STEP_TOLD = 80
_SHELL = re.compile(r"^/bin/sh -c (?:#\(nop\)\s*)?")


def build_from_dockerfile(
    dockerfile: Path, plan: Plan, *, store: Store, options: BuildOptions, tell: OnEvent
) -> BuiltImage:
    """Builds the image of a directory from the user's own Dockerfile, and takes it into the store.

    What upstream's build writes for a Dockerfile to copy is written before: requirements, configuration, a
    .dockerignore, and the runtime where the Dockerfile asks for it. Images that it names and that only the store has
    are given to the engine.

    Args:
        dockerfile: in the component directory.
        plan: of a single image.
        store: where images to build on may be, and where this one goes.
        options: which engine, its options, and the platforms.
        tell: called with what happens.

    Raises:
        BuildError: the plan has several images, or the engine fails.
        EngineUnavailable: there is no engine, or none answers.
        ImageError: a base cannot be given to the engine, or the image cannot be stored.
    """
    started = time.perf_counter()
    image = _only_image(plan, dockerfile)
    builder = find_builder(options.engine, hint=f"install or start docker, podman or buildah; {_OVERWRITE}")
    text = _read(dockerfile)
    tell(events.FilesWritten(write_context(plan, text)))
    if plan.context.secrets:
        leaves_out = all(
            is_generated(file.read_bytes()) for file in map(plan.directory.joinpath, DOCKERIGNORES) if file.exists()
        )
        tell((events.FilesLeftOut if leaves_out else events.SecretsExposed)(plan.context.secrets))
    work = _Work(builder, dockerfile, image.target, store, options, tell)
    bases = read_bases(text)
    platforms = _platforms(options) or (None,)
    with store.in_use():
        made = work.images(platforms, bases)
        images = [each.image for each in made]
        whole = images[0] if len(images) == 1 else ImageIndex.of(images)
        store.put(whole, image.target)
    tell(events.ImageStored(image.target, images[0].id, whole.digest))
    seconds = time.perf_counter() - started
    return BuiltImage(
        reference=image.target,
        base=bases.final or image.base,
        digest=whole.digest,
        platforms=tuple(_told(each, seconds) for each in made),
        seconds=seconds,
        dockerfile=dockerfile,
        engine=builder.name,
    )


class _Made(NamedTuple):
    """An image, its base where the store has it, and whether the store had the image before."""

    image: Image
    below: Image | None
    cached: bool


@dataclass(frozen=True)
class _Work:
    """One Dockerfile, the engine that builds it, and the store that takes what it makes."""

    builder: Builder
    dockerfile: Path
    target: Reference
    store: Store
    options: BuildOptions
    tell: OnEvent

    def images(self, platforms: Sequence[Platform | None], bases: Bases) -> list[_Made]:
        for platform in platforms:
            self._give(bases, platform)
        whole = self.store.get_whole(self.target)
        stored = whole.images if isinstance(whole, ImageIndex) else (whole,) if whole else ()
        return [self._make(platform, bases, {image.id: image for image in stored}) for platform in platforms]

    def _make(self, platform: Platform | None, bases: Bases, known: Mapping[str, Image]) -> _Made:
        image, cached = self._built(platform, known)
        if not _is_for(image, platform):  # on `FROM scratch`, caches of engines forget what the image is for
            image, cached = self._built(platform, known, "--no-cache")
        if not _is_for(image, platform):
            raise BuildError(
                f"{self.builder.name} built {self.target.familiar} for {image.platform}, not for {platform}",
                hint="docker builds for other machines with BuildKit (install buildx), or use --engine podman",
            )
        below = self.store.get(bases.final, image.platform) if bases.final else None
        return _Made(_sharing(image, below), below, cached)

    def _built(self, platform: Platform | None, known: Mapping[str, Image], *options: str) -> tuple[Image, bool]:
        self._run(platform, options)
        image = known.get(self.builder.image_id(self.target) or "")
        return image or self._take(), image is not None

    def _give(self, bases: Bases, platform: Platform | None) -> None:
        """Gives the engine the images that it lacks and the store has; others it pulls, or says that it cannot."""
        for reference in bases.images:
            stored = self.store.get(reference, platform)
            if stored is not None and self.builder.image_id(reference) is None:
                self.builder.give(stored, reference)

    def _run(self, platform: Platform | None, more: Sequence[str]) -> None:
        program, context = self.builder.program, self.dockerfile.parent
        options = (*more, *self.options.engine_options)
        command = self.builder.build_command(
            self.dockerfile, self.target, context=context, platform=platform, options=options
        )
        self.tell(events.EngineStarted(self.builder.name, self.dockerfile, self.target))
        said: list[str] = []

        def hear(line: str) -> None:
            said.append(line)
            del said[:-_LINES_TOLD]
            self.tell(events.EngineSaid(line))

        try:
            code = run_spoken(command, within=context, say=hear)
        except OSError as error:
            raise BuildError(f"{program} cannot be started: {error.strerror or error}") from error
        if code != 0:
            told = " ".join(line.strip() for line in said if line.strip()) or "it said nothing"
            raise BuildError(
                f"`{program} build` of {self.dockerfile} ended with {code}: {told}",
                hint=f"correct the Dockerfile, or pass options to the engine with --engine-option; {_OVERWRITE}",
            )

    def _take(self) -> Image:
        """Copies what the engine made into the store."""
        from kfp.images.archive import load  # noqa: PLC0415 (start-up: a build that changes nothing copies nothing)

        # Where builds stage packages: /tmp often lies in memory, and what a killed build left here is swept.
        staging = kfp_home() / "cache" / "packages"
        staging.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="staging-", dir=staging) as directory:
            load(self.builder.save(self.target, Path(directory)), self.store, self.target)
        taken = self.store.get(self.target)
        if taken is None:
            raise BuildError(f"{self.target.familiar} was removed from the local store while it was built")
        return taken


def _only_image(plan: Plan, dockerfile: Path) -> ImagePlan:
    if len(plan.images) > 1:
        names = ", ".join(image.target.familiar for image in plan.images)
        raise BuildError(
            f"{dockerfile} makes one image, and the components want {len(plan.images)}: {names}",
            hint=f"choose components of one image with --component-filepattern; or {_OVERWRITE}",
        )
    return plan.images[0]


def _platforms(options: BuildOptions) -> tuple[Platform, ...]:
    if isinstance(options.platforms, str):
        raise BuildError(
            "which platforms a Dockerfile can be built for, its bases alone do not tell",
            hint="name them, as in --platform linux/amd64,linux/arm64",
        )
    return options.platforms


def _read(dockerfile: Path) -> str:
    try:
        return dockerfile.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise BuildError(f"{dockerfile} cannot be read: {error.strerror or error}") from error


def _is_for(image: Image, platform: Platform | None) -> bool:
    return platform is None or image.platform.matches(platform)


def _stands_on(image: Image, below: Image | None) -> int:
    """Gives how many layers of an image are its base's, as far as that is at hand."""
    base = below.config.diff_ids if below is not None else ()
    return len(base) if image.config.diff_ids[: len(base)] == base else 0


def _sharing(image: Image, below: Image | None) -> Image:
    """Gives the same image with its base's layers as the store has them, which a registry may have."""
    count = _stands_on(image, below)
    if below is None or not count:
        return image
    base = (layer.in_family(image.manifest.family) for layer in below.layers)
    layers = (*base, *image.layers[count:])
    manifest = image.manifest.with_blobs(image.manifest.config, (layer.descriptor for layer in layers))
    return Image(manifest, image.config, layers)


def _told(made: _Made, seconds: float) -> BuiltPlatform:
    image, below, cached = made
    count = _stands_on(image, below)
    steps = [step.created_by for step in image.config.history if not step.empty_layer]
    summaries = [_SHELL.sub("", step)[:_STEP_TOLD] for step in steps]
    if len(summaries) != len(image.layers):
        summaries = [""] * len(image.layers)
    own = zip(image.layers[count:], summaries[count:], strict=True)
    return BuiltPlatform(
        platform=image.platform,
        base_digest=below.digest if below is not None and count else "",
        id=image.id,
        digest=image.digest,
        layers=tuple(BuiltLayer("engine", summary, layer, cached) for layer, summary in own),
        packages=(),
        seconds=seconds,
    )
