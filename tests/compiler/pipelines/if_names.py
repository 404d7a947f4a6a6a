"""Branches in branches, and the numbers of their groups."""
# ruff: noqa: ANN201 -- written as users of KFP write

from kfp import dsl


@dsl.component(base_image="python:3.11")
def show(x: str = "", n: int = 0, f: float = 0.0, flag: bool = True):
    print(x, n, f, flag)


@dsl.pipeline
def pipeline(x: int = 1):
    with dsl.If(x == 1):
        with dsl.If(x == 2):
            show()
        with dsl.Else(name="not two"):
            with dsl.If(x == 3):
                show()
            with dsl.Elif(x == 4):
                show()
            with dsl.Else():
                show()
    show()
    with dsl.Else():
        show()
    with dsl.If(x == 5, name="five"):
        show()
    with dsl.Else(name="not five"):
        show()
