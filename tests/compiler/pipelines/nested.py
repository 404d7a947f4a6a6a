"""Pipelines as components: shared and clashing names, outputs, optional inputs, constants."""
# ruff: noqa: ANN202, N802, UP045 -- written as users of KFP write

from typing import Optional

from kfp import dsl


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 3) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def _Odd_Name__2(a: int = 1):
    print(a)


@dsl.pipeline(description="inner one")
def inner(q: int, label: Optional[str] = None, z: int = 5) -> int:
    _Odd_Name__2(a=q)
    return add(a=add(a=q, b=z).output).output


@dsl.pipeline
def middle(q: int) -> int:
    _Odd_Name__2()
    return inner(q=q, label=f"l{q}").output


@dsl.pipeline(name="outer-pipeline")
def pipeline(x: int = 2) -> int:
    first = inner(q=x)
    second = inner(q=first.output, z=7).set_retry(2).set_display_name("again")
    add(a=second.output).after(first)
    return middle(q=second.output).set_caching_options(False).output
