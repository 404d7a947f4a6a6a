"""OneOf that names not every branch, and a branch twice."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 3) -> int:
    return a + b


@dsl.pipeline
def pipeline(x: int = 1) -> int:
    with dsl.If(x == 1):
        a = add(a=1)
        b = add(a=2)
    with dsl.Elif(x == 2):
        add(a=3)
    with dsl.Else():
        c = add(a=4)
    return dsl.OneOf(a.output, b.output, c.output, c.output)
