"""From a directory to a plan: which components go into which image, checked before anything is built."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.build.events import ComponentFound, FilesLeftOut
from kfp.build.modules import load_components, matching_files
from kfp.build.source import Context, read_context
from kfp.build.stat_cache import StatCache
from kfp.dsl.names import check_names
from kfp.errors import BuildError, InvalidReference
from kfp.home import kfp_home
from kfp.images.reference import Reference
from kfp.requirements import Indexes, without_kfp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kfp.build.events import OnEvent
    from kfp.dsl.python_component import PythonComponent


@dataclass(frozen=True)
class PlannedComponent:
    """A component with the file that defines it, relative to the component directory."""

    component: PythonComponent
    path: str

    @property
    def function_name(self) -> str:
        """What the step calls, and the name of the metadata file."""
        return self.component.function_name


@dataclass(frozen=True)
class ImagePlan:
    """One image to build.

    Args:
        base: the image that it stands on.
        target: its name.
        components: sorted by function name.
        requirements: what all of them want installed, without repetitions, sorted.
        indexes: where it is looked for.
    """

    base: Reference
    target: Reference
    components: tuple[PlannedComponent, ...]
    requirements: tuple[str, ...]
    indexes: Indexes


@dataclass(frozen=True)
class Plan:
    """What a build of a directory will do.

    Args:
        directory: the component directory, absolute.
        context: the files that go into every image.
        images: sorted by target.
    """

    directory: Path
    context: Context
    images: tuple[ImagePlan, ...]

    @property
    def components(self) -> tuple[PlannedComponent, ...]:
        """The components of all images, sorted by function name."""
        everything = (component for image in self.images for component in image.components)
        return tuple(sorted(everything, key=lambda component: component.function_name))


def plan(directory: Path, pattern: str = "**/*.py", *, on_event: OnEvent | None = None) -> Plan:
    """Finds the components of a directory and groups them into images. Runs the user's modules; writes nothing there.

    Args:
        directory: the component directory.
        pattern: which of its files hold components.
        on_event: called with what is found.

    Raises:
        BuildError: no file matches; a module fails to import; no component has a target image; components contradict
            each other; a file cannot be read.
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
    made = Plan(root, context, _images(found, root, files))
    if context.secrets:
        tell(FilesLeftOut(context.secrets))
    for image in made.images:
        for planned in image.components:
            tell(ComponentFound(planned.function_name, root / planned.path, image.target))
    return made


def _images(found: list[PlannedComponent], root: Path, files: list[str]) -> tuple[ImagePlan, ...]:
    containerized = [planned for planned in found if planned.component.target_image]
    if not containerized:
        raise _nothing_to_build(found, root, files)
    _check_names_differ(containerized, root)
    for planned in containerized:
        check_names(planned.component)
    groups: dict[tuple[Reference, Reference], list[PlannedComponent]] = {}
    for planned in containerized:
        component = planned.component
        base = _reference(component.base_image, "base_image", planned, root)
        target = _reference(str(component.target_image), "target_image", planned, root)
        groups.setdefault((target, base), []).append(planned)
    _check_one_base_each(groups, root)
    _check_bases_are_not_built(groups)
    ordered = sorted(groups.items(), key=lambda item: str(item[0][0]))
    return tuple(_image(base, target, members) for (target, base), members in ordered)


def _image(base: Reference, target: Reference, members: list[PlannedComponent]) -> ImagePlan:
    members = sorted(members, key=lambda planned: planned.function_name)
    components = [planned.component for planned in members]
    return ImagePlan(
        base=base,
        target=target,
        components=tuple(members),
        requirements=tuple(sorted(without_kfp(line for each in components for line in each.packages_to_install))),
        indexes=Indexes(
            urls=_union(each.pip_index_urls for each in components),
            trusted_hosts=_union(each.pip_trusted_hosts for each in components),
        ),
    )


def _union(lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for items in lists for item in items))


def _reference(text: str, setting: str, planned: PlannedComponent, root: Path) -> Reference:
    try:
        return Reference.parse(text)
    except InvalidReference as error:
        place = f"{root / planned.path}: the {setting} {text!r} of the component {planned.function_name}"
        raise InvalidReference(f"{place} is malformed: {error.message}", hint=error.hint) from error


def _check_names_differ(components: list[PlannedComponent], root: Path) -> None:
    seen: dict[str, PlannedComponent] = {}
    for planned in components:
        other = seen.setdefault(planned.function_name, planned)
        if other is not planned:
            raise BuildError(
                f"two components are called {planned.function_name}: one in {root / other.path}, "
                f"one in {root / planned.path}",
                hint="rename one of them; a component is found in its image, and its metadata file named, by this name",
            )


def _check_one_base_each(groups: dict[tuple[Reference, Reference], list[PlannedComponent]], root: Path) -> None:
    seen: dict[Reference, tuple[Reference, PlannedComponent]] = {}
    for (target, base), members in groups.items():
        other_base, other = seen.setdefault(target, (base, members[0]))
        if other_base != base:
            raise BuildError(
                f"the image {target.familiar} is wanted on two bases: {other_base.familiar} by {other.function_name} "
                f"in {root / other.path}, {base.familiar} by {members[0].function_name} in {root / members[0].path}",
                hint="give them the same base_image, or target images of their own",
            )


def _check_bases_are_not_built(groups: dict[tuple[Reference, Reference], list[PlannedComponent]]) -> None:
    """Refuses a base that the same command builds: all bases are read before anything is built."""
    built = {target: members[0] for (target, _), members in groups.items()}
    for (_, base), members in groups.items():
        if base in built:
            raise BuildError(
                f"{base.familiar} is the target_image of {built[base].function_name} and the base_image of "
                f"{members[0].function_name}",
                hint="use another name; where one image shall stand on the other, build them one after the other with "
                "--component-filepattern",
            )


def _nothing_to_build(found: list[PlannedComponent], root: Path, files: list[str]) -> BuildError:
    if not found:
        shown = ", ".join(files[:3]) + (f" and {len(files) - 3} more files" if len(files) > 3 else "")  # noqa: PLR2004
        return BuildError(
            f"no component is defined in {shown} of {root}",
            hint="decorate a function with @dsl.component(base_image=…, target_image=…)",
        )
    first = found[0]
    return BuildError(
        f"the component {first.function_name} in {root / first.path} has no target_image"
        + (f", nor has any other of the {len(found)} components found" if len(found) > 1 else ""),
        hint="@dsl.component(target_image='registry/project/name:tag') says which image to build; "
        "a component without one is lightweight and needs no build",
    )
