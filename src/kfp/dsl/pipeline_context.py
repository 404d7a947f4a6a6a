"""The pipeline under construction: what a pipeline function's body adds tasks to."""

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Dict, Iterator, Optional, Set, Tuple

from kfp.dsl.interface import InputDefinition
from kfp.dsl.moved import moved
from kfp.dsl.pipeline_channel import PipelineChannel, create_channel
from kfp.dsl.tasks_group import TasksGroup
from kfp.errors import AuthoringError

if TYPE_CHECKING:
    from kfp.dsl.pipeline_decorator import pipeline
    from kfp.dsl.pipeline_task import PipelineTask
else:
    __getattr__ = moved(__name__, {"pipeline": "kfp.dsl.pipeline_decorator"})

__all__ = ["Pipeline", "current_pipeline", "pipeline"]

_CURRENT: "ContextVar[Optional[Pipeline]]" = ContextVar("kfp.dsl.pipeline", default=None)


def current_pipeline() -> "Optional[Pipeline]":
    """Give the pipeline whose function body is running here, or None."""
    return _CURRENT.get()


class Pipeline:
    """The tasks, inputs and outputs of a pipeline while its function runs; complete when it has returned.

    Args:
        name: the pipeline's name.
        inputs: what the pipeline takes.

    Attributes:
        inputs: the channels of what it takes, by name.
        tasks: by name, in the order of the calls.
        outputs: the channels that it returns, by output name.
        root: the group of all tasks outside `with` blocks.
        group: the group that is open.
        waits: for each task and group, the tasks and groups beside it that must end before it starts; by name.
    """

    def __init__(self, name: str, inputs: Dict[str, InputDefinition]) -> None:
        self.name = name
        self.inputs = {key: create_channel(key, spec, self) for key, spec in inputs.items()}
        self.tasks: Dict[str, PipelineTask] = {}
        self.outputs: Dict[str, PipelineChannel] = {}
        self.root = TasksGroup()
        self.group = self.root
        self.waits: Dict[str, Set[str]] = {}
        self._next: Dict[str, int] = {}
        self._number = 0
        self._groups: Set[str] = set()
        self._registered: Dict[Tuple[str, str], PipelineChannel] = {}

    @contextmanager
    def building(self) -> "Iterator[Pipeline]":
        """Make this the pipeline that component calls add their tasks to."""
        token = _CURRENT.set(self)
        try:
            yield self
        finally:
            _CURRENT.reset(token)

    def unique_name(self, base: str) -> str:
        """Give the name of the next task of a component: `add`, `add-2`, `add-3`."""
        name = base
        number = self._next.get(base, 1)
        while name in self.tasks or name in self._groups:
            number += 1
            name = "{}-{}".format(base, number)
        self._next[base] = number
        return name

    def next_number(self) -> int:
        """Give the next of the numbers that groups and lists of constants have in their names."""
        self._number += 1
        return self._number

    def group_name(self, prefix: str) -> str:
        """Give the name of the next group: its kind and a number that no other group has."""
        name = "{}-{}".format(prefix, self.next_number())
        while name in self.tasks:
            name = "{}-{}".format(prefix, self.next_number())
        self._groups.add(name)
        return name

    def add(self, task: "PipelineTask") -> None:
        """Add a task to the group that is open."""
        self.tasks[task.name] = task
        task.parent = self.group
        self.group.members.append(task)

    def register(self, source: str, channel: PipelineChannel) -> None:
        """Let the patterns of a channel that a group gives be found in texts.

        Args:
            source: the name of the group.
            channel: the channel.
        """
        self._registered[source, channel.name] = channel

    def channel(self, task_name: str, name: str) -> PipelineChannel:
        """Give the channel that a pattern in a text means.

        Raises:
            AuthoringError: nothing of that name is in this pipeline.
        """
        registered = self._registered.get((task_name, name))
        if registered is not None:
            return registered
        channels = self.inputs if not task_name else getattr(self.tasks.get(task_name), "channels", {})
        if name not in channels:
            what = "input {!r}".format(name) if not task_name else "output {!r} of task {!r}".format(name, task_name)
            raise AuthoringError(
                "a text in pipeline {!r} refers to the {}, which is not in this pipeline".format(self.name, what),
                hint="pass it into the pipeline as an input",
            )
        return channels[name]
