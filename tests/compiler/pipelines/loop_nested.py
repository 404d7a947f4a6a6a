"""Loops in loops, over constants, items of items and entries of items."""
# ruff: noqa: ANN201, SIM117, UP006, UP035 -- written as users of KFP write

from typing import Dict, List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 3) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def show(x: str = "", n: int = 0, f: float = 0.0, flag: bool = True):
    print(x, n, f, flag)


@dsl.pipeline
def pipeline(lists: List[List[int]], rows: List[Dict[str, str]], s: str = "a"):
    with dsl.ParallelFor([1, 2]) as i:
        first = add(a=i)
        with dsl.ParallelFor(["a", "b"]) as j:
            show(n=first.output, x=j)
            show(n=i, x=s)
    with dsl.ParallelFor(lists) as i:
        with dsl.ParallelFor(i) as j:
            show(n=j)
    with dsl.ParallelFor([{"q": [1, 2]}]) as i:
        with dsl.ParallelFor(i.q) as j:
            show(n=j)
    with dsl.ParallelFor(rows) as i:
        with dsl.ParallelFor(i.parts) as j:
            show(x=j)
