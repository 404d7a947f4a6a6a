"""What a run does: a tree of DAGs whose tasks know their component and whom they wait for.

`planner.py` reads it from a document.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from kfp.engine.flow.iterations import Iterator
from kfp.engine.scheduling.graph import Graph
from kfp.engine.scheduling.resources import NOTHING, Request
from kfp.ir.expressions import Expression
from kfp.ir.spec import PipelineConfig

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kfp.engine.platforms.reading import Settings
    from kfp.engine.records.record import Kind
    from kfp.ir.spec import ComponentSpec, ImporterSpec, PipelineContainerSpec, PipelineTaskSpec

CLAIM_IMAGES = ("argostub/createpvc", "argostub/deletepvc")
"""The images of `kubernetes.CreatePVC` and `kubernetes.DeletePVC`: names that backends know, and no images."""


class Task(msgspec.Struct, frozen=True, eq=False):
    """One task of a DAG; `container` says what its step runs, `importer` what it imports, or `dag` what it opens into.

    Args:
        name: the task's name in its DAG.
        spec: its inputs and policies.
        component: the inputs and outputs that it has.
        label: the label of its executor.
        platform: what its executor says for Kubernetes.
        ignored: the other platforms that it has settings for.
        condition: it is skipped where this does not hold.
        iterator: what it runs over, None where it runs once.
        request: what its step asks of the machine; None where that depends on its inputs.
        selectors: which part of a source's value an input takes, by the input's name.
    """

    name: str
    spec: PipelineTaskSpec
    component: ComponentSpec
    label: str = ""
    container: PipelineContainerSpec | None = None
    importer: ImporterSpec | None = None
    dag: Dag | None = None
    platform: Settings | None = None
    ignored: tuple[str, ...] = ()
    condition: Expression | None = None
    iterator: Iterator | None = None
    request: Request | None = NOTHING
    selectors: Mapping[str, Expression] = msgspec.field(default_factory=dict)

    @property
    def display_name(self) -> str:
        """The name that a person gave the task, else its own."""
        return self.spec.task_info.name or self.name

    @property
    def kind(self) -> Kind:
        """What records call it."""
        if self.iterator is not None:
            return "loop"
        return "dag" if self.dag is not None else "importer" if self.importer is not None else "container"


class Dag(msgspec.Struct, frozen=True, eq=False):
    """A DAG: its tasks, and for the scheduler their graph, in the same order.

    Args:
        component: what it is.
        tasks: its tasks.
        graph: the same.
        size: how many tasks it opens into, those of its DAGs included; a loop, which opens bit by bit, counts once.
    """

    component: ComponentSpec
    tasks: tuple[Task, ...]
    graph: Graph
    size: int

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Each task's name and display name, those that others wait for before them."""
        ranks = self.graph.ranks()
        ordered = (self.tasks[place] for place in sorted(range(len(ranks)), key=ranks.__getitem__))
        return tuple((task.name, task.display_name) for task in ordered)


def tasks_within(dag: Dag) -> Iterable[Task]:
    """Yield the tasks of a DAG and of those in it, those of each DAG component once."""
    todo, seen = [dag], {id(dag)}
    while todo:
        for task in todo.pop().tasks:
            yield task
            if task.dag is not None and id(task.dag) not in seen:
                seen.add(id(task.dag))
                todo.append(task.dag)


class Plan(msgspec.Struct, frozen=True, eq=False):
    """What a run does.

    Args:
        name: the pipeline's name.
        root: the DAG that runs.
        steps: how many different steps there are, each counted once per DAG component that holds it.
        config: the settings of the whole pipeline.
    """

    name: str
    root: Dag
    steps: int
    config: PipelineConfig = PipelineConfig()
