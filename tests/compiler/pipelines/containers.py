"""Container components: placeholders of every kind."""
# ruff: noqa: ANN201, B006, UP045 -- written as users of KFP write

from typing import Optional

from kfp import dsl
from kfp.dsl import Artifact, Input, Model, Output


@dsl.container_component
def plain():
    return dsl.ContainerSpec(image="alpine", command=["echo", "hello"])


@dsl.container_component
def shell(
    x: int,
    source: Input[Artifact],
    result: dsl.OutputPath(str),
    model: Output[Model],
    table: dict = {"a": 1},
    option: Optional[str] = None,
):
    """Runs a shell.

    Args:
        x: how often
    """
    return dsl.ContainerSpec(
        image="alpine:3",
        command=["sh", "-c", dsl.ConcatPlaceholder(["a", x, dsl.ConcatPlaceholder([source.uri, "q"])])],
        args=[
            source.path,
            result,
            model.uri,
            model.path,
            f"{x}-{model.uri}",
            dsl.IfPresentPlaceholder("option", then=["--o", option], else_=["none"]),
            dsl.IfPresentPlaceholder("option", "z"),
            dsl.ConcatPlaceholder(["--x=", dsl.IfPresentPlaceholder("option", "z", "y")]),
            source.metadata,
            source.metadata["key"],
            table,
            dsl.PIPELINE_JOB_ID_PLACEHOLDER,
        ],
    )


@dsl.pipeline
def pipeline(source: Input[Artifact], name: str = "n"):
    plain().set_display_name("Plain")
    one = shell(x=1, source=source)
    shell(x=2, source=one.outputs["model"], option=one.outputs["result"], table={"n": name}).set_env_variable("E", "v")
    plain().after(one).set_container_image(name)
