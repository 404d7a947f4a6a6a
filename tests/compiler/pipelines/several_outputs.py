"""A pipeline that returns a OneOf, a Collected and an artifact by name."""
# ruff: noqa: ANN201, UP006, UP014, UP035 -- written as users of KFP write

from typing import List, NamedTuple

from kfp import dsl


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 3) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def make(data: dsl.Output[dsl.Dataset], n: int = 1):
    print(n)


@dsl.pipeline
def pipeline(items: List[int], x: int = 1) -> NamedTuple(
    "Outputs", [("chosen", int), ("listed", List[int]), ("data", dsl.Dataset)]
):
    outputs = NamedTuple("Outputs", [("chosen", int), ("listed", List[int]), ("data", dsl.Dataset)])
    with dsl.If(x == 1):
        a = add(a=1)
        first = make()
    with dsl.Else():
        b = add(a=1)
        second = make()
    with dsl.ParallelFor(items) as i:
        c = add(a=i)
    return outputs(
        dsl.OneOf(a.output, b.output),
        dsl.Collected(c.output),
        dsl.OneOf(second.outputs["data"], first.outputs["data"]),
    )
