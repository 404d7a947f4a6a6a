"""Channels: what stands in a pipeline function for a value that exists only when the pipeline runs.

A channel is a parameter or an artifact that a task gives or that the pipeline takes. It can be passed to a component,
put into lists, dicts and (parameters) texts: `f"{task.output}"` holds the channel's `pattern`, which the call that
gets the text finds again.
"""

import os
import re
import warnings
from copy import copy
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional, TypeVar, Union

from kfp.dsl.moved import moved
from kfp.errors import ArgumentTypeError, AuthoringError
from kfp.location import caller

if TYPE_CHECKING:
    from kfp.dsl.one_of import OneOf
    from kfp.dsl.pipeline_context import Pipeline
    from kfp.dsl.pipeline_task import PipelineTask
    from kfp.dsl.tasks_group import TasksGroup

    class Value(Any):  # type: ignore[misc]  # the point of it
        """What type checkers take wherever a value of any type is asked for, as in `-> int: return task.output`."""

else:
    Value = object
    __getattr__ = moved(__name__, {"OneOf": "kfp.dsl.one_of"})

__all__ = [
    "ChannelReference",
    "Comparison",
    "OneOf",
    "PipelineArtifactChannel",
    "PipelineChannel",
    "PipelineParameterChannel",
    "create_channel",
    "find_channels",
]

_INSTALLED = frozenset(("site-packages", "dist-packages"))
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 _-]*\Z")
PATTERN = re.compile(r"\{\{channel:task=([^;{}]*);name=([^;{}]*);type=[^;{}]*;\}\}")

Channel = TypeVar("Channel", bound="PipelineChannel")


class PipelineChannel:
    """A value of the running pipeline.

    Attributes:
        name: the name of the output, or of the pipeline's input.
        task: the task that gives it, or None for an input of the pipeline.
        pipeline: the pipeline under construction that it belongs to.
        type: the parameter type, or None for an artifact.
        schema_title: the artifact's type, or None for a parameter.
        schema_version: the version of the artifact's type.
        is_artifact_list: whether it is a list of artifacts.
        annotation: the Python type of a parameter, where it is known: it tells the types of a list's elements.
        known: whether the parameter type is more than a guess.
    """

    __slots__ = (
        "annotation",
        "is_artifact_list",
        "known",
        "name",
        "pipeline",
        "schema_title",
        "schema_version",
        "task",
        "type",
    )

    def __init__(self, name: str, spec: Any, pipeline: "Pipeline", task: "Optional[PipelineTask]" = None) -> None:
        self.name = name
        self.task = task
        self.pipeline = pipeline
        self.type: Optional[str] = spec.type
        self.schema_title: Optional[str] = spec.schema_title
        self.schema_version: str = spec.schema_version
        self.is_artifact_list: bool = spec.is_artifact_list
        self.annotation: Any = getattr(spec, "annotation", None)
        self.known: bool = getattr(spec, "known", True)

    @property
    def home(self) -> "TasksGroup":
        """The group in which it can be used as it is; groups inside get it as an input."""
        if self.task is None:
            return self.pipeline.root
        return self.task.parent

    @property
    def producer(self) -> "Union[PipelineTask, TasksGroup, None]":
        """What gives it in its home: a task or a group, or None for an input of the home."""
        return self.task

    @property
    def key(self) -> str:
        """The name of the producer's output, or of the home's input."""
        return self.name

    @property
    def task_name(self) -> Optional[str]:
        """The name of the task that gives it, or None."""
        return None if self.task is None else self.task.name

    @property
    def full_name(self) -> str:
        """The name, with the task's before it where there is one: `add-2-Output`."""
        return self.name if self.task is None else "{}-{}".format(self.task.name, self.name)

    @property
    def pattern(self) -> str:
        """The text that stands for the channel inside other texts."""
        kind = self.type or "{}@{}".format(self.schema_title, self.schema_version)
        return "{{{{channel:task={};name={};type={};}}}}".format(self.pattern_task, self.name, kind)

    @property
    def pattern_task(self) -> str:
        """What stands for the task in the pattern."""
        return self.task_name or ""

    @property
    def title(self) -> str:
        """What it is, in a message."""
        if self.task is None:
            return "the pipeline's input {!r}".format(self.name)
        return "the output {!r} of task {!r}".format(self.name, self.task.name)

    def ignore_type(self: "Channel") -> "Channel":
        """Give the same value without its type: any input takes it that takes a parameter, or an artifact."""
        untyped = copy(self)
        untyped.known = False
        return untyped

    def __str__(self) -> str:
        return self.pattern

    def __repr__(self) -> str:
        return self.pattern

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> "Comparison":  # type: ignore[override]
        return Comparison("==", self, other)

    def __ne__(self, other: object) -> "Comparison":  # type: ignore[override]
        return Comparison("!=", self, other)

    def __lt__(self, other: object) -> "Comparison":
        return Comparison("<", self, other)

    def __le__(self, other: object) -> "Comparison":
        return Comparison("<=", self, other)

    def __gt__(self, other: object) -> "Comparison":
        return Comparison(">", self, other)

    def __ge__(self, other: object) -> "Comparison":
        return Comparison(">=", self, other)

    def __bool__(self) -> bool:
        raise AuthoringError(
            "the truth of {} is asked for while the pipeline is built, but its value exists only when it runs".format(
                self.title
            ),
            hint="write `with dsl.If(... == True):`, or compute with it inside a component",
        )

    def __iter__(self) -> Iterator[Any]:  # outside a pipeline, `.output` is the value itself
        raise AuthoringError(
            "{} cannot be iterated while the pipeline is built: its value exists only when it runs".format(self.title),
            hint="write `with dsl.ParallelFor(...) as item:`, or pass it to a component whole",
        )

    def _compute(self, *_: Any) -> Any:
        raise ArgumentTypeError(
            "{} cannot be computed with while the pipeline is built: its value exists only when it runs".format(
                self.title
            ),
            hint="pass it to a component and compute there",
        )

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _compute
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __and__ = __rand__ = __or__ = __ror__ = (
        _compute
    )
    __neg__ = __abs__ = __invert__ = __round__ = __int__ = __float__ = __index__ = __len__ = _compute

    def __format__(self, how: str) -> str:
        return self._compute() if how else str(self)

    def __getitem__(self, key: Any) -> Any:
        raise AuthoringError(
            "{} has no parts while the pipeline is built: its value exists only when it runs".format(self.title),
            hint="pass it to a component whole and take the part there",
        )


class PipelineParameterChannel(PipelineChannel, Value):
    """A parameter of the running pipeline."""

    __slots__ = ()


class PipelineArtifactChannel(PipelineChannel, Value):
    """An artifact, or a list of artifacts, of the running pipeline."""

    __slots__ = ()


TaskOutput = Union[PipelineParameterChannel, PipelineArtifactChannel]


class ChannelReference(Dict[str, Any]):
    """A part of a task's platform settings that names a channel: JSON to those who look, resolved by the compiler.

    Args:
        channel: the parameter that is meant.
        **others: what else stands in the same JSON object.

    Attributes:
        channel: the parameter that is meant.
        others: what else stands in the same JSON object.
    """

    __slots__ = ("channel", "others")

    def __init__(self, channel: PipelineChannel, **others: Any) -> None:
        if channel.producer is None:
            super().__init__(others, componentInputParameter=channel.key)
        else:
            reference = {"producerTask": channel.producer.name, "outputParameterKey": channel.key}
            super().__init__(others, taskOutputParameter=reference)
        self.channel = channel
        self.others = others


class Comparison:
    """A comparison with a channel: it holds or not only when the pipeline runs.

    Attributes:
        operator: one of `==`, `!=`, `<`, `<=`, `>`, `>=`.
        left: the channel on the operator's left.
        right: a channel or a constant.
    """

    __slots__ = ("left", "operator", "right")

    def __init__(self, operator: str, left: PipelineChannel, right: object) -> None:
        self.operator = operator
        self.left = left
        self.right = right

    def __repr__(self) -> str:
        right = self.right.title if isinstance(self.right, PipelineChannel) else repr(self.right)
        return "{} {} {}".format(self.left.title, self.operator, right)

    def __bool__(self) -> bool:
        message = "the comparison `{!r}` is decided while the pipeline is built, but its values exist only when it runs"
        where = caller()
        if where is not None and not _INSTALLED.isdisjoint(where.path.split(os.sep)):
            # Pipelines that are released with this mistake compile with KFP, and who uses them cannot mend them
            warnings.warn_explicit(message.format(self) + "; it is taken for true", UserWarning, *where)
            return True
        raise AuthoringError(
            message.format(self),
            hint="nest one dsl.If in another instead of `and`, or compute the answer in a component; `and`, `or` "
            "and chains such as 1 < x < 5 decide it while the pipeline is built",
        )


def create_channel(name: str, spec: Any, pipeline: "Pipeline", task: "Optional[PipelineTask]" = None) -> TaskOutput:
    """Give the channel for an input or output of a component by its spec.

    Raises:
        AuthoringError: its name is none that KFP allows.
    """
    if _NAME.match(name) is None:
        raise AuthoringError(
            "{!r} cannot be the name of an input or output".format(name),
            hint="rename it: a name has letters from a to z first, then also digits, spaces, _ and -",
        )
    if spec.type is None:
        return PipelineArtifactChannel(name, spec, pipeline, task)
    return PipelineParameterChannel(name, spec, pipeline, task)


def find_channels(value: Any, pipeline: "Pipeline") -> List[PipelineChannel]:
    """Give the channels in a value, at any depth, once each, in the order in which they appear.

    Args:
        value: a constant, or one that holds channels or texts with their patterns.
        pipeline: resolves the patterns.
    """
    found: dict[int, PipelineChannel] = {}
    _collect(value, pipeline, found)
    return list(found.values())


def _collect(value: Any, pipeline: "Pipeline", found: "dict[int, PipelineChannel]") -> None:
    if isinstance(value, PipelineChannel):
        found.setdefault(id(value), value)
    elif isinstance(value, str):
        if "{{channel:" in value:
            for match in PATTERN.finditer(value):
                channel = pipeline.channel(match.group(1), match.group(2))
                found.setdefault(id(channel), channel)
    elif isinstance(value, dict):
        if isinstance(value, ChannelReference):
            found.setdefault(id(value.channel), value.channel)
        for key, item in value.items():
            _collect(key, pipeline, found)
            _collect(item, pipeline, found)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _collect(item, pipeline, found)
