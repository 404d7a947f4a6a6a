"""Loops over lists of artifacts: inputs, and outputs of pipelines."""
# ruff: noqa: ANN201, UP006, UP035 -- written as users of KFP write

from typing import List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def make(data: dsl.Output[dsl.Dataset], n: int = 1):
    print(n)


@dsl.component(base_image="python:3.11")
def use(data: dsl.Input[dsl.Dataset]) -> int:
    return 1


@dsl.pipeline
def several() -> List[dsl.Dataset]:
    with dsl.ParallelFor([1, 2]) as item:
        made = make(n=item)
    return dsl.Collected(made.outputs["data"])


@dsl.pipeline
def pipeline(data: dsl.Input[List[dsl.Dataset]]) -> List[dsl.Dataset]:
    with dsl.ParallelFor(data, parallelism=2) as item:
        use(data=item)
        with dsl.ParallelFor([1]):
            use(data=item)
    with dsl.ParallelFor(several().output) as item:
        use(data=item)
    with dsl.ParallelFor([1, 2]) as number:
        made = make(n=number)
    return dsl.Collected(made.outputs["data"])
