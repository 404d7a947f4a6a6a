"""Loops in conditions in an exit handler."""
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
def report(status: dsl.PipelineTaskFinalStatus, note: str = ""):
    print(status.state, note)


@dsl.pipeline
def pipeline(items: List[int], x: int = 1):
    with dsl.ExitHandler(report(note="done")):
        first = add(a=x)
        with dsl.If(x == 1):
            with dsl.ParallelFor(items) as i:
                second = add(a=i, b=first.output)
                with dsl.If(second.output == 3):
                    show(n=i)
                    with dsl.ParallelFor([1, 2]) as j:
                        show(n=j)
            total(items=dsl.Collected(second.output))
        with dsl.Else():
            show(n=first.output)
