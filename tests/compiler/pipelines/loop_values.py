"""Loops over constants of every type."""
# ruff: noqa: ANN201, B006 -- written as users of KFP write

from kfp import dsl


@dsl.component(base_image="python:3.11")
def show(x: str = "", n: int = 0, f: float = 0.0, flag: bool = True):
    print(x, n, f, flag)


@dsl.component(base_image="python:3.11")
def dump(items: list = [], table: dict = {}):
    print(items, table)


@dsl.pipeline
def pipeline(s: str = "a"):
    with dsl.ParallelFor([1, 2, 3]) as number:
        show(n=number)
    with dsl.ParallelFor(items=["a", "b"], name="texts", parallelism=2) as item:
        show(x=item)
        show(x=f"{item} of {s}")
    with dsl.ParallelFor([0.5, 2.0], parallelism=0) as item:
        show(f=item)
    with dsl.ParallelFor([True, False]) as item:
        show(flag=item)
    with dsl.ParallelFor([[1, 2], [3]]) as item:
        dump(items=item)
    with dsl.ParallelFor((1, 2)) as item:
        show(n=item)
