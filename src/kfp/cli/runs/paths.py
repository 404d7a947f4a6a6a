"""Paths of tasks: what is common to many, which lie innermost, how wide they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kfp.ir.spec import ComponentSpec, PipelineSpec

WIDEST = 40
"""How wide a column of paths gets; the few that are longer stick out."""

_ITERATION = len("/99")


def general(path: str) -> str:
    """Return a task's path with `*` for the numbers of iterations: what is the same for all of them."""
    return "/".join("*" if name.isdecimal() else name for name in path.split("/"))


def innermost(paths: Iterable[str]) -> list[str]:
    """Return the paths that no other one goes on from."""
    listed = list(paths)
    above = {path.rpartition("/")[0] for path in listed}
    return [path for path in listed if path not in above]


def column_for(spec: PipelineSpec) -> int:
    """Return how wide the column of task names has to be for the tasks of a pipeline, those of nested DAGs included."""
    known: dict[str, int] = {}

    def widest(component: ComponentSpec) -> int:
        """Return the length of the longest path in a component; one that holds itself is refused elsewhere."""
        found = 0
        for name, task in component.dag.tasks.items() if component.dag is not None else ():
            reference = task.component_ref.name
            if reference not in known:
                known[reference] = 0
                inner = spec.components.get(reference)
                known[reference] = widest(inner) if inner is not None else 0
            loops = task.parameter_iterator is not None or task.artifact_iterator is not None
            below = known[reference] + 1 if known[reference] else 0
            found = max(found, len(name) + (_ITERATION if loops else 0) + below)
        return found

    return min(widest(spec.root), WIDEST)
