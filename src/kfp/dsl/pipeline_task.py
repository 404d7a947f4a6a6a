"""A task: one call of a component inside a pipeline; its settings are `kfp.dsl.task_settings`."""

from typing import TYPE_CHECKING, Any, Dict, List, NoReturn

from kfp.dsl.pipeline_channel import PipelineChannel, create_channel, find_channels
from kfp.dsl.task_settings import ConfiguredTask
from kfp.errors import AuthoringError

if TYPE_CHECKING:
    from kfp.dsl.base_component import BaseComponent
    from kfp.dsl.pipeline_context import Pipeline


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
    """

    def __init__(self, component: "BaseComponent", inputs: Dict[str, Any], pipeline: "Pipeline") -> None:
        super().__init__()
        self.component = component
        self.pipeline = pipeline
        self.name = pipeline.unique_name(component.name)
        self.inputs = inputs
        self.platform_config: Dict[str, Dict[str, Any]] = {}
        self.channels = {
            key: create_channel(key, spec, pipeline, self) for key, spec in component.component_spec.outputs.items()
        }
        self._after: Dict[str, PipelineTask] = {}
        pipeline.add(self)

    @property
    def outputs(self) -> Dict[str, PipelineChannel]:
        """The task's outputs by name."""
        return Outputs(self.name, self.channels)

    @property
    def output(self) -> PipelineChannel:
        """The task's output, where it has exactly one.

        Raises:
            AttributeError: it has none or several.
        """
        if len(self.channels) == 1:
            return next(iter(self.channels.values()))
        if not self.channels:
            raise AttributeError("task {!r} has no output".format(self.name))
        raise AttributeError(
            "task {!r} has several outputs; name one: {}".format(
                self.name, ", ".join("task.outputs[{!r}]".format(name) for name in self.channels)
            )
        )

    @property
    def dependent_tasks(self) -> List[str]:
        """The names of the tasks that `after` was called with."""
        return list(self._after)

    @property
    def channel_inputs(self) -> List[PipelineChannel]:
        """The channels among the arguments and inside them, and those in the settings for platforms."""
        return find_channels([self.inputs, self.platform_config], self.pipeline)

    def after(self, *tasks: "PipelineTask") -> "PipelineTask":
        """Run this task only after others have succeeded.

        Args:
            *tasks: tasks of the same pipeline.

        Raises:
            AuthoringError: something else is given, or the task itself.
        """
        for task in tasks:
            if not isinstance(task, PipelineTask):
                raise AuthoringError("after() of task {!r} takes tasks, not {!r}".format(self.name, task))
            if task is self or task.pipeline is not self.pipeline:
                reason = "itself" if task is self else "task {!r} of another pipeline".format(task.name)
                raise AuthoringError("task {!r} cannot run after {}".format(self.name, reason))
            self._after[task.name] = task
        return self

    def __iter__(self) -> NoReturn:
        raise TypeError("task {!r} cannot be iterated; its outputs are task.outputs".format(self.name))

    def __repr__(self) -> str:
        return "<task {!r} of pipeline {!r}>".format(self.name, self.pipeline.name)


class Outputs(Dict[str, PipelineChannel]):
    """A task's outputs by name; a wrong name says which there are."""

    def __init__(self, task_name: str, channels: Dict[str, PipelineChannel]) -> None:
        super().__init__(channels)
        self._task_name = task_name

    def __missing__(self, name: str) -> NoReturn:
        raise KeyError(
            "task {!r} has no output {!r}; it has {}".format(
                self._task_name, name, ", ".join(repr(known) for known in self) or "none"
            )
        )
