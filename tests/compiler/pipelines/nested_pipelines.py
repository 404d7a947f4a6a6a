"""Pipelines with groups as components inside groups, with optional inputs."""
# ruff: noqa: ANN201, UP006, UP035, UP045 -- written as users of KFP write

from typing import List, Optional

from kfp import dsl


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 3) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def text(x: str = "") -> str:
    return x


@dsl.component(base_image="python:3.11")
def show(x: str = "", n: int = 0, f: float = 0.0, flag: bool = True):
    print(x, n, f, flag)


@dsl.component(base_image="python:3.11")
def total(items: List[int]) -> int:
    return sum(items)


@dsl.component(base_image="python:3.11")
def make(data: dsl.Output[dsl.Dataset], n: int = 1):
    print(n)


@dsl.component(base_image="python:3.11")
def use(data: dsl.Input[dsl.Dataset]) -> int:
    return 1


@dsl.pipeline
def inner(x: int = 3, s: str = "", maybe: Optional[str] = None) -> int:
    with dsl.If(x > 2):
        show(n=x, x=s)
    text(x=maybe)
    return add(a=x).output


@dsl.pipeline
def outer(data: dsl.Input[dsl.Dataset], n: int = 1) -> dsl.Dataset:
    use(data=data)
    inner()
    return make(n=n).outputs["data"]


@dsl.pipeline
def pipeline(x: int = 1, s: str = "a"):
    inner(maybe=s)
    first = add(a=x)
    with dsl.ParallelFor([1]) as i:
        second = inner(x=first.output)
        show(n=second.output)
        inner(x=i, s=s)
    with dsl.If(first.output == 1):
        third = inner(x=first.output).set_caching_options(False)
        outer(data=make(n=third.output).outputs["data"])
    total(items=dsl.Collected(second.output))
