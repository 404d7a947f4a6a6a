"""Several exit handlers, exit tasks with a status, and tasks after them."""
# ruff: noqa: ANN201 -- written as users of KFP write

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
def clean():
    print("clean")


@dsl.component(base_image="python:3.11")
def report(status: dsl.PipelineTaskFinalStatus, note: str = ""):
    print(status.state, note)


@dsl.pipeline
def pipeline(s: str = "a"):
    finish = report(note=s)
    with dsl.ExitHandler(finish):
        first = text(x=s)
        show(x=first.output)
    cleaned = clean()
    before = add(a=1)
    with dsl.ExitHandler(cleaned, name="second one") as handler:
        second = show(n=before.output)
        show().after(second)
    show(x="last").after(handler)
    add(a=2)
