"""`with dsl.ParallelFor(items) as item:` the tasks in the block run once for each item, at the same time."""

from typing import TYPE_CHECKING, Any, List, Optional, Tuple, Union

from kfp.dsl.block import BlockGroup
from kfp.dsl.interface import type_text
from kfp.dsl.loop_items import (
    UNKNOWN,
    ItemSpec,
    LoopArtifact,
    LoopParameter,
    SubVariable,
    constant,
    element,
)
from kfp.dsl.pipeline_channel import PipelineChannel, find_channels
from kfp.errors import ArgumentTypeError, AuthoringError, UnknownOutputError
from kfp.runtime.parameter_types import parameter_type

if TYPE_CHECKING:
    from kfp.dsl.loop_items import LoopItem

Items = Union[List[Any], Tuple[Any, ...], PipelineChannel]


class ParallelFor(BlockGroup):
    """Run the tasks in the block once for each item of a list; the iterations run at the same time.

    Args:
        items: constants, or a channel that gives a list of values or of artifacts. An entry of an item that is a
            dict is `item.key`.
        name: the name that people see.
        parallelism: how many iterations may run at once; 0 and None are no limit.

    Raises:
        AuthoringError: the items are no list, an empty one, or one that cannot be written as JSON.

    Attributes:
        items: as given.
        item: what stands for the item in the block.
    """

    prefix = "for-loop"
    keyword = "dsl.ParallelFor"

    def __init__(self, items: Items, name: Optional[str] = None, parallelism: Optional[int] = None) -> None:
        super().__init__(name)
        if parallelism is not None and (not isinstance(parallelism, int) or parallelism < 0):
            raise AuthoringError(
                "the parallelism of dsl.ParallelFor is {!r}".format(parallelism),
                hint="give a whole number; 0 is no limit",
            )
        self.parallelism = parallelism or 0
        self.item: Union[LoopParameter, LoopArtifact]
        if isinstance(items, PipelineChannel):
            self.items: Union[List[Any], PipelineChannel] = items
            self._check_channel(items)
        else:
            self.items = self._constants(items)
            self._item_name = "loop-item-param-{}".format(self.pipeline.next_number())

    def __enter__(self) -> "LoopItem":
        super().__enter__()
        if isinstance(self.items, PipelineChannel):
            self.item = self._item_of(self.items)
        else:
            self.item = LoopParameter(self._item_name, constant(self.items), self)
        return self.item

    @property
    def channels(self) -> List[PipelineChannel]:
        """The channel that gives the items, unless they are constants."""
        return [self.items] if isinstance(self.items, PipelineChannel) else []

    def part_type(self, item: LoopParameter, key: str) -> ItemSpec:
        """Give the type of an entry of the item.

        Raises:
            UnknownOutputError: the items are constants, and none has the entry.
        """
        if isinstance(self.items, PipelineChannel):
            return element(item.annotation, 1)
        values = [value[key] for value in self.items if isinstance(value, dict) and key in value]
        if not values:
            raise UnknownOutputError("no item of the dsl.ParallelFor at {} has an entry {!r}".format(self.place, key))
        # KFP takes every entry for what the first item's first entry is, and its users write their components so.
        first = self.items[0]
        kind = parameter_type(type(next(iter(first.values())))) if isinstance(first, dict) and first else None
        return constant(values)._replace(taken_for=kind)

    def _item_of(self, items: PipelineChannel) -> Union[LoopParameter, LoopArtifact]:
        name = items.full_name + "-loop-item"
        if items.type is None:
            return LoopArtifact(name, ItemSpec(None, items.schema_title, items.schema_version), self)
        return LoopParameter(name, element(items.annotation, 0) if items.type == "LIST" else UNKNOWN, self)

    def _check_channel(self, items: PipelineChannel) -> None:
        if items.pipeline is not self.pipeline:
            raise AuthoringError("the items of dsl.ParallelFor are of another pipeline")
        listed = items.is_artifact_list if items.type is None else items.type == "LIST"
        if not listed and not isinstance(items, SubVariable):
            raise AuthoringError(
                "dsl.ParallelFor takes a list, not {}, which is {}".format(items.title, type_text(items))
            )

    def _constants(self, items: Any) -> List[Any]:
        title = "the items of dsl.ParallelFor"
        if not isinstance(items, (list, tuple)):
            raise ArgumentTypeError(
                "{} are {!r}".format(title, items), hint="give a list, or an output or input that is one"
            )
        if not items:
            raise AuthoringError("{} are an empty list".format(title), hint="give at least one")
        if find_channels(list(items), self.pipeline):
            raise ArgumentTypeError(
                "{} hold values that exist only when the pipeline runs".format(title),
                hint="make the whole list in a component",
            )
        for item in items:
            if not isinstance(item, (str, int, float, bool, dict, list)):
                raise ArgumentTypeError("{} hold {!r}".format(title, item), hint="give JSON values")
            for key in item if isinstance(item, dict) else ():
                if not isinstance(key, str) or not key.isidentifier():
                    raise AuthoringError(
                        "{} hold a dict with the key {!r}".format(title, key),
                        hint="item.key reads an entry, so that keys must be names",
                    )
        return list(items)
