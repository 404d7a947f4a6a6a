"""after, and the order that data gives."""

from conformance import steps
from conformance.cases import component, pipeline
from kfp import dsl


@pipeline
def after_one_and_several():
    first, second, third = steps.done(), steps.done(), steps.done()
    second.after(first)
    third.after(first, second)


@pipeline
def after_what_gives_data_too(x: int):
    first = steps.add(a=x)
    second = steps.add(a=first.output)
    second.after(first)


@pipeline
def after_the_same_task_twice():
    first = steps.done()
    steps.done().after(first, first).after(first)


@pipeline
def a_task_inside_a_group_after_one_outside(x: int):
    first = steps.done()
    with dsl.If(x > 1):
        steps.done().after(first)
    with dsl.ParallelFor([1, 2]) as item:
        steps.add(a=item).after(first)


@pipeline
def inside_one_group(x: int):
    with dsl.If(x > 1):
        first = steps.done()
        with dsl.If(x > 2):
            steps.done().after(first)


@component
def a_subpipeline_after_a_task():
    @dsl.pipeline
    def inner(a: int):
        steps.add(a=a)

    @dsl.pipeline
    def a_subpipeline_after_a_task(x: int):
        first = steps.done()
        second = inner(a=x).after(first)
        steps.done().after(second)

    return a_subpipeline_after_a_task


@pipeline
def a_task_after_one_inside_a_loop():
    with dsl.ParallelFor([1, 2]) as item:
        first = steps.add(a=item)
    steps.done().after(first)


@pipeline
def a_task_after_one_inside_two_loops():
    with dsl.ParallelFor([1, 2]) as outer:
        with dsl.ParallelFor([3, 4]) as inner:
            first = steps.add(a=inner, b=outer)
    steps.done().after(first)


@pipeline
def a_loop_after_a_loop():
    with dsl.ParallelFor([1, 2]) as item:
        first = steps.add(a=item)
    with dsl.ParallelFor([1, 2]) as item:
        steps.add(a=item).after(first)
