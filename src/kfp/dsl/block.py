"""What `with` blocks share: they are groups, named by their kind and a number, in the group that was open."""

from typing import TYPE_CHECKING, List, Optional, TypeVar

from kfp.dsl.pipeline_channel import PipelineChannel
from kfp.dsl.pipeline_context import current_pipeline
from kfp.dsl.tasks_group import TasksGroup
from kfp.errors import AuthoringError
from kfp.location import caller

if TYPE_CHECKING:
    from kfp.dsl.pipeline_context import Pipeline

Block = TypeVar("Block", bound="BlockGroup")


class BlockGroup(TasksGroup):
    """A group that a `with` block makes."""

    prefix = ""
    """What its name begins with."""

    def __init__(self, display_name: Optional[str]) -> None:
        super().__init__(display_name=display_name)
        pipeline = current_pipeline()
        self.place = caller()
        if pipeline is None:
            raise AuthoringError("{} stands outside a pipeline function".format(self.keyword))
        self.pipeline: Pipeline = pipeline

    @property
    def channels(self) -> List[PipelineChannel]:
        """The channels that decide whether and how often the block runs."""
        return []

    def __enter__(self: Block) -> Block:
        if self.parent is not None:
            raise AuthoringError("{} is entered twice".format(self.keyword))
        self.enter(self.pipeline.group)
        self.pipeline.group = self
        return self

    def enter(self, around: TasksGroup) -> None:
        """Take a name, and become a member of the group around."""
        self.parent = around
        self.name = self.pipeline.group_name(self.prefix)
        around.members.append(self)

    def __exit__(self, *raised: object) -> None:
        self.pipeline.group = self.outside()

    def outside(self) -> TasksGroup:
        """Give the group that is open again when this one is closed."""
        return self.parent or self.pipeline.root
