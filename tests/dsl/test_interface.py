"""What a function's signature says of a component, and what it cannot say."""

from __future__ import annotations

from typing import Any

import pytest

from kfp import dsl
from kfp.errors import SignatureError

LISTS: Any = list


def of_schema(title: str, version: str = "0.0.1") -> Any:
    return type("Mine", (dsl.Artifact,), {"schema_title": title, "schema_version": version})


def make(annotation: Any, name: str = "a") -> Any:
    def step(a: int) -> None: ...

    step.__annotations__[name] = annotation
    return dsl.component(step).interface


def ways(class_: Any) -> list[tuple[Any, str]]:
    """How a class can stand in a signature: an annotation, and the name that it belongs to."""
    spelled: Any = dsl
    return [
        (spelled.Input[class_], "a"),
        (spelled.Output[class_], "a"),
        (spelled.Input[LISTS[class_]], "a"),
        (dsl.InputPath(class_), "a"),
        (dsl.OutputPath(class_), "a"),
        (class_, "a"),
    ]


@pytest.mark.parametrize("way", range(6))
@pytest.mark.parametrize(("title", "version"), [("system.Mine", "0.0.1"), ("google.Mine", "1.2.3-a"), ("system.X", "")])
def test_the_schemas_of_artifacts(title: str, version: str, way: int) -> None:
    interface = make(*ways(of_schema(title, version))[way])
    (found,) = {**interface.inputs, **interface.outputs}.values()
    assert (found.schema_title, found.schema_version) == (title, version)


@pytest.mark.parametrize("way", range(6))
@pytest.mark.parametrize(
    ("title", "version", "message"),
    [
        ("acme.Mine", "0.0.1", "'a' of class Mine, which has the schema_title 'acme.Mine'; accepted are 'system.Name'"),
        ("Mine", "0.0.1", "the schema_title 'Mine'"),
        ("google.a.b", "0.0.1", "the schema_title 'google.a.b'"),
        ("GOOGLE.x", "0.0.1", "the schema_title 'GOOGLE.x'"),
        ("", "0.0.1", "the schema_title ''"),
        ("system.Mine", "1", "the schema_version '1'; accepted are versions such as '1.0.0'"),
        ("system.Mine", "a.b.c", "the schema_version 'a.b.c'"),
    ],
)
def test_schemas_that_no_backend_knows(title: str, version: str, message: str, way: int) -> None:
    with pytest.raises(SignatureError, match=message) as caught:
        make(*ways(of_schema(title, version))[way])
    assert caught.value.location is not None
    assert caught.value.location.path == __file__


def test_the_schema_of_a_returned_artifact() -> None:
    with pytest.raises(SignatureError, match="has 'Output' of class Mine"):
        make(of_schema("acme.Mine"), "return")


@pytest.mark.parametrize(
    ("annotation", "default", "kept"),
    [
        (int, True, 1),
        (float, False, 0),
        (bool, True, True),
        (LISTS, "[1]", [1]),
        (dict, '{"a": 1}', {"a": 1}),
        (str, "[1]", "[1]"),
        (int, None, None),
    ],
)
def test_defaults_become_the_type_of_their_parameter(annotation: Any, default: Any, kept: Any) -> None:
    found = defaulting(annotation, default).inputs["a"]
    assert (found.default, found.optional) == (kept, True)
    assert type(found.default) is type(kept)


@pytest.mark.parametrize(
    ("annotation", "default"),
    [(int, "x"), (str, 5), (LISTS, "{}"), (dict, "[1]"), (LISTS, "[1"), (bool, "x"), (int, 2.5)],
)
def test_defaults_that_are_not_of_the_type_are_refused(annotation: Any, default: Any) -> None:
    message = (
        rf"test_interface.py:\d+: component function 'step' gives its parameter 'a' of type {annotation.__name__} the"
    )
    with pytest.raises(SignatureError, match=message):
        defaulting(annotation, default)


def test_a_coroutine_is_refused() -> None:
    async def step(a: int) -> None: ...

    with pytest.raises(SignatureError, match=r"test_interface.py:\d+: component function 'step' is an `async def`"):
        dsl.component(step)


@pytest.mark.parametrize("decorator", [dsl.component, dsl.pipeline, dsl.container_component])
def test_a_generator_is_refused(decorator: Any) -> None:
    def step(a: int):  # type: ignore[no-untyped-def]  # noqa: ANN202
        yield a

    with pytest.raises(SignatureError, match=r"test_interface.py:\d+: component function 'step' has a `yield`"):
        decorator(step)


def defaulting(annotation: Any, default: Any) -> Any:
    def step(a: Any = default) -> None: ...

    step.__annotations__["a"] = annotation
    return dsl.component(step).interface
