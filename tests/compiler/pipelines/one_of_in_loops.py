"""OneOf in a loop, passed on and collected."""
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
def pipeline(items: List[int]) -> List[int]:
    with dsl.ParallelFor(items) as i:
        a = add(a=i)
        with dsl.If(a.output == 2):
            b = add(a=a.output)
        with dsl.Else():
            c = add(a=i)
        d = add(a=dsl.OneOf(b.output, c.output))
    total(items=dsl.Collected(d.output))
    return dsl.Collected(d.output)
