"""Components grouped into images: one for each target, checked against each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kfp.build.order import in_stages
from kfp.dsl.names import check_names
from kfp.errors import BuildError, InvalidReference
from kfp.images.reference import Reference
from kfp.requirements import Indexes, Requirement, absolute, read_declared, without_kfp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kfp.dsl.python_component import PythonComponent
    from kfp.requirements import Declared


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
        requirements: what all of them want installed, as they wrote it, without repetitions, sorted.
        indexes: where it is looked for.
        wanted: the same, with paths made absolute, each with the component that wants it.
        declared: what the directory wants installed besides.
    """

    base: Reference
    target: Reference
    components: tuple[PlannedComponent, ...]
    requirements: tuple[str, ...]
    indexes: Indexes
    wanted: tuple[Requirement, ...]
    declared: Declared

    @property
    def needs_packages(self) -> bool:
        """Whether anything is to be installed."""
        return bool(self.requirements) or not self.declared.empty


def group(found: list[PlannedComponent], root: Path, files: list[str]) -> tuple[ImagePlan, ...]:
    """Groups the components of a directory by target image.

    Args:
        found: all components that were found, lightweight ones included.
        root: the component directory.
        files: where they were looked for.

    Returns:
        The images, sorted by target.

    Raises:
        BuildError: no component has a target image, or components contradict each other.
        RequirementsError: the directory's requirements.txt, pyproject.toml or lock cannot be read.
        UndefinedNameError: a component function uses a name that nothing defines.
        InvalidReference: a base or target image has a malformed name.
    """
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
    ordered = sorted(groups.items(), key=lambda item: str(item[0][0]))
    declared = read_declared(root)
    images = tuple(_image(base, target, members, declared) for (target, base), members in ordered)
    in_stages(images)
    return images


def _image(base: Reference, target: Reference, members: list[PlannedComponent], declared: Declared) -> ImagePlan:
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
        ).with_more(declared.indexes),
        wanted=tuple(each for planned in members for each in _wanted(planned, declared.directory)),
        declared=declared,
    )


def _wanted(planned: PlannedComponent, root: Path) -> Iterator[Requirement]:
    line = planned.component.python_func.__code__.co_firstlineno
    for package in without_kfp(planned.component.packages_to_install):
        yield Requirement(absolute(package, root), f"component {planned.function_name} in {planned.path}:{line}")


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
