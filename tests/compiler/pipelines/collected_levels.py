"""What a loop's task makes of an inner loop, collected in its turn."""
# ruff: noqa: ANN201, UP006, UP035 -- written as users of KFP write

from typing import List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 3) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def show(x: str = "", n: int = 0, f: float = 0.0, flag: bool = True):
    print(x, n, f, flag)


@dsl.component(base_image="python:3.11")
def total(items: List[int]) -> int:
    return sum(items)


@dsl.component(base_image="python:3.11")
def total_of_lists(items: List[List[int]]) -> int:
    return sum(map(sum, items))


@dsl.pipeline
def pipeline():
    with dsl.ParallelFor([1, 2]) as i:
        with dsl.ParallelFor([3, 4]) as j:
            first = add(a=j, b=i)
        second = total(items=dsl.Collected(first.output))
        with dsl.If(second.output > 3):
            show(n=second.output)
    total(items=dsl.Collected(second.output))
    total_of_lists(items=dsl.Collected(first.output))
