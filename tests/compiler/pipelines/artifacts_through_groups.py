"""Artifacts from outside into groups, at several depths."""
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
def use(data: dsl.Input[dsl.Dataset]) -> int:
    return 1


@dsl.component(base_image="python:3.11")
def best(models: dsl.Input[List[dsl.Model]]) -> int:
    return 1


@dsl.component(base_image="python:3.11")
def clean():
    print("clean")


@dsl.pipeline
def pipeline(x: int = 1):
    made = make()
    with dsl.If(x == 1):
        use(data=made.outputs["data"])
        with dsl.ParallelFor([1]) as i:
            trained = train(data=made.outputs["data"])
            with dsl.If(i == 1):
                use(data=made.outputs["data"])
        best(models=dsl.Collected(trained.outputs["model"]))
    with dsl.ExitHandler(clean()):
        use(data=made.outputs["data"])
