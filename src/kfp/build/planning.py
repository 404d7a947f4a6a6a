"""From a directory to a plan: which components go into which image, checked before anything is built."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.build.dockerfile import users_own
from kfp.build.events import ComponentFound, FilesLeftOut, PackagesDeclared
from kfp.build.grouping import ImagePlan, PlannedComponent, group
from kfp.build.modules import load_components, matching_files
from kfp.build.source import Context, read_context
from kfp.build.stat_cache import StatCache
from kfp.errors import BuildError
from kfp.home import kfp_home
from kfp.requirements import Requirement, without_kfp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kfp.build.events import OnEvent
    from kfp.build.kfp_package import Runtime


@dataclass(frozen=True)
class Plan:
    """What a build of a directory will do.

    Args:
        directory: the component directory, absolute.
        context: the files that go into every image.
        images: sorted by target.
        runtime: what the images have as their kfp; None is this version's runtime.
    """

    directory: Path
    context: Context
    images: tuple[ImagePlan, ...]
    runtime: Runtime | None = None

    @property
    def components(self) -> tuple[PlannedComponent, ...]:
        """The components of all images, sorted by function name."""
        everything = (component for image in self.images for component in image.components)
        return tuple(sorted(everything, key=lambda component: component.function_name))


def plan(
    directory: Path,
    pattern: str = "**/*.py",
    *,
    select: Sequence[str] = (),
    runtime: Runtime | None = None,
    on_event: OnEvent | None = None,
) -> Plan:
    """Finds the components of a directory and groups them into images. Runs the user's modules; writes nothing there.

    Args:
        directory: the component directory.
        pattern: which of its files hold components.
        select: names of components or of target images, `*` and `?` included: only their images are planned.
        runtime: what the images get as their kfp instead of this version's runtime; from `kfp.build.kfp_package`.
        on_event: called with what is found.

    Raises:
        BuildError: no file matches; a module fails to import; no component has a target image, or none that is
            selected; components contradict each other; a file cannot be read.
        UndefinedNameError: a component function uses a name that nothing defines.
        InvalidReference: a base or target image has a malformed name.
    """
    tell = on_event or (lambda _: None)
    root = Path(os.path.abspath(directory))  # noqa: PTH100 (".." goes, links stay: so modules name their files)
    if not root.is_dir():
        raise BuildError(f"{directory} is no directory")
    digests = StatCache(kfp_home() / "cache" / "sources" / f"{hashlib.sha256(bytes(root)).hexdigest()}.json")
    context = read_context(root, digests)
    digests.save()
    files = matching_files(root, pattern, context.paths)
    found = [PlannedComponent(component, path) for path, component in load_components(root, files)]
    images = _selected(group(found, root, files), select)
    made = Plan(root, context, tuple(_with(image, runtime) for image in images), runtime)
    if context.secrets and users_own(root) is None:
        tell(FilesLeftOut(context.secrets))
    for file, passed_over in {(i.declared.file, i.declared.passed_over): None for i in made.images}:
        if file is not None:
            tell(PackagesDeclared(file, passed_over))
    for image in made.images:
        for planned in image.components:
            tell(ComponentFound(planned.function_name, root / planned.path, image.target))
    return made


def _with(image: ImagePlan, runtime: Runtime | None) -> ImagePlan:
    """Adds what another kfp wants installed."""
    if runtime is None:
        return image
    wanted = tuple(Requirement(line, f"{runtime.summary}, --kfp-package-path") for line in runtime.requirements)
    lines = {*image.requirements, *without_kfp(runtime.requirements)}
    return replace(image, requirements=tuple(sorted(lines)), wanted=(*image.wanted, *wanted))


def _selected(images: tuple[ImagePlan, ...], select: Sequence[str]) -> tuple[ImagePlan, ...]:
    for pattern in select:
        if not any(_is_meant(image, pattern) for image in images):
            there = [
                f"{', '.join(each.function_name for each in image.components)} for {image.target.familiar}"
                for image in images
            ]
            raise BuildError(
                f"no component and no target image is called {pattern!r}",
                hint=f"there are {'; '.join(there)}",
            )
    return tuple(image for image in images if not select or any(_is_meant(image, pattern) for pattern in select))


def _is_meant(image: ImagePlan, pattern: str) -> bool:
    target = image.target
    names = [target.familiar, str(target), target.name, target.repository, target.repository.rpartition("/")[2]]
    return any(fnmatchcase(name, pattern) for name in (*names, *(each.function_name for each in image.components)))
