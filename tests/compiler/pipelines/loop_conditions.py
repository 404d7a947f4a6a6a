"""Conditions in loops, and loops in conditions."""
# ruff: noqa: ANN201, SIM117, UP006, UP035 -- written as users of KFP write

from typing import List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def show(x: str = "", n: int = 0, f: float = 0.0, flag: bool = True):
    print(x, n, f, flag)


@dsl.pipeline
def pipeline(items: List[int], x: int = 1):
    with dsl.ParallelFor([1, 2]) as i:
        with dsl.If(i == 1):
            show(n=x)
        with dsl.Elif(i == 2):
            with dsl.ParallelFor(items) as j:
                show(n=j)
        with dsl.Else():
            show(n=i)
    with dsl.If(x == 1):
        with dsl.ParallelFor(items) as i:
            show(n=i)
        with dsl.ParallelFor([1]) as i:
            with dsl.ParallelFor(["a"]) as j:
                show(x=j, n=i)
