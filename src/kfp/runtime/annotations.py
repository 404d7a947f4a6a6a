"""How a component function marks artifacts and files among its parameters: Input, Output, InputPath, OutputPath.

A type checker takes `Input[Dataset]` and `Output[Dataset]` as `Dataset`. At run time they are small objects that
`kfp.runtime.signature` reads; `typing.Annotated` would do the same, but it is missing before Python 3.9.
"""

from typing import Any

INPUT = "Input"
OUTPUT = "Output"
EMBEDDED = "EmbeddedInput"


class ArtifactAnnotation:
    """`Input[T]`, `Output[T]` or `EmbeddedInput[T]`.

    Attributes:
        direction: `INPUT`, `OUTPUT` or `EMBEDDED`.
        type: what stands in the brackets: an artifact class, a list of one, or a string that names it.
    """

    __slots__ = ("direction", "type")

    def __init__(self, direction: str, type_: Any) -> None:
        self.direction = direction
        self.type = type_

    def __call__(self, *_args: Any, **_kwargs: Any) -> Any:
        """Refuse a call; `Optional[...]` of Python 3.7 to 3.10 takes only callables for types."""
        raise TypeError("{!r} is an annotation".format(self))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ArtifactAnnotation):
            return NotImplemented
        return self.direction == other.direction and bool(self.type == other.type)

    def __hash__(self) -> int:
        return hash((self.direction, str(self.type)))

    def __or__(self, other: Any) -> Any:
        from typing import Union

        return Union[self, other]

    __ror__ = __or__

    def __repr__(self) -> str:
        return "{}[{}]".format(self.direction, type_text(self.type))


class _Path:
    """The path of a file instead of its value.

    Attributes:
        type: a parameter type such as `int`, an artifact class, a type name, or None for any artifact.
    """

    __slots__ = ("type",)

    def __init__(self, type: Any = None) -> None:  # noqa: A002 -- the public name of KFP's argument
        self.type = type

    def __call__(self, *_args: Any, **_kwargs: Any) -> Any:
        """Refuse a call, as `ArtifactAnnotation` does and for the same reason."""
        raise TypeError("{!r} is an annotation".format(self))

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return bool(self.type == other.type)

    def __hash__(self) -> int:
        return hash((type(self), str(self.type)))

    def __repr__(self) -> str:
        return "{}({})".format(type(self).__name__, "" if self.type is None else type_text(self.type))


class InputPath(_Path):
    """The function gets the local path of an input, not the value: `path: InputPath("Dataset")`.

    Type checkers refuse a call in an annotation; `path: Annotated[str, InputPath("Dataset")]` means the same.

    Args:
        type: an artifact class or the name of one, or a parameter type, whose value then lies in the file.
    """

    __slots__ = ()


class OutputPath(_Path):
    """The function gets the path to write an output to: `path: OutputPath(int)`.

    Type checkers refuse a call in an annotation; `path: Annotated[str, OutputPath(int)]` means the same.

    Args:
        type: a parameter type, an artifact class, or the name of one; any artifact when left out.
    """

    __slots__ = ()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from typing_extensions import Annotated

    T = TypeVar("T")
    Input = Annotated[T, INPUT]
    """The function reads an artifact: `table: Input[Dataset]`, or a list of them: `tables: Input[List[Dataset]]`."""
    Output = Annotated[T, OUTPUT]
    """The function writes an artifact at its `path`: `model: Output[Model]`; a call of the component leaves it out."""
    EmbeddedInput = Annotated[T, EMBEDDED]
    """The function reads what its component embeds (`embedded_artifact_path`); a call leaves it out."""
else:

    class _Direction:
        """Marks an artifact among a component function's parameters.

        `Input[Dataset]` is read, and so is each of `Input[List[Dataset]]`; `Output[Model]` is written at its `path`;
        `EmbeddedInput[Artifact]` is what the component embeds. A call of the component gives the inputs alone.
        """

        __slots__ = ("direction",)

        def __init__(self, direction: str) -> None:
            self.direction = direction

        def __getitem__(self, type_: Any) -> ArtifactAnnotation:
            return ArtifactAnnotation(self.direction, type_)

        def __call__(self, *_args: Any, **_kwargs: Any) -> Any:
            raise TypeError("{0} takes its type in brackets: {0}[Dataset]".format(self.direction))

        def __repr__(self) -> str:
            return self.direction

    Input = _Direction(INPUT)
    Output = _Direction(OUTPUT)
    EmbeddedInput = _Direction(EMBEDDED)


def type_text(annotation: Any) -> str:
    """Write an annotation as its author would, `int` or `List[int]`."""
    if isinstance(annotation, type) and not getattr(annotation, "__args__", None):
        return annotation.__name__
    if isinstance(annotation, str):
        return repr(annotation)
    return repr(annotation).replace("typing.", "")
