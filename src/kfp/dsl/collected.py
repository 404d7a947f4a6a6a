"""`dsl.Collected(...)`: the outputs of all iterations of a loop, as a list."""

from typing import TYPE_CHECKING, Any, List, NamedTuple, NoReturn, Optional

from kfp.dsl.one_of import OneOf
from kfp.dsl.pipeline_channel import PipelineArtifactChannel, PipelineChannel, PipelineParameterChannel, Value
from kfp.errors import ArgumentTypeError, AuthoringError

if TYPE_CHECKING:
    from kfp.dsl.tasks_group import TasksGroup


class _ListSpec(NamedTuple):
    type: Optional[str]
    schema_title: Optional[str]
    schema_version: str
    is_artifact_list: bool
    annotation: Any


class Collected(PipelineChannel, Value):
    """The outputs of a task in a loop as a list, for a task outside; through two loops, a list of lists.

    Args:
        output: the output of a task in a `dsl.ParallelFor`.

    Raises:
        AuthoringError: it is not the output of a task.

    Attributes:
        output: as given.
    """

    __slots__ = ("output",)

    def __new__(cls, output: Any) -> "Collected":
        """Choose the kind of channel by the output."""
        artifact = isinstance(output, PipelineArtifactChannel)
        return object.__new__(CollectedArtifact if artifact else CollectedParameter)

    def __init__(self, output: PipelineChannel) -> None:
        if not isinstance(output, PipelineChannel):
            raise ArgumentTypeError("dsl.Collected is given {!r}".format(output), hint="give the output of a task")
        if output.task is None or isinstance(output, Collected):
            what = "a dsl.OneOf" if isinstance(output, OneOf) else output.title
            raise AuthoringError(
                "dsl.Collected is given {}".format(what),
                hint="give the output of a task in the loop, which may pass it on",
            )
        self.output = output
        kind = None if output.type is None else "LIST"
        annotation = List[output.annotation] if output.annotation is not None else None  # type: ignore[name-defined]
        spec = _ListSpec(kind, output.schema_title, output.schema_version, kind is None, annotation)
        super().__init__(output.name, spec, output.pipeline, output.task)

    @property
    def home(self) -> "TasksGroup":
        """The group of the task that gives it; it is used outside that group."""
        return self.output.home

    @property
    def title(self) -> str:
        """What it is, in a message."""
        return "the dsl.Collected of {}".format(self.output.title)

    def __str__(self) -> NoReturn:
        raise AuthoringError(
            "dsl.Collected cannot be written into a text",
            hint="pass it to a component whole",
        )

    def __repr__(self) -> str:
        return "dsl.Collected({!r})".format(self.output)


class CollectedParameter(Collected, PipelineParameterChannel):
    """The values of all iterations."""

    __slots__ = ()


class CollectedArtifact(Collected, PipelineArtifactChannel):
    """The artifacts of all iterations."""

    __slots__ = ()
