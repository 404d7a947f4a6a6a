"""Who waits for whom in a pipeline, and whether each task can get what it takes where it stands.

A task or group waits only for its neighbours: tasks and groups of the same group. When a task deep inside a group
takes the output of a task outside, it is the outermost group around it, still inside their common group, that waits.
The other way round, nothing outside a group can take what a task in it gives: a condition may not hold, and a loop
gives many. `dsl.OneOf` and `dsl.Collected` are the ways out.
"""

from typing import TYPE_CHECKING, Dict, Iterator, List, NoReturn, Optional, Set, Union

from kfp.dsl.block import BlockGroup
from kfp.dsl.collected import Collected
from kfp.dsl.parallel_for import ParallelFor
from kfp.dsl.tasks_group import TasksGroup
from kfp.errors import AuthoringError, InvalidTopologyException

if TYPE_CHECKING:
    from kfp.dsl.pipeline_channel import PipelineChannel
    from kfp.dsl.pipeline_context import Pipeline
    from kfp.dsl.pipeline_task import PipelineTask
    from kfp.location import Location

    Node = Union[PipelineTask, TasksGroup]


def waits(pipeline: "Pipeline") -> "Dict[str, Set[str]]":
    """Give, for each task and group of a pipeline, the names of the neighbours that it waits for.

    Raises:
        InvalidTopologyException: a task takes what it cannot get, or tasks wait for each other in a circle.
        AuthoringError: a task takes a final status that it cannot have.
    """
    every = list(nodes(pipeline.root))
    edges: Dict[str, Set[str]] = {node.name: set() for node in every}
    for node in every:
        _connect(node, edges)
    _refuse_circles(pipeline.root, edges)
    for node in every:
        if isinstance(node, TasksGroup):
            _refuse_circles(node, edges)
    for task in pipeline.tasks.values():
        _check_status(task, edges[task.name])
    return edges


def nodes(group: TasksGroup) -> "Iterator[Node]":
    """Give all tasks and groups inside a group, outer ones before inner ones."""
    for member in group.members:
        yield member
        if isinstance(member, TasksGroup):
            for inner in nodes(member):
                yield inner


def inside(node: "Node", group: TasksGroup) -> "Optional[Node]":
    """Give the member of a group that a node is or is in, or None if the node is outside."""
    current: "Optional[Node]" = node
    while current is not None and current.parent is not group:
        current = current.parent
    return current


def common_group(node: "Node", group: TasksGroup) -> TasksGroup:
    """Give the innermost group that has both a node and a group in it; it may be the group itself."""
    current: Optional[TasksGroup] = group
    while current is not None and inside(node, current) is None:
        current = current.parent
    if current is None:
        raise InvalidTopologyException("{!r} and {!r} are of different pipelines".format(node.name, group.name))
    return current


def path(outer: TasksGroup, inner: TasksGroup) -> List[TasksGroup]:
    """Give the groups from below an outer group down to an inner one, which is in it."""
    found = []
    current: Optional[TasksGroup] = inner
    while current is not None and current is not outer:
        found.append(current)
        current = current.parent
    return found[::-1]


def _connect(node: "Node", edges: "Dict[str, Set[str]]") -> None:
    """Let a node take what it is given, and follow what it runs after."""
    if isinstance(node, TasksGroup):
        for channel in node.channels if isinstance(node, BlockGroup) else ():
            _take(node, channel, edges)
        return
    for channel in node.channel_inputs:
        _take(node, channel, edges)
    for before in node.predecessors:
        _follow(node, before, edges)
    if node.exit_of is not None:
        edges[node.name].add(node.exit_of.name)


def _take(node: "Node", channel: "PipelineChannel", edges: "Dict[str, Set[str]]") -> None:
    """Let a node take a channel."""
    common = common_group(node, channel.home)
    left = path(common, channel.home)
    member = inside(node, common)
    if member is None:
        return
    if isinstance(channel, Collected):
        _check_collected(_title(node), node.place, channel, left)
        edges[member.name].add(left[0].name)
        return
    if left:
        _refuse(node, channel, left[0])
    if channel.producer is not None:
        if channel.producer is member and member is not node:
            raise InvalidTopologyException(
                "{} takes {}, which it is part of".format(_title(node), channel.title), location=node.place
            )
        edges[member.name].add(channel.producer.name)


def _follow(node: "PipelineTask", before: "Node", edges: "Dict[str, Set[str]]") -> None:
    """Let a task run after a task or group."""
    home = before.parent
    if home is None:
        return
    if isinstance(before, TasksGroup) and inside(node, before) is not None:
        raise InvalidTopologyException(
            "{} cannot run after {}, which it is in".format(_title(node), before.keyword), location=node.place
        )
    common = common_group(node, home)
    left = path(common, home)
    if left and not isinstance(left[0], ParallelFor):
        raise InvalidTopologyException(
            "{} runs after task {!r}, which stands in {} (at {}) and might never run".format(
                _title(node), before.name, left[0].keyword, left[0].place
            ),
            hint="call it in the same block",
            location=node.place,
        )
    member = inside(node, common)
    if member is not None:
        edges[member.name].add(left[0].name if left else before.name)


def _refuse(node: "Node", channel: "PipelineChannel", group: TasksGroup) -> NoReturn:
    hint = "call it in the same block"
    if isinstance(group, ParallelFor) and channel.task is not None:
        hint += ", or take the outputs of all iterations: dsl.Collected(...)"
    elif channel.task is not None and group.name.startswith("condition"):
        hint += ", or take the output of whichever branch runs: dsl.OneOf(...)"
    raise InvalidTopologyException(
        "{} takes {} from outside {} (at {})".format(_title(node), channel.title, group.keyword, group.place),
        hint=hint,
        location=node.place,
    )


def _check_collected(taker: str, place: "Optional[Location]", channel: Collected, left: List[TasksGroup]) -> None:
    if not any(isinstance(group, ParallelFor) for group in left):
        raise InvalidTopologyException(
            "{} takes {}, but there is no dsl.ParallelFor around that task that is not around both".format(
                taker, channel.title
            ),
            hint="take the output itself: task.output",
            location=place,
        )
    if not isinstance(left[0], ParallelFor):
        raise InvalidTopologyException(
            "{} takes {}, whose loop stands in {} (at {}) and might never run".format(
                taker, channel.title, left[0].keyword, left[0].place
            ),
            hint="call it in the same block",
            location=place,
        )


def check_output(channel: "PipelineChannel") -> None:
    """Check that a pipeline can return a channel.

    Raises:
        InvalidTopologyException: it is inside a group, and neither a dsl.OneOf nor a dsl.Collected of it.
    """
    home = channel.home
    root = channel.pipeline.root
    if isinstance(channel, Collected):
        _check_collected("the pipeline", None, channel, path(root, home))
    elif home is not root:
        group = path(root, home)[0]
        raise InvalidTopologyException(
            "pipeline {!r} returns {} from inside {} (at {})".format(
                channel.pipeline.name, channel.title, group.keyword, group.place
            ),
            hint="return outputs of tasks at its top level, a dsl.OneOf of branches, or a dsl.Collected of a loop",
        )


def _refuse_circles(group: TasksGroup, edges: "Dict[str, Set[str]]") -> None:
    members = {member.name: member for member in group.members}
    names = set(members)
    waiting = {name: edges[name] & names for name in members}
    after: Dict[str, List[str]] = {name: [] for name in members}
    for name, before in waiting.items():
        for other in before:
            after[other].append(name)
    missing = {name: len(before) for name, before in waiting.items()}
    ready = [name for name, count in missing.items() if not count]
    while ready:
        name = ready.pop()
        del missing[name]
        for other in after[name]:
            missing[other] -= 1
            if not missing[other]:
                ready.append(other)
    if not missing:
        return
    name, circle = min(missing), []
    while name not in circle:
        circle.append(name)
        name = min(before for before in waiting[name] if before in missing)
    circle = circle[circle.index(name) :]
    raise InvalidTopologyException(
        "tasks wait for each other in a circle: {}".format(" after ".join(repr(each) for each in [*circle, name])),
        hint="let one of them not wait: {}".format(
            ", ".join("{!r} is called at {}".format(each, members[each].place) for each in circle)
        ),
        location=members[name].place,
    )


def _check_status(task: "PipelineTask", before: "Set[str]") -> None:
    names = [name for name, spec in task.component.interface.inputs.items() if spec.type == "TASK_FINAL_STATUS"]
    if not names or task.exit_of is not None:
        return
    if not task.ignores_failure:
        raise AuthoringError(
            "{} takes the final status of a task in {!r}, but is no exit task".format(_title(task), names[0]),
            hint="pass it to dsl.ExitHandler, or let it run after one task with .ignore_upstream_failure()",
            location=task.place,
        )
    if len(before) != 1:
        raise InvalidTopologyException(
            "{} takes the final status of a task in {!r}, but waits for {}".format(
                _title(task), names[0], ", ".join(repr(name) for name in sorted(before)) or "none"
            ),
            hint="let it run after exactly one task",
            location=task.place,
        )


def _title(node: "Node") -> str:
    if isinstance(node, TasksGroup):
        return node.keyword
    return "task {!r}".format(node.name)
