"""OneOf in a branch, taken in conditions and loops, and compared."""
# ruff: noqa: ANN201 -- written as users of KFP write

from kfp import dsl


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 3) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def show(x: str = "", n: int = 0, f: float = 0.0, flag: bool = True):
    print(x, n, f, flag)


@dsl.pipeline
def pipeline(x: int = 1):
    with dsl.If(x == 1):
        with dsl.If(x == 2):
            a = add(a=1)
        with dsl.Else():
            b = add(a=1)
        show(n=dsl.OneOf(a.output, b.output))
    with dsl.If(x == 3):
        c = add(a=1)
    with dsl.Else():
        d = add(a=1)
    first = dsl.OneOf(c.output, d.output)
    second = dsl.OneOf(c.output, d.output)
    show(n=second)
    with dsl.If(first == 3):
        show(n=first)
    with dsl.ParallelFor([1]):
        show(n=second)
