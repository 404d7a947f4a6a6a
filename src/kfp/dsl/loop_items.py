"""What stands for the item in the body of a loop, and for a part of it."""

from typing import TYPE_CHECKING, Any, Dict, List, NamedTuple, Optional

from kfp.dsl.pipeline_channel import PipelineArtifactChannel, PipelineChannel, PipelineParameterChannel, Value
from kfp.dsl.place import is_called_from_here
from kfp.errors import UnknownOutputError
from kfp.runtime.parameter_types import parameter_type

if TYPE_CHECKING:
    from kfp.dsl.parallel_for import ParallelFor

    class LoopItem(Value):
        """What a type checker takes the item of a loop for: a value of any type, whose entries are `item.key`."""

        def __getattr__(self, name: str) -> "LoopItem": ...


class ItemSpec(NamedTuple):
    """The type of a loop's item; the attributes are those of `InputDefinition`.

    `known` says whether it is a guess; `taken_for` is the type that KFP takes it for besides.
    """

    type: Optional[str]
    schema_title: Optional[str] = None
    schema_version: str = ""
    is_artifact_list: bool = False
    annotation: Any = None
    known: bool = True
    taken_for: Optional[str] = None


UNKNOWN = ItemSpec("STRING", known=False)
"""A value of which nothing is known: it goes to parameters of every type, and documents call it text, as KFP's do."""


def annotated(annotation: Any) -> ItemSpec:
    """Give the type of a value by its Python annotation."""
    kind = parameter_type(annotation)
    return UNKNOWN if kind is None else ItemSpec(kind, annotation=annotation)


def element(annotation: Any, position: int) -> ItemSpec:
    """Give the type of the elements of a list (position 0) or of the values of a dict (position 1)."""
    arguments = getattr(annotation, "__args__", None) or ()
    return annotated(arguments[position]) if len(arguments) == position + 1 else UNKNOWN


def constant(values: List[Any]) -> ItemSpec:
    """Give the type of constants by the first of them, as KFP does."""
    kind = parameter_type(type(values[0]))
    return UNKNOWN if kind is None else ItemSpec(kind)


class LoopChannel(PipelineChannel):
    """What the item of a loop is besides a parameter or artifact: an input of the loop, named after its items.

    Attributes:
        loop: the loop that gives it.
    """

    __slots__ = ()
    loop: "ParallelFor"

    @property
    def home(self) -> "ParallelFor":
        """The loop."""
        return self.loop

    @property
    def full_name(self) -> str:
        """The name of the loop's items with `-loop-item`, or `loop-item-param-1` for constants."""
        return self.name

    @property
    def key(self) -> str:
        """The input of the loop that holds it."""
        return "pipelinechannel--" + self.name

    @property
    def pattern_task(self) -> str:
        """The loop's name, which makes the pattern unique."""
        return self.loop.name

    @property
    def title(self) -> str:
        """What it is, in a message."""
        return "the item of the dsl.ParallelFor at {}".format(self.loop.place)


class LoopArtifact(LoopChannel, PipelineArtifactChannel):
    """An artifact that is another one in each iteration."""

    __slots__ = ("loop",)

    def __init__(self, name: str, spec: ItemSpec, loop: "ParallelFor") -> None:
        super().__init__(name, spec, loop.pipeline)
        self.loop = loop


class LoopParameter(LoopChannel, PipelineParameterChannel):
    """A parameter that is another one in each iteration; `item.key` is an entry of it, where it is a dict."""

    __slots__ = ("_parts", "loop")

    def __init__(self, name: str, spec: ItemSpec, loop: "ParallelFor") -> None:
        super().__init__(name, spec, loop.pipeline)
        self.loop = loop
        self._parts: Dict[str, SubVariable] = {}
        loop.pipeline.register(loop.name, self)

    def __getattribute__(self, name: str) -> Any:
        # An entry of a user's dict may be called as an attribute of channels is (`type`, `name`): users mean the entry.
        if name.startswith("_") or is_called_from_here(1):
            return object.__getattribute__(self, name)
        return self._part(name)

    def _part(self, name: str) -> "SubVariable":
        if name not in self._parts:
            self._parts[name] = SubVariable(self, name, self.loop.part_type(self, name))
        return self._parts[name]


class SubVariable(PipelineParameterChannel):
    """An entry of a loop's item: `item.key`.

    Attributes:
        item: the item.
        entry: the entry's key.
        taken_for: the type that KFP takes it for, where that is another one.
    """

    __slots__ = ("entry", "item", "taken_for")

    def __init__(self, item: LoopParameter, entry: str, spec: ItemSpec) -> None:
        super().__init__("{}-subvar-{}".format(item.full_name, entry), spec, item.pipeline)
        self.item = item
        self.entry = entry
        self.taken_for = spec.taken_for
        item.pipeline.register(item.loop.name, self)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # what Python itself looks for
            raise AttributeError(name)
        raise UnknownOutputError(
            "{} has no parts of its own, such as {!r}: its value exists only when the pipeline runs".format(
                self.title, name
            ),
            hint="pass it to a component whole and take the part there",
        )

    @property
    def home(self) -> "ParallelFor":
        """The loop of the item."""
        return self.item.loop

    @property
    def full_name(self) -> str:
        """The item's name with `-subvar-` and the key."""
        return self.name

    @property
    def pattern_task(self) -> str:
        """The loop's name, which makes the pattern unique."""
        return self.item.loop.name

    @property
    def title(self) -> str:
        """What it is, in a message."""
        return "the entry {!r} of {}".format(self.entry, self.item.title)
