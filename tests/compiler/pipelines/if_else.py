"""Conditions on outputs and inputs, nested, named, with every operator."""
# ruff: noqa: ANN201, E712, SIM300 -- written as users of KFP write

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


@dsl.pipeline
def pipeline(x: int = 1, s: str = "a", f: float = 0.5, flag: bool = True):
    first = add(a=x)
    second = text(x=s)
    with dsl.If(first.output > 3):
        third = add(a=first.output)
        with dsl.If(second.output == "yes"):
            show(x=second.output, n=third.output)
    with dsl.Elif(first.output == x, name="in the middle"):
        show(n=x)
    with dsl.Else():
        show(x=s)
    with dsl.If(f <= 0.1):
        show()
    with dsl.If(flag == True):
        show(f=f)
    with dsl.If(x < f):
        show()
    with dsl.If(s != "b", name="by name"):
        show(x=f"{second.output}-{s}")
    with dsl.If(3 >= x):
        show()
    with dsl.If(second.output == 5):
        show()
    with dsl.If(first.output == 5.5):
        show()
