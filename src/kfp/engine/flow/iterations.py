"""A loop: the items that a task runs over, what each iteration is given, and what all of them have made.

The scheduler sees a loop as a DAG of its iterations, which need nothing of each other.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from kfp.engine.flow.inputs import as_declared
from kfp.engine.flow.values import Values
from kfp.engine.scheduling.graph import Graph, Vertex
from kfp.errors import RunError, SpecError
from kfp.ir.values import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kfp.engine.planning.plan import Task
    from kfp.ir.spec import ComponentSpec, Json, PipelineTaskSpec


class Iterator(msgspec.Struct, frozen=True):
    """What a task runs over.

    Args:
        item: the input of the task's component that an item goes into.
        source: the input of the task that holds the items; None where `items` are known.
        items: the items, where they are constants.
        of_artifacts: whether the items are artifacts.
        limit: how many iterations may be under way at the same time; 0 is any number.
    """

    item: str
    source: str | None = None
    items: tuple[Any, ...] = ()
    of_artifacts: bool = False
    limit: int = 0


def read_iterator(name: str, spec: PipelineTaskSpec) -> Iterator | None:
    """Return what a task runs over, None where it runs once.

    Args:
        name: the task's name, for errors.
        spec: the task (`ParameterIteratorSpec`, `ArtifactIteratorSpec`, `IteratorPolicy`).

    Raises:
        SpecError: the constant items are not a list in JSON.
    """
    limit = max(0, spec.iterator_policy.parallelism_limit) if spec.iterator_policy else 0
    if spec.artifact_iterator is not None:
        over = spec.artifact_iterator
        return Iterator(over.item_input, over.items.input_artifact, of_artifacts=True, limit=limit)
    if spec.parameter_iterator is None:
        return None
    loop = spec.parameter_iterator
    if loop.items.input_parameter is not None:
        return Iterator(loop.item_input, loop.items.input_parameter, limit=limit)
    try:
        return Iterator(loop.item_input, items=_listed(name, loop.items.raw or ""), limit=limit)
    except RunError as error:
        raise SpecError(error.message) from None


def loop_items(task: Task, iterator: Iterator, inputs: Values) -> tuple[Any, ...]:
    """Return the items of a loop, in order: JSON values or artifacts.

    Args:
        task: the task.
        iterator: what it runs over.
        inputs: its inputs, as far as they are the same for all iterations.

    Raises:
        RunError: there are no items, or they are not a list.
    """
    if iterator.source is None:
        return iterator.items
    if iterator.of_artifacts:
        if iterator.source not in inputs.artifacts:
            raise RunError(f"task {task.name!r} runs over the artifacts {iterator.source!r}, which are not there")
        return inputs.artifacts[iterator.source]
    if iterator.source not in inputs.parameters:
        raise RunError(f"task {task.name!r} runs over {iterator.source!r}, which has no value")
    return _listed(task.name, inputs.parameters[iterator.source])


def iteration_inputs(task: Task, iterator: Iterator, inputs: Values, item: Any) -> Values:  # noqa: ANN401 - JSON, artifact
    """Return what one iteration is given.

    Args:
        task: the task.
        iterator: what it runs over.
        inputs: what all iterations are given.
        item: the iteration's own.

    Raises:
        ArgumentsError: the item is not of the type that the task takes.
    """
    if iterator.of_artifacts:
        return Values(inputs.parameters, {**inputs.artifacts, iterator.item: (item,)})
    if item is None:
        return inputs
    value = as_declared(task, iterator.item, item, f"the item of the loop {task.name!r}")
    return Values({**inputs.parameters, iterator.item: value}, inputs.artifacts)


def iterations_graph(task: Task, count: int) -> Graph:
    """Return the iterations of a loop as the scheduler sees them."""
    policy = task.spec.retry_policy
    retries = policy.max_retry_count if policy is not None and task.dag is None else 0
    vertex = Vertex(task.name, is_dag=task.dag is not None, retries=retries, request=task.request)
    return Graph((vertex,) * count, ((),) * count)


def collect(component: ComponentSpec, iterations: Sequence[Values | None]) -> Values:
    """Return the outputs of a loop.

    Args:
        component: what ran over the items.
        iterations: what each iteration has made, in order; None for one that was skipped.

    Returns:
        For each parameter the list of the iterations' values, so a loop in a loop gives a list of lists; for each
        artifact the list of all of theirs, because lists of artifacts have no lists inside.
    """
    made = [each for each in iterations if each is not None]
    outputs = component.output_definitions
    return Values(
        {name: [each.parameters[name] for each in made if name in each.parameters] for name in outputs.parameters},
        {name: tuple(one for each in made for one in each.artifacts.get(name, ())) for name in outputs.artifacts},
    )


def _listed(name: str, value: Json) -> tuple[Any, ...]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise RunError(f"task {name!r} runs over {show(value)}, which is not a list in JSON") from None
    if not isinstance(value, (list, tuple)):
        raise RunError(f"task {name!r} runs over {show(value)}, which is not a list")
    return tuple(value)
