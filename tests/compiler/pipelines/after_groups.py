"""Tasks after tasks in loops, and tasks in groups after tasks outside."""
# ruff: noqa: ANN201, SIM117 -- written as users of KFP write

from kfp import dsl


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 3) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def show(x: str = "", n: int = 0, f: float = 0.0, flag: bool = True):
    print(x, n, f, flag)


@dsl.pipeline
def pipeline(x: int = 1):
    with dsl.ParallelFor([1]) as i:
        first = add(a=i)
        with dsl.ParallelFor([2]):
            show().after(first)
            with dsl.ParallelFor([3]):
                second = add(a=1)
        third = add(a=2).after(second)
    fourth = show().after(first, third)
    with dsl.If(x == 1):
        show().after(fourth)
        with dsl.ParallelFor([1]):
            show().after(fourth)
    with dsl.ParallelFor([1]) as i:
        with dsl.If(i == 1):
            fifth = add(a=1)
    show().after(fifth)
    with dsl.ParallelFor([1]):
        show().after(second)
