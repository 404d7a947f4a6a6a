"""Artifact classes, as inputs and outputs of components and pipelines."""

from typing import List, NamedTuple

from conformance import steps, vertex
from conformance.cases import component, pipeline
from conformance.vertex import VertexDataset, VertexModel
from kfp import dsl
from kfp.dsl import (
    HTML,
    Artifact,
    ClassificationMetrics,
    Dataset,
    Input,
    Markdown,
    Metrics,
    Model,
    Output,
    SlicedClassificationMetrics,
)


@component
def every_class_as_input_and_output():
    @dsl.component
    def step(
        a: Input[Artifact],
        b: Input[Dataset],
        c: Input[Model],
        d: Input[Metrics],
        e: Input[ClassificationMetrics],
        f: Input[SlicedClassificationMetrics],
        g: Input[HTML],
        h: Input[Markdown],
        oa: Output[Artifact],
        ob: Output[Dataset],
        oc: Output[Model],
        od: Output[Metrics],
        oe: Output[ClassificationMetrics],
        of: Output[SlicedClassificationMetrics],
        og: Output[HTML],
        oh: Output[Markdown],
    ):
        pass

    return step


@component
def lists_of_artifacts():
    @dsl.component
    def step(a: Input[List[Artifact]], b: Input[List[Model]]) -> int:
        return len(a)

    return step


@component
def optional_artifacts():
    @dsl.component
    def step(a: Input[Dataset] = None, b: Input[List[Model]] = None):
        pass

    return step


@component
def bare_artifacts():
    @dsl.component
    def step(a: Dataset, b: List[Model]) -> Model:
        return Model(uri=dsl.get_uri("model"))

    return step


@component
def classes_of_google():
    @dsl.component
    def step(a: Input[VertexModel], b: Output[VertexDataset]):
        pass

    return step


@component
def classes_of_a_module():
    @dsl.component
    def step(a: Input[vertex.VertexModel], b: Output[vertex.VertexDataset]):
        pass

    return step


@component
def a_returned_class_of_google():
    @dsl.component(packages_to_install=["six"])
    def step() -> VertexModel:
        return VertexModel(uri=dsl.get_uri())

    return step


@pipeline
def classes_of_google_in_a_pipeline(model: Input[VertexModel]) -> VertexDataset:
    @dsl.component
    def step(a: Input[VertexModel], b: Output[VertexDataset]):
        pass

    return step(a=model).outputs["b"]


@pipeline
def from_step_to_step(rows: int = 3):
    data = steps.make_dataset(rows=rows)
    trained = steps.train(data=data.outputs["data"], rate=0.2)
    steps.evaluate(model=trained.outputs["model"], data=data.output)
    steps.show(thing=trained.outputs["metrics"])
    steps.double(number=trained.outputs["Output"])


@pipeline
def as_pipeline_inputs(data: Input[Dataset], model: Input[Model]) -> float:
    return steps.evaluate(model=model, data=data).output


@pipeline
def an_optional_pipeline_input(data: Input[Dataset] = None):
    @dsl.component
    def step(data: Input[Dataset] = None):
        pass

    step(data=data)


@pipeline
def a_list_as_pipeline_input(data: Input[List[Dataset]]) -> int:
    return steps.gather(data=data).output


@pipeline
def as_the_pipeline_output(rows: int) -> Dataset:
    return steps.make_dataset(rows=rows).outputs["data"]


@pipeline
def as_named_pipeline_outputs(rows: int) -> NamedTuple("Outputs", [("data", Dataset), ("loss", float), ("m", Model)]):
    data = steps.make_dataset(rows=rows).outputs["data"]
    trained = steps.train(data=data)
    outputs = NamedTuple("Outputs", [("data", Dataset), ("loss", float), ("m", Model)])
    return outputs(data=data, loss=trained.outputs["Output"], m=trained.outputs["model"])


@pipeline
def any_artifact_where_artifact_is_asked():
    made = steps.make_dataset(rows=1)
    steps.show(thing=made.outputs["data"])


@pipeline
def an_artifact_where_any_class_is_asked(thing: Input[Artifact]):
    steps.evaluate(model=thing, data=thing)


@pipeline
def the_return_value_and_an_output():
    @dsl.component
    def make(model: Output[Model]) -> Dataset:
        return Dataset(uri=dsl.get_uri("data"))

    made = make()
    steps.evaluate(model=made.outputs["model"], data=made.outputs["Output"])
