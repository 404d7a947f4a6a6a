"""Collected from conditions inside loops, and from loops inside conditions."""
# ruff: noqa: ANN201, SIM117, UP006, UP035 -- written as users of KFP write

from typing import List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 3) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def total(items: List[int]) -> int:
    return sum(items)


@dsl.component(base_image="python:3.11")
def total_of_lists(items: List[List[int]]) -> int:
    return sum(map(sum, items))


@dsl.pipeline
def pipeline(x: int = 1):
    with dsl.ParallelFor([1, 2]) as i:
        with dsl.If(i == 1):
            first = add(a=i)
    total(items=dsl.Collected(first.output))
    with dsl.If(x == 1):
        with dsl.ParallelFor([1]) as i:
            second = add(a=i)
        third = total(items=dsl.Collected(second.output))
        with dsl.ParallelFor([1]):
            with dsl.ParallelFor([1]):
                fourth = add(a=third.output)
        total_of_lists(items=dsl.Collected(fourth.output))
