"""Artifacts that are trained in parallel, collected, compared."""
# ruff: noqa: ANN201, UP006, UP035 -- written as users of KFP write

from typing import List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def make(data: dsl.Output[dsl.Dataset], n: int = 1):
    print(n)


@dsl.component(base_image="python:3.11")
def train(model: dsl.Output[dsl.Model], data: dsl.Input[dsl.Dataset]):
    print(data)


@dsl.component(base_image="python:3.11")
def best(models: dsl.Input[List[dsl.Model]]) -> int:
    return 1


@dsl.pipeline
def pipeline(steps: List[int]) -> int:
    data = make()
    with dsl.ParallelFor(steps):
        trained = train(data=data.outputs["data"])
    return best(models=dsl.Collected(trained.outputs["model"])).output
