"""Artifacts in and out: typed, optional, by path, as outputs of the pipeline; lists as inputs."""
# ruff: noqa: UP006, UP014, UP035, UP045 -- written as users of KFP write

from typing import List, NamedTuple, Optional

from kfp import dsl
from kfp.dsl import (
    HTML,
    Artifact,
    ClassificationMetrics,
    Dataset,
    Input,
    InputPath,
    Markdown,
    Metrics,
    Model,
    Output,
    OutputPath,
)


@dsl.component(base_image="python:3.11")
def make(text: str, data: Output[Dataset], size: OutputPath(int), blob: OutputPath("Model")) -> str:
    """Makes data.

    More of it.

    Args:
        text: what to
          write
        data: not written by KFP

    Returns:
        the text
    """
    return text


@dsl.component(base_image="python:3.11")
def train(
    data: Input[Dataset],
    path: InputPath("Dataset"),
    number: InputPath(int),
    metrics: Output[Metrics],
    charts: Output[ClassificationMetrics],
    page: Output[HTML],
    notes: Output[Markdown],
    before: Optional[Input[Model]] = None,
    extra: Input[Artifact] = None,
) -> Model:
    return Model(uri=dsl.get_uri("model"))


@dsl.component(base_image="python:3.11")
def several(models: Input[List[Model]]) -> NamedTuple("O", [("best", Model), ("score", float)]):
    pass


@dsl.pipeline
def pipeline(data: Input[Dataset], models: List[Model], old: Optional[Input[Model]] = None) -> NamedTuple(
    "O", [("model", Model), ("any", Artifact), ("score", float)]
):
    """Trains.

    Args:
        data: what to train on

    Returns:
        model: the model
        score: how good it is
    """
    made = make(text="x")
    first = train(data=data, path=made.outputs["data"], number=made.outputs["size"])
    train(
        data=made.outputs["data"],
        path=data,
        number=3,
        before=first.outputs["Output"],
        extra=first.outputs["metrics"],
    )
    train(data=data, path=data, number=1, before=old)
    best = several(models=models)
    results = NamedTuple("O", [("model", Model), ("any", Artifact), ("score", float)])
    return results(model=first.outputs["Output"], any=made.outputs["blob"], score=best.outputs["score"])
