"""Two loops over the same input, one in the other."""
# ruff: noqa: ANN201, SIM117, UP006, UP035 -- written as users of KFP write

from typing import List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def show(x: str = "", n: int = 0, f: float = 0.0, flag: bool = True):
    print(x, n, f, flag)


@dsl.pipeline
def pipeline(items: List[int]):
    with dsl.ParallelFor(items):
        with dsl.ParallelFor(items) as inner:
            show(n=inner)
