"""Placeholders where a container component's function computes with them."""

from __future__ import annotations

from typing import Any

import pytest

from kfp import components, dsl
from kfp.dsl import placeholders
from kfp.errors import AuthoringError

CONCAT = dsl.ConcatPlaceholder(["a", "b"])


@pytest.mark.parametrize("structured", [CONCAT, dsl.IfPresentPlaceholder("x", "a")], ids=["Concat", "IfPresent"])
def test_structures_are_not_written_into_texts(structured: Any) -> None:
    with pytest.raises(AuthoringError, match="cannot be written into a text"):
        f"--{structured}"
    assert "a" in repr(structured)


def test_a_placeholder_in_the_place_of_an_absent_input() -> None:
    assert dsl.IfPresentPlaceholder("x", "a", CONCAT).struct() == {
        "IfPresent": {"InputName": "x", "Then": "a", "Else": {"Concat": ["a", "b"]}}
    }
    assert "Else" not in dsl.IfPresentPlaceholder("x", "a", []).struct()["IfPresent"]


def test_placeholders_are_true_with_a_warning() -> None:
    value = placeholders.InputValuePlaceholder("x", "STRING")
    with pytest.warns(UserWarning, match=r"inputs.parameters\['x'\].*is always true"):
        assert value


def test_what_libraries_for_kfp_ask_of_an_input() -> None:
    seen: list[Any] = []

    def work(x: int) -> dsl.ContainerSpec:
        seen.append(x)
        return dsl.ContainerSpec(image="alpine", args=[str(x)])

    work.__annotations__["x"] = int
    dsl.container_component(work)
    (x,) = seen
    assert isinstance(x, components.placeholders.InputValuePlaceholder)
    assert (x.input_name, x._ir_type) == ("x", "NUMBER_INTEGER")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("InputValuePlaceholder", "{{$.inputs.parameters['x']}}"),
        ("InputPathPlaceholder", "{{$.inputs.artifacts['x'].path}}"),
        ("InputUriPlaceholder", "{{$.inputs.artifacts['x'].uri}}"),
        ("InputMetadataPlaceholder", "{{$.inputs.artifacts['x'].metadata}}"),
        ("OutputParameterPlaceholder", "{{$.outputs.parameters['x'].output_file}}"),
        ("OutputPathPlaceholder", "{{$.outputs.artifacts['x'].path}}"),
        ("OutputUriPlaceholder", "{{$.outputs.artifacts['x'].uri}}"),
        ("OutputMetadataPlaceholder", "{{$.outputs.artifacts['x'].metadata}}"),
    ],
)
def test_references_by_the_names_of_their_classes(kind: str, text: str) -> None:
    assert str(getattr(placeholders, kind)("x")) == text


LISTS = dsl.IfPresentPlaceholder("x", ["a", "b"])


@pytest.mark.parametrize(
    "inside",
    [
        LISTS,
        dsl.IfPresentPlaceholder("x", "a", ["b"]),
        dsl.IfPresentPlaceholder("x", LISTS),
        dsl.IfPresentPlaceholder("x", dsl.IfPresentPlaceholder("x", "a"), LISTS),
    ],
)
def test_lists_are_not_joined_at_any_depth(inside: Any) -> None:
    with pytest.raises(AuthoringError, match="has lists, which cannot be joined"):
        dsl.ConcatPlaceholder(["a", inside])
    assert dsl.IfPresentPlaceholder("x", [inside]).struct()


@pytest.mark.parametrize(
    ("part", "error"),
    [(lambda models: models[0], KeyError), (lambda models: models.path, AttributeError)],
)
def test_a_list_of_artifacts_is_written_whole(part: Any, error: type[Exception]) -> None:
    def work(models: dsl.Input[list[dsl.Model]]) -> dsl.ContainerSpec:
        return dsl.ContainerSpec(image="alpine", command=[part(models)])

    with pytest.raises(error, match="write the list whole"):
        dsl.container_component(work)
