"""Container components."""

from typing import List

from conformance.cases import component, pipeline
from kfp import dsl
from kfp.dsl import ConcatPlaceholder, ContainerSpec, Dataset, IfPresentPlaceholder, Input, Model, Output, OutputPath


@component
def an_image_alone():
    @dsl.container_component
    def step():
        return ContainerSpec(image="alpine")

    return step


@component
def command_and_arguments():
    @dsl.container_component
    def step():
        return ContainerSpec(image="alpine", command=["echo"], args=["hello", "--x", "1"])

    return step


@component
def inputs_of_every_type():
    @dsl.container_component
    def step(a: str, b: int, c: float, d: bool, e: list, f: dict):
        return ContainerSpec(image="alpine", command=["echo", a, b, c, d, e, f])

    return step


@component
def defaults_and_a_docstring():
    @dsl.container_component
    def step(a: str = "x", b: int = 2, c: bool = False, d: list = [1, "a"], e: dict = {"k": {"n": 1}}):
        """Echoes.

        Args:
            a: A text.
        """
        return ContainerSpec(image="alpine", command=["echo"], args=[a, b, c, d, e])

    return step


@component
def output_paths():
    @dsl.container_component
    def step(a: str, out: OutputPath(str), number: OutputPath(int), things: OutputPath(List[str])):
        return ContainerSpec(image="alpine", command=["sh", "-c", "echo", a, out, number, things])

    return step


@component
def artifacts_by_path_uri_and_name():
    @dsl.container_component
    def step(data: Input[Dataset], model: Output[Model]):
        """Copies."""
        return ContainerSpec(
            image="alpine",
            command=["copy", data.path, model.path],
            args=["--from", data.uri, "--to", model.uri, data.metadata, model.metadata["steps"]],
        )

    return step


@component
def f_strings_of_inputs():
    @dsl.container_component
    def step(a: str, b: int, data: Input[Dataset], model: Output[Model], out: OutputPath(str)):
        return ContainerSpec(
            image="alpine",
            command=["sh", "-c", f"run --a={a} --b={b}"],
            args=[f"{data.path}/part", f"{model.uri}/x", f"--out={out}", f"{a}-{b}"],
        )

    return step


@component
def concatenation():
    @dsl.container_component
    def step(a: str, b: str):
        return ContainerSpec(image="alpine", command=["echo"], args=[ConcatPlaceholder(["--a=", a, ";b=", b])])

    return step


@component
def concatenation_in_concatenation():
    @dsl.container_component
    def step(a: str, b: int):
        return ContainerSpec(
            image="alpine", args=[ConcatPlaceholder(["x", ConcatPlaceholder([a, "-", b]), "y"])], command=["echo"]
        )

    return step


@component
def if_present():
    @dsl.container_component
    def step(a: str = None):
        return ContainerSpec(
            image="alpine",
            command=["echo"],
            args=[IfPresentPlaceholder(input_name="a", then=["--a", a], else_=["--none", "x"])],
        )

    return step


@component
def if_present_with_texts():
    @dsl.container_component
    def step(a: str = None):
        return ContainerSpec(
            image="alpine", command=["echo"], args=[IfPresentPlaceholder(input_name="a", then=a, else_="nothing")]
        )

    return step


@component
def if_present_without_else():
    @dsl.container_component
    def step(a: str = None, data: Input[Dataset] = None):
        return ContainerSpec(
            image="alpine",
            command=["echo"],
            args=[
                IfPresentPlaceholder(input_name="a", then=["--a", a]),
                IfPresentPlaceholder(input_name="data", then=["--data", data.path]),
            ],
        )

    return step


@component
def concatenation_and_if_present():
    @dsl.container_component
    def step(a: str, b: str = None):
        return ContainerSpec(
            image="alpine",
            command=["echo"],
            args=[
                IfPresentPlaceholder(
                    input_name="b", then=[ConcatPlaceholder(["--b=", b]), "and"], else_=[ConcatPlaceholder(["--a=", a])]
                ),
                ConcatPlaceholder([a, IfPresentPlaceholder(input_name="b", then=b, else_="z")]),
            ],
        )

    return step


@component
def placeholders_of_the_job():
    @dsl.container_component
    def step(a: str):
        return ContainerSpec(
            image="alpine",
            command=["echo", dsl.PIPELINE_JOB_NAME_PLACEHOLDER],
            args=[f"{dsl.PIPELINE_ROOT_PLACEHOLDER}/{a}", dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER],
        )

    return step


@component
def lists_of_artifacts():
    @dsl.container_component
    def step(data: Input[List[Dataset]]):
        return ContainerSpec(image="alpine", command=["echo"], args=["{{$}}"])

    return step


@pipeline
def containers_in_a_pipeline(name: str, data_name: str = "d"):
    @dsl.container_component
    def make(name: str, data: Output[Dataset], text: OutputPath(str)):
        return ContainerSpec(image="alpine", command=["make", name], args=[data.uri, text])

    @dsl.container_component
    def use(data: Input[Dataset], text: str):
        return ContainerSpec(image="alpine", command=["use"], args=[data.path, text])

    made = make(name=name)
    use(data=made.outputs["data"], text=made.outputs["text"])
    use(data=made.outputs["data"], text=f"{data_name} of {name}")
