"""Loops over outputs and inputs, limited, with texts."""
# ruff: noqa: ANN201, B006, UP006, UP035 -- written as users of KFP write

from typing import List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def text(x: str = "") -> str:
    return x


@dsl.component(base_image="python:3.11")
def show(x: str = "", n: int = 0, f: float = 0.0, flag: bool = True):
    print(x, n, f, flag)


@dsl.component(base_image="python:3.11")
def numbers() -> List[int]:
    return [1, 2]


@dsl.component(base_image="python:3.11")
def dump(items: list = [], table: dict = {}):
    print(items, table)


@dsl.pipeline
def pipeline(names: List[str], s: str = "x"):
    with dsl.ParallelFor(numbers().output, parallelism=1) as item:
        show(n=item)
    with dsl.ParallelFor(names, name="names") as item:
        first = text(x=f"{item} x {s}")
        show(x=first.output)
        dump(items=[item, 2])
