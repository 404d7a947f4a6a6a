"""`dsl.OneOf(...)`: the output of whichever branch ran."""

from typing import TYPE_CHECKING, Any, NoReturn, Tuple

from kfp.dsl.conditions import Branches, Else
from kfp.dsl.interface import type_text
from kfp.dsl.pipeline_channel import PipelineArtifactChannel, PipelineChannel, PipelineParameterChannel, Value
from kfp.errors import ArgumentTypeError, AuthoringError

if TYPE_CHECKING:
    from kfp.dsl.tasks_group import TasksGroup


class OneOf(PipelineChannel, Value):
    """The output of whichever branch of an If, Elif and Else ran.

    Args:
        *channels: outputs of the same type, each of a task in one of the branches.

    Raises:
        AuthoringError: the outputs are not of branches of the same If, or none is of its Else.
        ArgumentTypeError: the outputs are of different types.

    Attributes:
        channels: the outputs.
        branches: the If, Elif and Else.
    """

    __slots__ = ("branches", "channels")

    def __new__(cls, *channels: Any) -> "OneOf":
        """Choose the kind of channel by the outputs."""
        artifacts = bool(channels) and isinstance(channels[0], PipelineArtifactChannel)
        return object.__new__(OneOfArtifact if artifacts else OneOfParameter)

    def __init__(self, *channels: PipelineChannel) -> None:
        self.branches = _check(channels)
        self.channels: Tuple[PipelineChannel, ...] = channels
        self.branches.choices += 1
        name = "pipelinechannel--{}-oneof-{}".format(self.branches.name, self.branches.choices)
        first = channels[0]
        super().__init__(name, first, first.pipeline)
        first.pipeline.register(self.branches.name, self)

    @property
    def home(self) -> "TasksGroup":
        """The group around the branches."""
        return self.branches.parent or self.pipeline.root

    @property
    def producer(self) -> "Branches":
        """The branches."""
        return self.branches

    @property
    def full_name(self) -> str:
        """The name, with that of the branches before it."""
        return "{}-{}".format(self.branches.name, self.name)

    @property
    def pattern_task(self) -> str:
        """The name of the branches."""
        return self.branches.name

    @property
    def title(self) -> str:
        """What it is, in a message."""
        return "the dsl.OneOf of the dsl.If at {}".format(self.branches.place)


class OneOfParameter(OneOf, PipelineParameterChannel):
    """A parameter of whichever branch ran."""

    __slots__ = ()


class OneOfArtifact(OneOf, PipelineArtifactChannel):
    """An artifact of whichever branch ran."""

    __slots__ = ()


def _check(channels: Tuple[Any, ...]) -> Branches:
    if not channels:
        _fail("is given nothing", "give an output of each branch")
    for channel in channels:
        if isinstance(channel, OneOf):
            _fail("is given another dsl.OneOf", "name the outputs of all branches in one")
        if not isinstance(channel, PipelineChannel):
            raise ArgumentTypeError(
                "dsl.OneOf is given {!r}".format(channel), hint="give outputs of tasks in the branches"
            )
    _check_types(channels)
    branches = _branches(channels[0])
    if any(_branches(channel) is not branches for channel in channels):
        _fail("is given outputs of two different dsl.If", "use a dsl.OneOf for each")
    if not isinstance(branches.branches[-1], Else):
        _fail(
            "is given outputs of branches without a dsl.Else, so that it might have no value",
            "add a dsl.Else, and give an output of a task in it",
        )
    return branches


def _check_types(channels: Tuple[PipelineChannel, ...]) -> None:
    first = channels[0]
    for channel in channels[1:]:
        kinds = [(item.type, item.schema_title, item.is_artifact_list) for item in (first, channel)]
        if kinds[0] != kinds[1]:
            raise ArgumentTypeError(
                "dsl.OneOf is given outputs of different types: {} is {}, {} is {}".format(
                    first.title, type_text(first), channel.title, type_text(channel)
                )
            )


def _branches(channel: PipelineChannel) -> Branches:
    """Give the If, Elif and Else that the task of an output stands in, directly."""
    branches = None if channel.task is None else channel.task.parent.parent
    if not isinstance(branches, Branches):
        _fail(
            "is given {}, which is not of a task directly in a branch of an If with an Else".format(channel.title),
            "an inner block can pass its output on to a task of the branch",
        )
    return branches


def _fail(what: str, hint: str) -> NoReturn:
    raise AuthoringError("dsl.OneOf {}".format(what), hint=hint)
