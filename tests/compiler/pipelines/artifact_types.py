"""Artifact classes of packages, lists of artifacts, and where each may go."""
# ruff: noqa: ANN201, UP006, UP035 -- written as users of KFP write

from typing import List

from kfp import dsl
from kfp.dsl import Artifact, Dataset, Input, InputPath, Model, Output, OutputPath
from tests.compiler.library.classes import VertexModel


@dsl.component(base_image="python:3.11")
def make(model: Output[VertexModel], data: Output[Dataset], any_: Output[Artifact]) -> Dataset: ...


@dsl.component(base_image="python:3.11")
def by_path(path: OutputPath("Model"), other: OutputPath(), text: OutputPath(str), named: OutputPath("foo")): ...


@dsl.component(base_image="python:3.11")
def take(model: Input[VertexModel], data: InputPath("Dataset"), any_: Input[Artifact], more: Input[Model] = None): ...


@dsl.component(base_image="python:3.11")
def take_lists(models: Input[List[Artifact]], data: List[Dataset]): ...


@dsl.pipeline
def pipeline(models: Input[List[Artifact]], data: List[Dataset], one: Input[VertexModel]):
    made = make()
    take(model=made.outputs["model"], data=made.outputs["data"], any_=made.outputs["Output"])
    take(model=made.outputs["any_"], data=made.outputs["any_"], any_=made.outputs["model"])
    take(model=one, data=made.outputs["Output"], any_=one, more=by_path().outputs["path"])
    take_lists(models=models, data=data)
