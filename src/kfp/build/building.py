"""From a plan to images in the store and in the registry, and to the files beside the components."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from kfp.build import events
from kfp.build.assembly import creation_time
from kfp.build.component_files import component_files, write_files
from kfp.build.dockerfile import users_own
from kfp.build.files import check_writable
from kfp.build.making import Maker
from kfp.build.options import BuildOptions
from kfp.build.order import in_stages
from kfp.build.outputs import Outputs
from kfp.build.preparing import prepare
from kfp.build.pushing import distribute, further_names
from kfp.build.revision import find_revision
from kfp.build.source import METADATA_FOLDER
from kfp.build.together import serialised, together
from kfp.home import kfp_home

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kfp.build.built import BuiltImage
    from kfp.build.events import OnEvent
    from kfp.build.grouping import ImagePlan
    from kfp.build.planning import Plan
    from kfp.images.store import Store

DEFAULTS = BuildOptions()


def build(
    plan: Plan, *, store: Store, options: BuildOptions = DEFAULTS, on_event: OnEvent | None = None
) -> list[BuiltImage]:
    """Builds every image of a plan, puts them into the store, writes the components' files, and pushes.

    All bases are found and all packages resolved before the first layer is built, several images and platforms at a
    time; only an image that stands on another of the plan waits for it. The component directory is written after the
    last image is stored. A user's own Dockerfile is built by a container engine instead (`kfp.build.engine_build`).

    Args:
        plan: from `kfp.build.plan`.
        store: the local image store.
        options: everything else.
        on_event: called with what happens, from several threads but never at the same time.

    Raises:
        BuildError: the directory cannot be written, or a base has no Python for packages.
        RequirementsError: packages cannot be resolved or installed.
        ImageError: a base cannot be found, the store cannot be written, or a registry fails.
        EngineUnavailable: the user has a Dockerfile of their own, and no engine is there to build it.
    """
    tell: OnEvent = serialised(on_event)
    created = creation_time(os.environ)
    for directory in (store.root, plan.directory / METADATA_FOLDER):
        check_writable(directory)
    names = further_names([image.target for image in plan.images], options)
    outputs = Outputs.of(options)
    dockerfile = users_own(plan.directory)
    if dockerfile is not None and not options.overwrite_dockerfile:
        from kfp.build.engine_build import build_from_dockerfile  # noqa: PLC0415 (start-up: most have no Dockerfile)

        image = build_from_dockerfile(dockerfile, plan, store=store, options=options, tell=tell)
        if options.pin:  # after the build: an image that has the metadata in it cannot have its own digest
            pinned = component_files(plan, {image.reference: image.digest})
            tell(events.FilesWritten(write_files(plan.directory, pinned)))
        done = [distribute(image, names.get(image.reference, ()), store, options, tell)]
        outputs.hand_over(done, store, tell)
        return done
    if dockerfile is not None and plan.context.secrets:
        tell(events.FilesLeftOut(plan.context.secrets))
    texts = component_files(plan)
    revision = find_revision(plan.context, kfp_home() / "cache" / "revisions")
    maker = Maker(plan, store, options, created, tell, revision)
    with store.in_use():
        built = {image.reference: image for stage in in_stages(plan.images) for image in _stage(stage, maker)}
    if options.pin:
        texts = component_files(plan, {image.reference: image.digest for image in built.values()})
    tell(events.FilesWritten(write_files(plan.directory, texts)))
    ordered = [built[image.target] for image in plan.images]
    done = [distribute(image, names[image.reference], store, options, tell) for image in ordered]
    outputs.hand_over(done, store, tell)
    return done


def _stage(images: Sequence[ImagePlan], maker: Maker) -> list[BuiltImage]:
    """Builds images that do not stand on each other, several at a time."""
    prepared = prepare(images, maker.options, maker.store, maker.tell)
    made = iter(together([partial(maker.make, one) for image in prepared for one in image]))
    return [maker.keep(image, [next(made) for _ in image]) for image in prepared]
