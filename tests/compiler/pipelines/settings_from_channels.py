"""Settings of tasks that come from the item of a loop and from inputs."""
# ruff: noqa: ANN201 -- written as users of KFP write

from kfp import dsl


@dsl.component(base_image="python:3.11")
def show(x: str = "", n: int = 0, f: float = 0.0, flag: bool = True):
    print(x, n, f, flag)


@dsl.pipeline
def pipeline(cpu: str = "1", image: str = "python:3.11"):
    with dsl.ParallelFor(["1", "2"]) as item:
        show().set_cpu_limit(item)
    show().set_cpu_request(cpu).set_container_image(image).set_display_name("shown").set_retry(2)
