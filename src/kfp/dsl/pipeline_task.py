"""A task: one call of a component inside a pipeline; its settings are `kfp.dsl.task_settings`."""

from enum import Enum
from typing import TYPE_CHECKING, Any, Dict, List, NoReturn, Optional, Union

from kfp.dsl.pipeline_channel import PipelineChannel, TaskOutput, create_channel, find_channels
from kfp.dsl.task_settings import ConfiguredTask
from kfp.dsl.tasks_group import TasksGroup
from kfp.errors import ArgumentTypeError, AuthoringError, UnknownOutputError
from kfp.location import caller

if TYPE_CHECKING:
    from kfp.dsl.base_component import BaseComponent
    from kfp.dsl.exit_handler import ExitHandler
    from kfp.dsl.pipeline_context import Pipeline
    from kfp.dsl.task_container import TaskContainer
    from kfp.pipeline_spec.pipeline_spec_pb2 import (  # type: ignore[import-untyped,unused-ignore]
        PipelineSpec,
        PlatformSpec,
    )


class TaskState(Enum):
    """What has become of a task; KFP's name for it."""

    FUTURE = "FUTURE"
    FINAL = "FINAL"


class PipelineTask(ConfiguredTask):
    """A call of a component; component calls inside a pipeline function return it.

    Args:
        component: what is called.
        inputs: the arguments, checked.
        pipeline: the pipeline under construction, which gets the task.

    Attributes:
        component: what is called.
        name: unique in the pipeline: `add`, `add-2`.
        inputs: the arguments by input name: constants and channels.
        channels: the task's outputs by name.
        settings: what the setters of `ConfiguredTask` have set.
        platform_config: settings for one platform by its name, such as `kubernetes`; JSON.
        parent: the group that it was called in.
        place: the line of the call.
        exit_of: the dsl.ExitHandler whose exit task it is, or None.
        ignores_failure: whether it runs after failed tasks as well.
    """

    def __init__(self, component: "BaseComponent", inputs: Dict[str, Any], pipeline: "Pipeline") -> None:
        super().__init__()
        self.component = component
        self.pipeline = pipeline
        self.name = pipeline.unique_name(component.name)
        self.inputs = inputs
        self.platform_config: Dict[str, Dict[str, Any]] = {}
        self.channels: Dict[str, TaskOutput] = {
            key: create_channel(key, spec, pipeline, self) for key, spec in component.interface.outputs.items()
        }
        self.place = caller()
        self.parent: TasksGroup = pipeline.group
        self.exit_of: Optional[ExitHandler] = None
        self.ignores_failure = False
        self._container: Optional[TaskContainer] = None
        self._after: Dict[str, Union[PipelineTask, TasksGroup]] = {}
        pipeline.add(self)

    @property
    def outputs(self) -> Dict[str, TaskOutput]:
        """The task's outputs by name."""
        return Outputs(self.name, self.channels)

    @property
    def output(self) -> TaskOutput:
        """The task's output, where it has exactly one.

        Raises:
            UnknownOutputError: it has none or several.
        """
        if len(self.channels) == 1:
            return next(iter(self.channels.values()))
        if not self.channels:
            raise UnknownOutputError("task {!r} has no output".format(self.name))
        raise UnknownOutputError(
            "task {!r} has several outputs".format(self.name),
            hint="name one: {}".format(", ".join("task.outputs[{!r}]".format(name) for name in self.channels)),
        )

    @property
    def component_spec(self) -> Any:
        """The spec of what is called: `task.component.component_spec`."""
        return self.component.component_spec

    @property
    def container_spec(self) -> "Optional[TaskContainer]":
        """What its container runs, to change it for this task; None where a pipeline or importer is called."""
        if self._container is None and self.component.is_container:
            from kfp.dsl.task_container import TaskContainer  # compiles the component; few tasks are asked

            self._container = TaskContainer(self)
        return self._container

    @property
    def commands(self) -> Dict[str, List[str]]:
        """The `command` and `args` of its container, if someone has looked at them and may have changed them."""
        return {} if self._container is None else {"command": self._container.command, "args": self._container.args}

    @property
    def pipeline_spec(self) -> "Optional[PipelineSpec]":
        """The compiled pipeline, as the official protobuf message, where a pipeline is called; else None."""
        return self.component.pipeline_spec if self._is_of_pipeline else None

    @property
    def platform_spec(self) -> "PlatformSpec":
        """What platforms add to the pipeline that is called, as the official protobuf message.

        Raises:
            AuthoringError: no pipeline is called.
        """
        if self._is_of_pipeline:
            return self.component.platform_spec
        raise AuthoringError(
            "task {!r} has no platform_spec, for {!r} is {}".format(
                self.name, self.component.name, self.component.kind
            ),
            hint="its settings for platforms are its platform_config",
        )

    @property
    def parent_task_group(self) -> TasksGroup:
        """The group that it was called in."""
        return self.parent

    @property
    def state(self) -> TaskState:
        """What has become of it: nothing yet. What a call outside pipelines returns has a state that tells more."""
        return TaskState.FUTURE

    @property
    def _is_of_pipeline(self) -> bool:
        return self.component.kind == "a pipeline"

    @property
    def dependent_tasks(self) -> List[str]:
        """The names of the tasks that `after` was called with."""
        return list(self._after)

    @property
    def channel_inputs(self) -> List[PipelineChannel]:
        """The channels among the arguments and inside them, and those in the settings."""
        return find_channels([self.inputs, self.settings, self.platform_config, self.commands], self.pipeline)

    @property
    def predecessors(self) -> "List[Union[PipelineTask, TasksGroup]]":
        """The tasks and groups that `after` was called with."""
        return list(self._after.values())

    def waits_for_tasks(self) -> bool:
        """Tell whether it takes an output of another task or runs after one."""
        return bool(self._after) or any(channel.producer is not None for channel in self.channel_inputs)

    def after(self, *tasks: "Union[PipelineTask, ExitHandler]") -> "PipelineTask":
        """Run this task only after others have succeeded.

        Args:
            *tasks: tasks of the same pipeline, or the groups of `with dsl.ExitHandler(...) as group:`.

        Raises:
            AuthoringError: something else is given, or the task itself.
        """
        for task in tasks:
            if isinstance(task, TasksGroup) and not task.is_awaitable:
                raise AuthoringError(
                    "after() of task {!r} takes tasks and dsl.ExitHandler, not {}".format(self.name, task.keyword),
                    hint="name a task in it",
                )
            if not isinstance(task, (PipelineTask, TasksGroup)):
                raise AuthoringError("after() of task {!r} takes tasks, not {!r}".format(self.name, task))
            if task is self or getattr(task, "pipeline", None) is not self.pipeline:
                reason = "itself" if task is self else "task {!r} of another pipeline".format(task.name)
                raise AuthoringError("task {!r} cannot run after {}".format(self.name, reason))
            self._after[task.name] = task
        return self

    def ignore_upstream_failure(self) -> "PipelineTask":
        """Run this task when the tasks that it waits for have ended, even if they failed.

        Raises:
            AuthoringError: an input that takes an output of another task has no default.
        """
        inputs = self.component.interface.inputs
        for name, value in self.inputs.items():
            for channel in find_channels(value, self.pipeline):
                if channel.producer is not None and not inputs[name].optional:
                    raise AuthoringError(
                        "task {!r} cannot ignore failures: its input {!r} takes {} and has no default".format(
                            self.name, name, channel.title
                        ),
                        hint="give the parameter {!r} of the component a default".format(name),
                    )
        self.ignores_failure = True
        return self

    def __iter__(self) -> NoReturn:
        raise ArgumentTypeError(
            "task {!r} cannot be iterated".format(self.name),
            hint="its outputs are task.outputs; a loop over one of them is dsl.ParallelFor(...)",
        )

    def __repr__(self) -> str:
        return "<task {!r} of pipeline {!r}>".format(self.name, self.pipeline.name)


class Outputs(Dict[str, TaskOutput]):
    """A task's outputs by name; a wrong name says which there are."""

    def __init__(self, task_name: str, channels: Dict[str, TaskOutput]) -> None:
        super().__init__(channels)
        self._task_name = task_name

    def __missing__(self, name: str) -> NoReturn:
        raise UnknownOutputError(
            "task {!r} has no output {!r}".format(self._task_name, name),
            hint="it has {}".format(", ".join(repr(known) for known in self) or "none"),
        )
