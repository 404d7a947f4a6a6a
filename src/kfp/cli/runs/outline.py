"""The shape of a run's pipeline, for who knows only its records: which tasks a DAG has, how often a loop goes round."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kfp.cli.runs.paths import column_for
from kfp.engine.continuing.run_files import read_document
from kfp.engine.planning.plan import Dag, Task, tasks_within
from kfp.engine.planning.planner import plan
from kfp.errors import SkiffError

if TYPE_CHECKING:
    from pathlib import Path

    from kfp.engine.records.record import TaskRecord


class Outline:
    """What a run's document says.

    Args:
        root: the pipeline's DAG; None where the run keeps no document.
    """

    def __init__(self, root: Dag | None) -> None:
        self._root = root
        self._indices: dict[int, dict[str, Task]] = {}

    @classmethod
    def of(cls, directory: Path) -> Outline:
        """Read the document that a run keeps in its directory; one that cannot be read has no outline."""
        try:
            document = read_document(directory)
            return cls(plan(document.spec, document.platforms).root)
        except (SkiffError, OSError):
            return cls(None)

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Name and display name of each task of the pipeline."""
        return self._root.names if self._root is not None else ()

    def names_in(self, path: str) -> tuple[tuple[str, str], ...]:
        """Return name and display name of each task in a DAG, or in an iteration of a loop."""
        task = self._task(path)
        return task.dag.names if task is not None and task.dag is not None else ()

    def iterations(self, record: TaskRecord) -> int | None:
        """Return how many iterations a loop that has started has; None for what is no loop."""
        task = self._task(record.path)
        if record.kind != "loop" or task is None or task.iterator is None:
            return None
        if task.iterator.source is None:
            return len(task.iterator.items)
        kind = "artifacts" if task.iterator.of_artifacts else "parameters"
        items = ((record.inputs or {}).get(kind) or {}).get(task.iterator.source)
        if isinstance(items, str):
            try:
                items = json.loads(items)
            except ValueError:
                return None
        if isinstance(items, dict):  # a long list, of which the record has the digest
            return items.get("items")
        return len(items) if isinstance(items, (list, tuple)) else None

    def knows(self, said: str) -> bool:
        """Tell whether a task may be called so: by its path, the end of that, or its display name."""
        if self._root is None:
            return True
        *_, name = ["", *(part for part in said.split("/") if not part.isdecimal())]
        return any(task.name == name or task.display_name == said for task in tasks_within(self._root))

    def _task(self, path: str) -> Task | None:
        """Return the task of a path; an iteration is the loop's own."""
        task, dag, is_loop = None, self._root, False
        for name in path.split("/"):
            if is_loop:
                is_loop = False
                continue
            task = self._index(dag).get(name) if dag is not None else None
            if task is None:
                return None
            dag, is_loop = task.dag, task.iterator is not None
        return task

    def _index(self, dag: Dag) -> Mapping[str, Task]:
        index = self._indices.get(id(dag))
        if index is None:
            index = self._indices[id(dag)] = {task.name: task for task in dag.tasks}
        return index


def document_column(directory: Path) -> int:
    """Return how wide the names of a recorded run's tasks are; 0 where nothing is known."""
    try:
        return column_for(read_document(directory).spec)
    except (SkiffError, OSError):
        return 0
