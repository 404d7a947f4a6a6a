"""Components that several tests of the language call."""

from __future__ import annotations

from typing import NamedTuple, Optional

from kfp import dsl


@dsl.component
def add(a: int, b: int = 3) -> int:
    """Adds."""
    return a + b


@dsl.component
def accept(
    x: float = 0.0,
    text: str = "",
    items: list = [],  # noqa: B006 - how users write
    table: dict = {},  # noqa: B006
    flag: bool = False,
    maybe: Optional[int] = None,  # noqa: UP045
) -> str:
    return text


@dsl.component
def two(a: int) -> NamedTuple("Two", [("number", int), ("text", str)]):  # type: ignore[valid-type]
    return (a, "")


@dsl.component
def nothing() -> None:
    pass


@dsl.component
def make(data: dsl.Output[dsl.Dataset]) -> int:
    return 1


@dsl.component
def use(data: dsl.Input[dsl.Dataset]) -> None:
    pass


@dsl.component
def use_model(model: dsl.Input[dsl.Model]) -> None:
    pass


@dsl.component
def use_any(thing: dsl.Input[dsl.Artifact]) -> None:
    pass
