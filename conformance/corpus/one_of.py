"""OneOf: the output of whichever branch ran."""

from typing import NamedTuple

from conformance import steps
from conformance.cases import component, pipeline
from kfp import dsl
from kfp.dsl import Dataset, Input, Model


@pipeline
def a_parameter_consumed(x: int):
    with dsl.If(x > 1):
        first = steps.say(text="a")
    with dsl.Else():
        second = steps.say(text="b")
    steps.say(text=dsl.OneOf(first.output, second.output))


@pipeline
def a_parameter_returned(x: int) -> str:
    with dsl.If(x > 1):
        first = steps.say(text="a")
    with dsl.Else():
        second = steps.say(text="b")
    return dsl.OneOf(first.output, second.output)


@pipeline
def three_branches(x: int) -> str:
    with dsl.If(x > 10):
        first = steps.say(text="a")
    with dsl.Elif(x > 5):
        second = steps.say(text="b")
    with dsl.Else():
        third = steps.say(text="c")
    chosen = dsl.OneOf(first.output, second.output, third.output)
    steps.say(text=chosen)
    return chosen


@pipeline
def an_artifact_consumed_and_returned(x: int) -> Dataset:
    with dsl.If(x > 1):
        first = steps.make_dataset(rows=1)
    with dsl.Else():
        second = steps.make_dataset(rows=2)
    chosen = dsl.OneOf(first.outputs["data"], second.outputs["data"])
    steps.show(thing=chosen)
    return chosen


@pipeline
def several_of_the_same_branches(x: int) -> NamedTuple("Outputs", [("loss", float), ("model", Model)]):
    data = steps.make_dataset(rows=1).outputs["data"]
    with dsl.If(x > 1):
        first = steps.train(data=data)
    with dsl.Else():
        second = steps.train(data=data, rate=0.5)
    outputs = NamedTuple("Outputs", [("loss", float), ("model", Model)])
    return outputs(
        loss=dsl.OneOf(first.outputs["Output"], second.outputs["Output"]),
        model=dsl.OneOf(first.outputs["model"], second.outputs["model"]),
    )


@pipeline
def outputs_of_different_names(x: int) -> str:
    with dsl.If(x > 1):
        first = steps.two()
    with dsl.Else():
        second = steps.say(text="b")
    return dsl.OneOf(first.outputs["text"], second.output)


@pipeline
def in_nested_conditions(x: int, y: int) -> str:
    with dsl.If(x > 1):
        with dsl.If(y > 1):
            one = steps.say(text="a")
        with dsl.Else():
            two = steps.say(text="b")
        first = steps.say(text=dsl.OneOf(one.output, two.output))
    with dsl.Else():
        second = steps.say(text="c")
    return dsl.OneOf(first.output, second.output)


@pipeline
def in_a_condition(x: int):
    with dsl.If(x > 1):
        first = steps.say(text="a")
    with dsl.Else():
        second = steps.say(text="b")
    chosen = dsl.OneOf(first.output, second.output)
    with dsl.If(chosen == "a"):
        steps.say(text=chosen)


@pipeline
def in_a_loop(x: int):
    with dsl.If(x > 1):
        first = steps.words()
    with dsl.Else():
        second = steps.words()
    with dsl.ParallelFor(dsl.OneOf(first.output, second.output)) as item:
        steps.say(text=item)


@pipeline
def inside_a_loop():
    with dsl.ParallelFor([1, 2, 3]) as item:
        with dsl.If(item > 1):
            first = steps.say(text="a")
        with dsl.Else():
            second = steps.say(text="b")
        steps.say(text=dsl.OneOf(first.output, second.output))


@component
def to_a_subpipeline():
    @dsl.pipeline
    def inner(data: Input[Dataset]):
        steps.show(thing=data)

    @dsl.pipeline
    def to_a_subpipeline(x: int):
        with dsl.If(x > 1):
            first = steps.make_dataset(rows=1)
        with dsl.Else():
            second = steps.make_dataset(rows=2)
        inner(data=dsl.OneOf(first.outputs["data"], second.outputs["data"]))

    return to_a_subpipeline


@component
def from_subpipelines():
    @dsl.pipeline
    def inner(a: int) -> int:
        return steps.add(a=a).output

    @dsl.pipeline
    def from_subpipelines(x: int) -> int:
        with dsl.If(x > 1):
            first = inner(a=1)
        with dsl.Else():
            second = inner(a=2)
        return dsl.OneOf(first.output, second.output)

    return from_subpipelines


@pipeline
def a_branch_left_out(x: int):
    with dsl.If(x > 1):
        first = steps.say(text="a")
    with dsl.Elif(x > 0):
        steps.say(text="b")
    with dsl.Else():
        third = steps.say(text="c")
    steps.say(text=dsl.OneOf(first.output, third.output))
