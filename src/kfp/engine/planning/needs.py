"""Refuses, before a run starts, tasks that need a value which comes from nowhere (`kfp.ir.sources`).

A group passes on what it is given; one that nothing in it uses does not matter, and the run goes on without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from kfp.errors import SpecError
from kfp.ir.sources import missing_inputs

if TYPE_CHECKING:
    from kfp.engine.planning.plan import Task
    from kfp.ir.spec import ComponentSpec, PipelineSpec


def check_inputs(spec: PipelineSpec, component: ComponentSpec, task: Task, where: str) -> None:
    """Refuse a task with an input that it cannot do without and that comes from nowhere.

    Args:
        spec: the pipeline.
        component: whose DAG the task is in.
        task: the task.
        where: the component's path.

    Raises:
        SpecError: there is such an input; the message carries its path.
    """
    for kind, name, reason in missing_inputs(spec, component, task.spec):
        if _is_needed(task, name):
            raise SpecError(
                f"{where}.dag.tasks.{task.name}.inputs.{kind}s.{name}: {reason}, and task {task.name!r} needs it",
                hint="compile the pipeline again with this `kfp`: upstream's compiler loses some values of groups",
            )


def _is_needed(task: Task, name: str) -> bool:
    if task.iterator is not None and task.iterator.source == name:
        return True
    if task.condition is not None and f"'{name}'" in task.condition.text:
        return True
    if task.dag is not None:
        return False
    declared = task.component.input_definitions
    if name in declared.parameters:
        parameter = declared.parameters[name]
        return not parameter.is_optional and parameter.default_value is UNSET
    return name not in declared.artifacts or not declared.artifacts[name].is_optional
