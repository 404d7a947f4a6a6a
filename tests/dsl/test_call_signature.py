"""What `inspect`, and with it `help()` and notebooks, tell of a component."""

from __future__ import annotations

import inspect
from typing import Optional

import pytest

from kfp import components, dsl
from kfp.compiler.compile import document
from kfp.dsl.base_component import BaseComponent
from kfp.ir import files


@dsl.component
def train(
    table: dsl.Input[dsl.Dataset],
    others: dsl.Input[list[dsl.Dataset]],
    model: dsl.Output[dsl.Model],
    status: dsl.PipelineTaskFinalStatus,
    epochs: int,
    rate: float = 0.5,
    start: Optional[dsl.Input[dsl.Model]] = None,  # noqa: UP045 -- as users write
) -> str:
    """Train a model.

    Args:
        epochs: how often the table is read.
    """
    return model.path


@dsl.container_component
def silent(text: str) -> dsl.ContainerSpec:
    return dsl.ContainerSpec(image="alpine")


def loaded() -> BaseComponent:
    return components.load_component_from_text(files.dumps(document(silent)))


@pytest.mark.parametrize(
    ("component", "signature"),
    [
        (
            train,
            "(*, table: 'Dataset', others: 'List[Dataset]', epochs: int, rate: float = 0.5, start: 'Model' = None)",
        ),
        (silent, "(*, text: str)"),
        (loaded(), "(*, text: str)"),
    ],
)
def test_signature(component: BaseComponent, signature: str) -> None:
    found = inspect.signature(component)
    assert str(found.replace(return_annotation=inspect.Signature.empty)) == signature
    assert found.return_annotation is dsl.PipelineTask


def test_the_docstring_is_the_functions() -> None:
    assert inspect.getdoc(train) == "Train a model."


def test_classes_keep_their_own() -> None:
    assert "python_func" in inspect.signature(type(train)).parameters
    assert inspect.getdoc(silent) == inspect.getdoc(type(silent))
