"""A task: one call of a component inside a pipeline, and the settings of that call."""

import os
from typing import TYPE_CHECKING, Any, Dict, List, NamedTuple, NoReturn, Optional, Tuple, Union

from kfp.dsl.pipeline_channel import PipelineChannel, create_channel, find_channels
from kfp.dsl.quantities import cores, gigabytes, seconds
from kfp.errors import AuthoringError

if TYPE_CHECKING:
    from kfp.dsl.base_component import BaseComponent
    from kfp.dsl.pipeline_context import Pipeline

Amount = Union[str, PipelineChannel]


class Retry(NamedTuple):
    """How a failed task is tried again; durations in seconds."""

    retries: int
    backoff_seconds: int
    backoff_factor: float
    backoff_max_seconds: int


class TaskSettings(NamedTuple):
    """What the setters of a task have set; None is unset.

    Texts may hold patterns of channels where the setter takes channels.
    """

    display_name: Optional[str] = None
    enable_caching: bool = True
    cache_key: str = ""
    env: Tuple[Tuple[str, str], ...] = ()
    retry: Optional[Retry] = None
    cpu_limit: Optional[str] = None
    cpu_request: Optional[str] = None
    memory_limit: Optional[str] = None
    memory_request: Optional[str] = None
    container_image: Optional[str] = None


class PipelineTask:
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
        settings: what the setters below have set.
        platform_config: settings for one platform by its name, such as `kubernetes`; JSON.
    """

    def __init__(self, component: "BaseComponent", inputs: Dict[str, Any], pipeline: "Pipeline") -> None:
        self.component = component
        self.pipeline = pipeline
        self.name = pipeline.unique_name(component.name)
        self.inputs = inputs
        self.settings = TaskSettings(enable_caching=_caching_by_default())
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

    def set_display_name(self, name: str) -> "PipelineTask":
        """Set the name that people see."""
        return self._set(display_name=self._text("set_display_name", name))

    def set_caching_options(self, enable_caching: bool, cache_key: Optional[str] = None) -> "PipelineTask":
        """Set whether outputs of an earlier, equal call may be used.

        Args:
            enable_caching: whether the cache is read and written.
            cache_key: replaces the key that is computed from component and inputs.
        """
        return self._set(enable_caching=bool(enable_caching), cache_key=cache_key or "")

    def set_retry(
        self,
        num_retries: int,
        backoff_duration: Optional[str] = None,
        backoff_factor: Optional[float] = None,
        backoff_max_duration: Optional[str] = None,
    ) -> "PipelineTask":
        """Set how often the task is tried again after a failure.

        Args:
            num_retries: how often.
            backoff_duration: the wait before the first retry, such as `30s`; none by default.
            backoff_factor: by what each wait is longer than the last; 2.0 by default.
            backoff_max_duration: the longest wait; one hour by default, and never more.
        """
        longest = 3600 if backoff_max_duration is None else seconds(backoff_max_duration)
        retry = Retry(
            int(num_retries),
            0 if backoff_duration is None else seconds(backoff_duration),
            2.0 if backoff_factor is None else float(backoff_factor),
            longest,
        )
        return self._set(retry=retry)

    def set_env_variable(self, name: str, value: str) -> "PipelineTask":
        """Set an environment variable of the task's container."""
        self._check_container("set_env_variable")
        env = dict(self.settings.env)
        env[self._text("set_env_variable", name)] = self._text("set_env_variable", value)
        return self._set(env=tuple(env.items()))

    def set_container_image(self, name: Amount) -> "PipelineTask":
        """Set the image that the task runs in, instead of the component's; it may depend on channels."""
        self._check_container("set_container_image")
        return self._set(container_image=self._text("set_container_image", name, channels=True))

    def set_cpu_limit(self, cpu: Amount) -> "PipelineTask":
        """Set the most CPU that the task may use: cores such as `2`, `0.5`, `500m`, or a channel."""
        return self._set_amount("cpu_limit", cpu, cores)

    def set_cpu_request(self, cpu: Amount) -> "PipelineTask":
        """Set the CPU that is reserved for the task: cores such as `2`, `0.5`, `500m`, or a channel."""
        return self._set_amount("cpu_request", cpu, cores)

    def set_memory_limit(self, memory: Amount) -> "PipelineTask":
        """Set the most memory that the task may use: an amount such as `512Mi` or `4G`, or a channel."""
        return self._set_amount("memory_limit", memory, gigabytes)

    def set_memory_request(self, memory: Amount) -> "PipelineTask":
        """Set the memory that is reserved for the task: an amount such as `512Mi` or `4G`, or a channel."""
        return self._set_amount("memory_request", memory, gigabytes)

    def __iter__(self) -> NoReturn:
        raise TypeError("task {!r} cannot be iterated; its outputs are task.outputs".format(self.name))

    def __repr__(self) -> str:
        return "<task {!r} of pipeline {!r}>".format(self.name, self.pipeline.name)

    def _set(self, **changes: Any) -> "PipelineTask":
        self.settings = self.settings._replace(**changes)
        return self

    def _set_amount(self, field: str, amount: Amount, check: Any) -> "PipelineTask":
        self._check_container("set_" + field)
        text = self._text("set_" + field, amount, channels=True)
        if not find_channels(text, self.pipeline):
            check(text)
        return self._set(**{field: text})

    def _text(self, setter: str, value: Any, channels: bool = False) -> str:
        if isinstance(value, PipelineChannel) and channels:
            return value.pattern
        if not isinstance(value, str) or (not channels and find_channels(value, self.pipeline)):
            raise AuthoringError(
                "{}() of task {!r} takes text that is known when the pipeline is built, not {!r}".format(
                    setter, self.name, value
                )
            )
        return value

    def _check_container(self, setter: str) -> None:
        if not self.component.is_container:
            raise AuthoringError(
                "{}() of task {!r}: it has no container of its own, for {!r} is a pipeline".format(
                    setter, self.name, self.component.name
                ),
                hint="set it on the tasks inside that pipeline",
            )


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


def _caching_by_default() -> bool:
    return os.environ.get("KFP_DISABLE_EXECUTION_CACHING_BY_DEFAULT", "").lower() not in ("true", "1")
