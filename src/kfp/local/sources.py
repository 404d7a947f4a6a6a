"""Finds the code of containerized components on this machine, so that they run without having been built."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kfp.dsl.graph_component import GraphComponent
from kfp.dsl.python_component import PythonComponent
from kfp.engine.settings import Source
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kfp.dsl.base_component import BaseComponent


def sources(component: BaseComponent) -> dict[tuple[str, str], Source]:
    """Find the code of every containerized component that a component or pipeline holds, by image and function.

    Components of one image and directory share what they install, as they would in the image.

    Raises:
        RunError: two functions of one name belong to one image.
    """
    images: dict[tuple[str, Path], Source] = {}
    places: dict[tuple[str, str], Path] = {}
    for each, image in _containerized(component):
        place = _place(each)
        if place is None:
            continue
        directory, module, import_path = place
        file = directory / module
        other = places.setdefault((image, each.function_name), file)
        if other != file:
            raise RunError(
                f"image {image} is the target of two components {each.function_name!r}: in {other} and in {file}",
                hint="give one of them another name, or another target_image",
            )
        known = images.get((image, directory), Source(directory))
        images[image, directory] = Source(
            directory,
            {**known.modules, each.function_name: module},
            tuple(dict.fromkeys([*known.import_path, *import_path])),
            tuple(dict.fromkeys([*known.requirements, *each.packages_to_install])),
            tuple(dict.fromkeys([*known.index_urls, *each.pip_index_urls])),
            tuple(dict.fromkeys([*known.trusted_hosts, *each.pip_trusted_hosts])),
        )
    return {(image, function): source for (image, _), source in images.items() for function in source.modules}


def _containerized(component: BaseComponent) -> Iterator[tuple[PythonComponent, str]]:
    """Yield the Python components with a target image in a component, those of nested pipelines included."""
    todo, seen = [component], {id(component)}
    while todo:
        each = todo.pop()
        if isinstance(each, PythonComponent) and each.target_image:
            yield each, each.target_image
        elif isinstance(each, GraphComponent):
            inside = {id(task.component): task.component for task in each.pipeline.tasks.values()}
            todo.extend(item for number, item in inside.items() if number not in seen)
            seen.update(inside)


def _place(component: PythonComponent) -> tuple[Path, Path, list[Path]] | None:
    """Return a component's directory, its module's file relative to that, and where its imports come from besides.

    The directory is the nearest one above that was built (it has a `kfp_config.ini`), else that of the outermost
    package which the module was imported from, else the module's own.
    """
    file = Path(component.module_path).absolute()
    if not file.is_file():
        return None
    packages = component.python_func.__module__.split(".")[:-1]
    outermost = file.parents[max(0, len(packages) - 1)] if len(packages) < len(file.parents) else file.parent
    candidates = [file.parent, *file.parents[1 : len(packages)]]
    directory = next((each for each in candidates if (each / "kfp_config.ini").is_file()), outermost)
    return directory, file.relative_to(directory), [file.parents[len(packages)]] if packages else []
