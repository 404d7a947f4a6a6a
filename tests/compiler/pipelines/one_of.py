"""Values and artifacts of whichever branch ran, taken by tasks and returned."""
# ruff: noqa: ANN201 -- written as users of KFP write

from kfp import dsl


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 3) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def flip() -> str:
    return "heads"


@dsl.component(base_image="python:3.11")
def show(x: str = "", n: int = 0, f: float = 0.0, flag: bool = True):
    print(x, n, f, flag)


@dsl.component(base_image="python:3.11")
def make(data: dsl.Output[dsl.Dataset], n: int = 1):
    print(n)


@dsl.component(base_image="python:3.11")
def use(data: dsl.Input[dsl.Dataset]) -> int:
    return 1


@dsl.pipeline
def pipeline() -> int:
    coin = flip()
    with dsl.If(coin.output == "heads"):
        a = add(a=1)
        first = make()
    with dsl.Elif(coin.output == "tails"):
        b = add(a=2)
        second = make()
    with dsl.Else():
        c = add(a=3)
        third = make()
    number = dsl.OneOf(a.output, b.output, c.output)
    show(n=number)
    use(data=dsl.OneOf(first.outputs["data"], second.outputs["data"], third.outputs["data"]))
    return dsl.OneOf(a.output, b.output, c.output)
