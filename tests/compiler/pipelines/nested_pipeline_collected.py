"""Pipelines that return what they collected, taken apart again."""
# ruff: noqa: UP006, UP035 -- written as users of KFP write

from typing import List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 3) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def total(items: List[int]) -> int:
    return sum(items)


@dsl.pipeline
def squares(items: List[int]) -> List[int]:
    with dsl.ParallelFor(items) as i:
        first = add(a=i, b=i)
    return dsl.Collected(first.output)


@dsl.pipeline
def pipeline(items: List[int]) -> int:
    first = squares(items=items)
    with dsl.ParallelFor(first.output) as i:
        second = add(a=i)
    third = squares(items=dsl.Collected(second.output))
    return total(items=third.output).output
