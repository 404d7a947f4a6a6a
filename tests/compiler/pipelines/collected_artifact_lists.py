"""A pipeline that returns what two loops made."""
# ruff: noqa: ANN201, SIM117, UP006, UP035 -- written as users of KFP write

from typing import List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def make(data: dsl.Output[dsl.Dataset], n: int = 1):
    print(n)


@dsl.pipeline
def pipeline() -> List[dsl.Dataset]:
    with dsl.ParallelFor([1]):
        with dsl.ParallelFor([1, 2]) as i:
            made = make(n=i)
    return dsl.Collected(made.outputs["data"])
