"""The settings of a task: resources, retries, caching, environment, image."""

import os
import warnings
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional, Tuple, TypeVar, Union

from kfp.dsl.pipeline_channel import PipelineArtifactChannel, PipelineChannel, find_channels
from kfp.dsl.quantities import cores, count, gigabytes, seconds
from kfp.errors import AuthoringError

if TYPE_CHECKING:
    from kfp.dsl.base_component import BaseComponent
    from kfp.dsl.pipeline_context import Pipeline

Amount = Union[str, PipelineChannel]
Task = TypeVar("Task", bound="ConfiguredTask")

_YES = ("1", "true", "t", "yes", "y", "on")
_PAUSE_BEFORE = "ARGO_DEBUG_PAUSE_BEFORE"
_PAUSE_AFTER = "ARGO_DEBUG_PAUSE_AFTER"
_PAUSE_ON_ERROR = "ARGO_DEBUG_PAUSE_ON_ERROR"


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
    accelerator_type: Optional[str] = None
    accelerator_limit: Optional[str] = None
    container_image: Optional[str] = None


class ConfiguredTask:
    """What a task inherits: its settings, and the methods that change them and return the task.

    Attributes:
        settings: what the methods have set.
    """

    name: str
    component: "BaseComponent"
    pipeline: "Pipeline"

    def __init__(self) -> None:
        self.settings = TaskSettings(enable_caching=_caching_by_default())

    def set_display_name(self: Task, name: str) -> Task:
        """Set the name that people see."""
        return self._set(display_name=self._text("set_display_name", name))

    def set_caching_options(self: Task, enable_caching: bool, cache_key: Optional[str] = None) -> Task:
        """Set whether outputs of an earlier, equal call may be used.

        Args:
            enable_caching: whether the cache is read and written.
            cache_key: replaces the key that is computed from component and inputs.
        """
        return self._set(enable_caching=bool(enable_caching), cache_key=cache_key or "")

    def set_retry(
        self: Task,
        num_retries: int,
        backoff_duration: Optional[str] = None,
        backoff_factor: Optional[float] = None,
        backoff_max_duration: Optional[str] = None,
    ) -> Task:
        """Set how often the task is tried again after a failure.

        Args:
            num_retries: how often.
            backoff_duration: the wait before the first retry, such as `30s`; none by default.
            backoff_factor: by what each wait is longer than the last; 2.0 by default.
            backoff_max_duration: the longest wait; one hour by default.
        """
        if not isinstance(num_retries, int):
            raise AuthoringError(
                "set_retry() of task {!r} takes a number that is known when the pipeline is built, not {!r}".format(
                    self.name, num_retries
                )
            )
        longest = 3600 if backoff_max_duration is None else seconds(backoff_max_duration)
        retry = Retry(
            num_retries,
            0 if backoff_duration is None else seconds(backoff_duration),
            float(backoff_factor or 2.0),
            longest,
        )
        return self._set(retry=retry)

    def set_env_variable(self: Task, name: str, value: str) -> Task:
        """Set an environment variable of the task's container."""
        self._check_container("set_env_variable")
        env = dict(self.settings.env)
        env[self._text("set_env_variable", name)] = self._text("set_env_variable", value)
        return self._set(env=tuple(env.items()))

    def set_debug_pause(self: Task, before: bool = False, after: bool = True, on_error: bool = False) -> Task:
        """Let the task's pod wait for a person, as Argo Workflows does.

        Args:
            before: wait before the container starts.
            after: wait when it has ended.
            on_error: wait when it has ended only if that was with an error.

        Raises:
            AuthoringError: there is nothing to wait for, or the arguments contradict each other.
        """
        self._check_container("set_debug_pause")
        if on_error and not after:
            raise AuthoringError(
                "set_debug_pause() of task {!r} has on_error=True and after=False, which contradict".format(self.name),
                hint="on_error=True waits after an error alone; leave `after` out",
            )
        chosen = [_PAUSE_BEFORE] if before else []
        if after:
            chosen.append(_PAUSE_ON_ERROR if on_error else _PAUSE_AFTER)
        if not chosen:
            raise AuthoringError(
                "set_debug_pause() of task {!r} pauses neither before nor after".format(self.name),
                hint="set before=True or after=True",
            )
        for variable in chosen:
            self.set_env_variable(variable, "true")
        return self

    def set_container_image(self: Task, name: Amount) -> Task:
        """Set the image that the task runs in, instead of the component's; it may depend on channels."""
        self._check_container("set_container_image")
        return self._set(container_image=self._text("set_container_image", name, channels=True))

    def set_cpu_limit(self: Task, cpu: Amount) -> Task:
        """Set the most CPU that the task may use: cores such as `2`, `0.5`, `500m`, or a channel."""
        return self._set_amount("cpu_limit", cpu, cores)

    def set_cpu_request(self: Task, cpu: Amount) -> Task:
        """Set the CPU that is reserved for the task: cores such as `2`, `0.5`, `500m`, or a channel."""
        return self._set_amount("cpu_request", cpu, cores)

    def set_memory_limit(self: Task, memory: Amount) -> Task:
        """Set the most memory that the task may use: an amount such as `512Mi` or `4G`, or a channel."""
        return self._set_amount("memory_limit", memory, gigabytes)

    def set_memory_request(self: Task, memory: Amount) -> Task:
        """Set the memory that is reserved for the task: an amount such as `512Mi` or `4G`, or a channel."""
        return self._set_amount("memory_request", memory, gigabytes)

    def set_accelerator_type(self: Task, accelerator: Amount) -> Task:
        """Set the kind of accelerator that the task needs, such as `nvidia.com/gpu`, or a channel."""
        self._check_container("set_accelerator_type")
        return self._set(accelerator_type=self._text("set_accelerator_type", accelerator, channels=True))

    def add_node_selector_constraint(self: Task, accelerator: str) -> Task:
        """Set the kind of accelerator that the task needs; `set_accelerator_type` under its older name."""
        warnings.warn(
            "add_node_selector_constraint is deprecated; use set_accelerator_type instead",
            DeprecationWarning,
            stacklevel=2,
        )
        return self.set_accelerator_type(accelerator)

    def set_accelerator_limit(self: Task, limit: Union[int, str, PipelineChannel]) -> Task:
        """Set how many accelerators the task gets: a whole number, or a channel."""
        amount: Any = str(limit) if isinstance(limit, int) and not isinstance(limit, bool) else limit
        return self._set_amount("accelerator_limit", amount, count)

    def set_gpu_limit(self: Task, gpu: Union[int, str, PipelineChannel]) -> Task:
        """Set how many accelerators the task gets; the deprecated name of `set_accelerator_limit`."""
        warnings.warn(
            "set_gpu_limit is deprecated; use set_accelerator_limit instead", DeprecationWarning, stacklevel=2
        )
        return self.set_accelerator_limit(gpu)

    def _set(self: Task, **changes: Any) -> Task:
        self.settings = self.settings._replace(**changes)
        return self

    def _set_amount(self: Task, field: str, amount: Amount, check: Callable[[str], Any]) -> Task:
        self._check_container("set_" + field)
        text = self._whole("set_" + field, amount)
        if not find_channels(text, self.pipeline):
            check(text)
        return self._set(**{field: text})

    def _whole(self, setter: str, value: Any) -> str:
        """Check that a channel is all of a text: KFP's driver puts its value in the place of the whole text."""
        text = self._text(setter, value, channels=True)
        channels = find_channels(text, self.pipeline)
        if channels and text != channels[0].pattern:
            raise AuthoringError(
                "{}() of task {!r} takes text or a parameter, not a parameter inside a text".format(setter, self.name),
                hint="make the whole text in a component, and pass its output",
            )
        return text

    def _text(self, setter: str, value: Any, channels: bool = False) -> str:
        if isinstance(value, PipelineChannel) and channels and not isinstance(value, PipelineArtifactChannel):
            return value.pattern
        if not isinstance(value, str) or (not channels and find_channels(value, self.pipeline)):
            raise AuthoringError(
                "{}() of task {!r} takes text{}, not {!r}".format(
                    setter,
                    self.name,
                    " or a parameter" if channels else " that is known when the pipeline is built",
                    value,
                )
            )
        return value

    def _check_container(self, setter: str) -> None:
        if self.component.is_container:
            return
        raise AuthoringError(
            "{}() of task {!r}: it has no container of its own, for {!r} is {}".format(
                setter, self.name, self.component.name, self.component.kind
            ),
            hint="set it on the tasks inside that pipeline" if self.component.kind == "a pipeline" else None,
        )


def _caching_by_default() -> bool:
    return os.environ.get("KFP_DISABLE_EXECUTION_CACHING_BY_DEFAULT", "").lower() not in _YES
