"""Collected by tasks in conditions and in other loops."""
# ruff: noqa: ANN201, UP006, UP035 -- written as users of KFP write

from typing import List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 3) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def total(items: List[int]) -> int:
    return sum(items)


@dsl.pipeline
def pipeline(x: int = 1, s: str = "a"):
    with dsl.ParallelFor([1, 2]) as i:
        first = add(a=i)
    with dsl.If(x == 1):
        total(items=dsl.Collected(first.output))
        with dsl.If(s == "a"):
            total(items=dsl.Collected(first.output))
    with dsl.ParallelFor([1, 2]) as i:
        second = total(items=dsl.Collected(first.output))
        add(a=second.output, b=i)
