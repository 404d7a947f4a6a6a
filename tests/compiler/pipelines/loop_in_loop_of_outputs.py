"""Loops over the outputs of tasks that stand in loops, with conditions on both items."""
# ruff: noqa: ANN201, SIM117, UP006, UP035 -- written as users of KFP write

from typing import Dict, List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def show(x: str = "", n: int = 0, f: float = 0.0, flag: bool = True):
    print(x, n, f, flag)


@dsl.component(base_image="python:3.11")
def numbers() -> List[int]:
    return [1, 2]


@dsl.component(base_image="python:3.11")
def table() -> List[Dict[str, int]]:
    return [{"k": 1, "z": 2}]


@dsl.pipeline
def pipeline():
    with dsl.ParallelFor(numbers().output) as i:
        with dsl.ParallelFor(table().output) as j:
            show(n=j.a)
            with dsl.If(j.a == i):
                show(n=j.b)
