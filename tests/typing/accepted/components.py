"""Component functions: what their bodies see, and what the decorators make of them."""

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple, Optional

from typing_extensions import assert_type

from kfp import dsl
from kfp.components import ContainerComponent, PythonComponent
from kfp.dsl import Dataset, Input, Metrics, Model, Output


class Split(NamedTuple):
    rows: int
    columns: list[str]


def plain(a: int) -> int:
    return a


@dsl.component
def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


@dsl.component(base_image="python:3.12", packages_to_install=["numpy"], additional_funcs=[plain])
def split(table: Input[Dataset], many: Input[list[Dataset]], ratio: float = 0.5) -> Split:
    assert_type(table, Dataset)
    assert_type(table.path, str)
    assert_type(many, list[Dataset])
    assert_type(many[0].metadata, dict[str, Any])
    return Split(rows=round(len(many) * ratio), columns=[table.uri])


@dsl.component()
def train(
    table: Input[Dataset], model: Output[Model], metrics: dsl.Output[dsl.Metrics], start: Optional[Input[Model]] = None
) -> None:
    assert_type(model, Model)
    assert_type(metrics, Metrics)
    assert_type(start, Optional[Model])
    model.framework = "none"
    metrics.log_metric("loss", 0.5)


@dsl.component
def copy(source: Annotated[str, dsl.InputPath("CSV")], target: Annotated[str, dsl.OutputPath(str)]) -> None:
    assert_type(source, str)
    with open(source) as read, open(target, "w") as written:
        written.write(read.read())


@dsl.component
def told(status: dsl.PipelineTaskFinalStatus, config: dsl.TaskConfig, where: str = "") -> str:
    assert_type(status.error_message, Optional[str])
    assert_type(config.node_selector, Optional[dict[str, str]])
    return f"{status.state} {dsl.get_uri()}"


@dsl.component
def data(link: str) -> Dataset:
    return Dataset(uri=dsl.get_uri("table"), metadata={"link": link})


@dsl.container_component
def echo(
    text: str, times: int, table: Input[Dataset], model: Output[Model], more: Optional[str] = None
) -> dsl.ContainerSpec:
    command = ["sh", "-c"]
    return dsl.ContainerSpec(
        image="alpine",
        command=command,
        args=[
            f"echo {text}",
            times,
            table.path,
            model.uri,
            dsl.ConcatPlaceholder(["--text=", text, times]),
            dsl.IfPresentPlaceholder(input_name="more", then=["--more", more], else_="--none"),
            dsl.PIPELINE_JOB_ID_PLACEHOLDER,
        ],
    )


later = dsl.component(plain, base_image="python:3.12")
container: Callable[..., dsl.PipelineTask] = echo

assert_type(add, PythonComponent)
assert_type(split, PythonComponent)
assert_type(train, PythonComponent)
assert_type(later, PythonComponent)
assert_type(echo, ContainerComponent)
assert_type(add.name, str)
assert_type(add.description, Optional[str])
