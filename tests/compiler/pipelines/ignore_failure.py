"""Tasks that run after failed ones, with and without their status."""
# ruff: noqa: ANN201 -- written as users of KFP write

from kfp import dsl


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 3) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def text(x: str = "") -> str:
    return x


@dsl.component(base_image="python:3.11")
def clean():
    print("clean")


@dsl.component(base_image="python:3.11")
def report(status: dsl.PipelineTaskFinalStatus, note: str = ""):
    print(status.state, note)


@dsl.pipeline
def pipeline(x: int = 1):
    first = add(a=x)
    report(note="first").after(first).ignore_upstream_failure()
    second = text(x="a")
    third = text(x=second.output).ignore_upstream_failure()
    clean().after(first, third).ignore_upstream_failure()
    clean().ignore_upstream_failure()
    with dsl.If(x == 1):
        fourth = text(x="b")
        with dsl.If(fourth.output == "b", name="inner one"):
            fifth = text(x=fourth.output).after(fourth)
            text(x=fifth.output).ignore_upstream_failure()
