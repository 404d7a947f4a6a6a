"""Groups of tasks: a pipeline's own, and later what `with` blocks make inside it."""

from typing import TYPE_CHECKING, List, Optional, Union

if TYPE_CHECKING:
    from kfp.dsl.pipeline_task import PipelineTask


class TasksGroup:
    """Tasks and groups in the order in which they were written.

    Args:
        parent: the group around it, or None for the pipeline's own.
    """

    __slots__ = ("members", "parent")

    def __init__(self, parent: "Optional[TasksGroup]" = None) -> None:
        self.parent = parent
        self.members: List[Union[PipelineTask, TasksGroup]] = []
