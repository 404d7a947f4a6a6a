"""Groups of tasks: a pipeline's own, and those that the `with` blocks of `kfp.dsl.block` make inside it."""

from typing import TYPE_CHECKING, List, Optional, Union

from kfp.dsl.moved import moved

if TYPE_CHECKING:
    from kfp.dsl.conditions import Condition, Elif, Else, If
    from kfp.dsl.exit_handler import ExitHandler
    from kfp.dsl.parallel_for import ParallelFor
    from kfp.dsl.pipeline_task import PipelineTask
    from kfp.errors import InvalidControlFlowException
    from kfp.location import Location
else:
    __getattr__ = moved(
        __name__,
        {
            "Condition": "kfp.dsl.conditions",
            "Elif": "kfp.dsl.conditions",
            "Else": "kfp.dsl.conditions",
            "ExitHandler": "kfp.dsl.exit_handler",
            "If": "kfp.dsl.conditions",
            "InvalidControlFlowException": "kfp.errors",
            "ParallelFor": "kfp.dsl.parallel_for",
        },
    )

__all__ = ["Condition", "Elif", "Else", "ExitHandler", "If", "InvalidControlFlowException", "ParallelFor", "TasksGroup"]


class TasksGroup:
    """Tasks and groups in the order in which they were written.

    Args:
        parent: the group around it, or None for the pipeline's own and for one that is not open yet.
        display_name: the name that people see; the group's own by default.

    Attributes:
        name: unique in the pipeline, such as `for-loop-2`; empty for the pipeline's own.
        members: what was written in it.
        place: the line where it was written.
    """

    keyword = "the pipeline"
    """How it is written, in a message."""

    is_awaitable = False
    """Whether a task can run after it as a whole."""

    def __init__(self, parent: "Optional[TasksGroup]" = None, display_name: Optional[str] = None) -> None:
        self.parent = parent
        self.display_name = display_name
        self.name = ""
        self.members: List[Union[PipelineTask, TasksGroup]] = []
        self.place: Optional[Location] = None

    @property
    def groups(self) -> "List[TasksGroup]":
        """The groups directly in it."""
        return [member for member in self.members if isinstance(member, TasksGroup)]
