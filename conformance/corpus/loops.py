"""ParallelFor."""

from typing import Dict, List

from conformance import steps
from conformance.cases import component, pipeline
from kfp import dsl
from kfp.dsl import Dataset, Input


@pipeline
def over_integers():
    with dsl.ParallelFor([1, 2, 3]) as item:
        steps.add(a=item)


@pipeline
def over_texts():
    with dsl.ParallelFor(["a", "b"]) as item:
        steps.say(text=item)


@pipeline
def over_floats():
    with dsl.ParallelFor([0.5, 1.5]) as item:
        steps.double(number=item)


@pipeline
def over_dicts_with_subvariables():
    with dsl.ParallelFor([{"a": 1, "b": 2}, {"a": 3, "b": 4}]) as item:
        steps.add(a=item.a)
        steps.add(a=item.b)
    with dsl.ParallelFor([{"t": "x"}, {"t": "y"}]) as item:
        steps.say(text=item.t)


@pipeline
def over_whole_dicts():
    with dsl.ParallelFor([{"a": 1}, {"a": 2}]) as item:
        steps.count(table=item)


@pipeline
def over_a_pipeline_input(items: list, typed: List[int], texts: List[str] = ["a"]):
    with dsl.ParallelFor(items) as item:
        steps.say(text=item)
    with dsl.ParallelFor(typed) as item:
        steps.add(a=item)
    with dsl.ParallelFor(texts) as item:
        steps.say(text=item)


@pipeline
def over_a_task_output():
    with dsl.ParallelFor(steps.numbers().output) as item:
        steps.add(a=item)


@pipeline
def subvariables_of_a_task_output(rows: List[Dict[str, int]]):
    with dsl.ParallelFor(steps.rows().output) as item:
        steps.add(a=item.a, b=item.b)
    with dsl.ParallelFor(rows) as item:
        steps.add(a=item.a)
        steps.count(table=item)


@pipeline
def over_constants_with_inputs(x: int, name: str):
    with dsl.ParallelFor([1, 2]) as item:
        steps.add(a=item, b=x)
        steps.say(text=f"{name}-{item}")


@pipeline
def named_with_parallelism():
    with dsl.ParallelFor([1, 2, 3], name="My loop", parallelism=2) as item:
        steps.add(a=item)
    with dsl.ParallelFor([1], parallelism=1) as item:
        steps.add(a=item)


@pipeline
def chained_tasks():
    with dsl.ParallelFor([1, 2]) as item:
        first = steps.add(a=item)
        second = steps.add(a=first.output, b=item)
        steps.add(a=second.output, b=first.output)


@pipeline
def values_from_outside(x: int):
    outer = steps.add(a=x)
    data = steps.make_dataset(rows=x)
    with dsl.ParallelFor([1, 2]) as item:
        steps.add(a=item, b=outer.output)
        steps.train(data=data.outputs["data"])


@pipeline
def nested_over_constants():
    with dsl.ParallelFor([1, 2]) as outer:
        with dsl.ParallelFor([3, 4]) as inner:
            steps.add(a=outer, b=inner)


@pipeline
def nested_over_inputs(first: List[int], second: List[str]):
    with dsl.ParallelFor(first) as outer:
        with dsl.ParallelFor(second) as inner:
            steps.say(text=f"{outer}{inner}")
            steps.add(a=outer)


@pipeline
def nested_over_task_outputs():
    with dsl.ParallelFor(steps.numbers().output) as outer:
        made = steps.words()
        with dsl.ParallelFor(made.output) as inner:
            steps.say(text=inner)
            steps.add(a=outer)


@pipeline
def nested_over_an_item():
    with dsl.ParallelFor([{"many": [1, 2]}, {"many": [3]}]) as outer:
        with dsl.ParallelFor(outer.many) as inner:
            steps.add(a=inner)


@pipeline
def three_deep(x: int):
    with dsl.ParallelFor([1]) as one:
        with dsl.ParallelFor([2]) as two:
            with dsl.ParallelFor([3]) as three:
                steps.total(values=[one, two, three, x])


@pipeline
def in_a_condition_and_around_one(items: List[int], x: int):
    with dsl.If(x > 1):
        with dsl.ParallelFor(items) as item:
            with dsl.If(item > x):
                steps.add(a=item, b=x)
            with dsl.Else():
                steps.add(a=item)


@pipeline
def over_artifacts_of_a_pipeline_input(data: Input[List[Dataset]]):
    with dsl.ParallelFor(data) as item:
        steps.show(thing=item)


@component
def over_artifacts_of_a_task():
    @dsl.pipeline
    def inner() -> List[Dataset]:
        with dsl.ParallelFor([1, 2]) as rows:
            made = steps.make_dataset(rows=rows)
        return dsl.Collected(made.outputs["data"])

    @dsl.pipeline
    def over_artifacts_of_a_task():
        with dsl.ParallelFor(inner().output, parallelism=2) as item:
            steps.train(data=item)

    return over_artifacts_of_a_task


@component
def a_subpipeline_inside():
    @dsl.pipeline
    def inner(a: int, note: str = "x") -> int:
        steps.say(text=note)
        return steps.add(a=a).output

    @dsl.pipeline
    def a_subpipeline_inside(items: List[int]):
        with dsl.ParallelFor(items) as item:
            made = inner(a=item)
            steps.add(a=made.output)

    return a_subpipeline_inside


@pipeline
def a_single_item():
    with dsl.ParallelFor(["only"]) as item:
        steps.say(text=item)


@pipeline
def lists_of_lists():
    with dsl.ParallelFor([[1, 2], [3]]) as item:
        steps.total(values=item)


@pipeline
def unused_items():
    with dsl.ParallelFor([1, 2]):
        steps.done()


@pipeline
def several_loops_one_after_the_other():
    with dsl.ParallelFor([1]) as item:
        first = steps.add(a=item)
    with dsl.ParallelFor([2]) as item:
        steps.add(a=item)
    with dsl.ParallelFor([2]) as item:
        steps.add(a=item)
    del first


@pipeline
def dicts_of_different_keys():
    with dsl.ParallelFor([{"a": 1}, {"a": 2, "b": 2}]) as item:
        steps.add(a=item.a)


@pipeline
def unused_items_of_a_task_output():
    with dsl.ParallelFor(steps.numbers().output):
        steps.done()


@pipeline
def unused_items_of_an_input_in_a_condition(x: int, items: List[int]):
    with dsl.If(x > 1):
        with dsl.ParallelFor(items):
            steps.done()
