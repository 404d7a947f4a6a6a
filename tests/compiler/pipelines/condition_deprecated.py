"""The former name of dsl.If."""
# ruff: noqa: ANN201, E402 -- written as users of KFP write

from kfp import dsl


@dsl.component(base_image="python:3.11")
def show(x: str = "", n: int = 0, f: float = 0.0, flag: bool = True):
    print(x, n, f, flag)


import warnings


@dsl.pipeline
def pipeline(x: int = 1):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        first = dsl.Condition(x == 1)
        second = dsl.Condition(x == 2, name="second")
    with first:
        show()
    with second:
        show(n=x)
