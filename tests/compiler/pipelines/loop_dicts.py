"""Loops over dicts, constant and not, and their entries."""
# ruff: noqa: ANN201, B006, UP006, UP035 -- written as users of KFP write

from typing import Dict, List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def show(x: str = "", n: int = 0, f: float = 0.0, flag: bool = True):
    print(x, n, f, flag)


@dsl.component(base_image="python:3.11")
def table() -> List[Dict[str, int]]:
    return [{"k": 1, "z": 2}]


@dsl.component(base_image="python:3.11")
def dump(items: list = [], table: dict = {}):
    print(items, table)


@dsl.pipeline
def pipeline(rows: List[Dict[str, str]], anything: list):
    with dsl.ParallelFor([{"a": 1, "b": 2}, {"a": 3, "b": 4}]) as item:
        show(n=item.a)
        show(n=item.b)
        dump(table=item)
        with dsl.If(item.a == 1):
            show()
    with dsl.ParallelFor(table().output) as item:
        show(n=item.k)
        with dsl.If(item.k == 1):
            show(n=item.z)
    with dsl.ParallelFor(rows) as item:
        show(x=item.title)
        show(x=item.type)
        dump(table=item)
    with dsl.ParallelFor(anything) as item:
        show(x=item)
        show(n=item)
        show(x=item.a, n=item.b)
