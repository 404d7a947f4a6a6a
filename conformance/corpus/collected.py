"""Collected: what the iterations of a loop made, as a list."""

from typing import List, NamedTuple

from conformance import steps
from conformance.cases import component, pipeline
from kfp import dsl
from kfp.dsl import Artifact, Dataset, Input


@pipeline
def parameters():
    with dsl.ParallelFor([1, 2]) as item:
        made = steps.add(a=item)
    steps.total(values=dsl.Collected(made.output))


@pipeline
def parameters_as_the_output() -> List[int]:
    with dsl.ParallelFor([1, 2]) as item:
        made = steps.add(a=item)
    return dsl.Collected(made.output)


@pipeline
def artifacts():
    with dsl.ParallelFor([1, 2]) as item:
        made = steps.make_dataset(rows=item)
    steps.gather(data=dsl.Collected(made.outputs["data"]))


@pipeline
def artifacts_as_the_output() -> List[Dataset]:
    with dsl.ParallelFor([1, 2]) as item:
        made = steps.make_dataset(rows=item)
    return dsl.Collected(made.outputs["data"])


@pipeline
def named_outputs() -> NamedTuple("Outputs", [("data", List[Dataset]), ("rates", List[float])]):
    with dsl.ParallelFor([1, 2]) as item:
        made = steps.make_dataset(rows=item)
        trained = steps.train(data=made.outputs["data"])
    outputs = NamedTuple("Outputs", [("data", List[Dataset]), ("rates", List[float])])
    return outputs(data=dsl.Collected(made.outputs["data"]), rates=dsl.Collected(trained.outputs["Output"]))


@pipeline
def twice_from_one_loop():
    with dsl.ParallelFor([1, 2]) as item:
        first = steps.add(a=item)
        second = steps.add(a=first.output)
    steps.total(values=dsl.Collected(first.output))
    steps.total(values=dsl.Collected(second.output))
    steps.total(values=dsl.Collected(second.output))


@pipeline
def from_two_levels():
    @dsl.component
    def flatten(values: List[List[int]]) -> int:
        return sum(map(sum, values))

    with dsl.ParallelFor([1, 2]) as outer:
        with dsl.ParallelFor([3, 4]) as inner:
            made = steps.add(a=outer, b=inner)
    flatten(values=dsl.Collected(made.output))


@pipeline
def artifacts_from_two_levels():
    with dsl.ParallelFor([1, 2]):
        with dsl.ParallelFor([3, 4]) as inner:
            made = steps.make_dataset(rows=inner)
    steps.gather(data=dsl.Collected(made.outputs["data"]))


@pipeline
def from_three_levels() -> List[int]:
    with dsl.ParallelFor([1, 2]):
        with dsl.ParallelFor([3, 4]):
            with dsl.ParallelFor([5, 6]) as inner:
                made = steps.add(a=inner)
    return dsl.Collected(made.output)


@pipeline
def inner_loop_collected_in_the_outer():
    with dsl.ParallelFor([1, 2]):
        with dsl.ParallelFor([3, 4]) as inner:
            made = steps.add(a=inner)
        steps.total(values=dsl.Collected(made.output))


@pipeline
def collected_of_collected():
    with dsl.ParallelFor([1, 2]):
        with dsl.ParallelFor([3, 4]) as inner:
            made = steps.add(a=inner)
        summed = steps.total(values=dsl.Collected(made.output))
    steps.total(values=dsl.Collected(summed.output))


@pipeline
def over_a_dynamic_list(items: List[int]) -> List[int]:
    with dsl.ParallelFor(items) as item:
        made = steps.add(a=item)
    return dsl.Collected(made.output)


@component
def to_a_subpipeline():
    @dsl.pipeline
    def inner(data: Input[List[Dataset]], values: List[int]) -> int:
        steps.total(values=values)
        return steps.gather(data=data).output

    @dsl.pipeline
    def to_a_subpipeline():
        with dsl.ParallelFor([1, 2]) as item:
            made = steps.make_dataset(rows=item)
            plus = steps.add(a=item)
        inner(data=dsl.Collected(made.outputs["data"]), values=dsl.Collected(plus.output))

    return to_a_subpipeline


@component
def from_a_subpipeline():
    @dsl.pipeline
    def inner(a: int) -> int:
        return steps.add(a=a).output

    @dsl.pipeline
    def from_a_subpipeline() -> List[int]:
        with dsl.ParallelFor([1, 2]) as item:
            made = inner(a=item)
        steps.total(values=dsl.Collected(made.output))
        return dsl.Collected(made.output)

    return from_a_subpipeline


@pipeline
def in_a_condition():
    with dsl.ParallelFor([1, 2]) as item:
        made = steps.add(a=item)
    with dsl.If(steps.total(values=dsl.Collected(made.output)).output > 2):
        steps.total(values=dsl.Collected(made.output))


@pipeline
def a_whole_loop_in_a_condition(x: int):
    with dsl.If(x > 1):
        with dsl.ParallelFor([1, 2]) as item:
            made = steps.add(a=item)
        steps.total(values=dsl.Collected(made.output))


@pipeline
def from_a_condition_in_a_loop():
    with dsl.ParallelFor([1, 2]) as item:
        with dsl.If(item > 1):
            first = steps.add(a=item)
        with dsl.Else():
            second = steps.add(a=item)
        chosen = steps.add(a=dsl.OneOf(first.output, second.output))
    steps.total(values=dsl.Collected(chosen.output))


@pipeline
def of_any_class():
    @dsl.component
    def every(things: Input[List[Artifact]]) -> int:
        return len(things)

    with dsl.ParallelFor([1, 2]) as item:
        made = steps.make_dataset(rows=item)
    every(things=dsl.Collected(made.outputs["data"]))


@pipeline
def from_a_condition_alone_in_a_loop(x: int):
    with dsl.ParallelFor([1, 2]) as item:
        with dsl.If(x > 1):
            made = steps.add(a=item)
    steps.total(values=dsl.Collected(made.output))
