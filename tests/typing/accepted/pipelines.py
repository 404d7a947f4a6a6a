"""Ordinary pipelines: channels go wherever the values they stand for would."""

from typing import NamedTuple

from typing_extensions import assert_type

from kfp import dsl
from kfp.dsl import Artifact, Dataset, Input, Model
from kfp.dsl.graph_component import GraphComponent


class Numbers(NamedTuple):
    total: int
    text: str


@dsl.component
def add(a: int, b: int) -> int:
    return a + b


@dsl.component
def numbers(a: int) -> Numbers:
    return Numbers(a, str(a))


@dsl.component
def listed(n: int) -> list[dict[str, int]]:
    return [{"x": i} for i in range(n)]


@dsl.component
def show(text: str) -> str:
    return text


@dsl.component
def total(values: list[int]) -> int:
    return sum(values)


@dsl.component
def make(text: str) -> Dataset:
    return Dataset(uri=dsl.get_uri(), metadata={"text": text})


@dsl.component
def train(table: Input[Dataset], model: dsl.Output[Model]) -> None:
    model.metadata["table"] = table.uri


@dsl.component
def merge(models: Input[list[Model]]) -> int:
    return len(models)


@dsl.component
def notify(status: dsl.PipelineTaskFinalStatus) -> None:
    print(status.state)


@dsl.pipeline
def one(x: int) -> int:
    task = add(a=x, b=1)
    assert_type(task, dsl.PipelineTask)
    return add(a=task.output, b=task.outputs["Output"]).output


@dsl.pipeline(name="several", description="Several outputs.", pipeline_root="s3://bucket/root", display_name="Several")
def several(x: int = 3) -> Numbers:
    task = numbers(a=x)
    return Numbers(total=task.outputs["total"], text=task.outputs["text"])


@dsl.pipeline()
def artifacts(text: str) -> Model:
    table = dsl.importer(artifact_uri="gs://bucket/table", artifact_class=dsl.Dataset, metadata={"text": text})
    assert_type(table, dsl.PipelineTask)
    first = train(table=table.output)
    second = train(table=make(text=f"{text}, twice").output).after(first)
    return second.outputs["model"]


@dsl.pipeline
def loops(count: int, words: list[str], tables: Input[list[Dataset]]) -> int:
    with dsl.ParallelFor([1, 2, 3], parallelism=2) as item:
        first = add(a=item, b=count)
    with dsl.ParallelFor(items=[{"name": "a", "type": 1}, {"name": "b", "type": 2}], name="dicts") as entry:
        with dsl.ParallelFor(words) as word:
            show(text=word).set_display_name("shown")
            show(text=f"{entry.name}: {word}")
        add(a=entry.type, b=count).set_accelerator_type(entry.name)
    with dsl.ParallelFor(listed(n=count).output) as made:
        add(a=made.x, b=made.x)
    with dsl.ParallelFor(tables) as table:
        model = train(table=table)
    merge(models=dsl.Collected(model.outputs["model"]))
    return total(values=dsl.Collected(first.output)).output


@dsl.pipeline
def collected() -> list[int]:
    with dsl.ParallelFor((1, 2)) as item:
        task = add(a=item, b=1)
    return dsl.Collected(task.output)


@dsl.pipeline
def branches(x: int, text: str) -> str:
    flipped = show(text=text)
    with dsl.If(flipped.output == "heads", name="heads"):
        first = show(text="a")
    with dsl.Elif(x > 3):
        second = show(text="b")
        with dsl.If(second.output != flipped.output):
            show(text="inside")
    with dsl.Else():
        third = show(text="c")
    show(text=dsl.OneOf(first.output, second.output, third.output))
    return dsl.OneOf(first.output, second.output, third.output)


@dsl.pipeline
def exits(x: int) -> None:
    last = notify()
    with dsl.ExitHandler(last, name="all") as handled:
        assert_type(handled, dsl.ExitHandler)
        add(a=x, b=1)
    show(text="after").after(handled)


@dsl.pipeline
def nested(x: int, table: Input[Artifact]) -> int:
    inner = one(x=x)
    assert_type(inner, dsl.PipelineTask)
    outer = several(x=inner.output)
    return add(a=outer.outputs["total"], b=one(x=outer.outputs["total"]).output).output


@dsl.pipeline
def settings(image: str, cores: str, gpus: int) -> None:
    first = add(a=1, b=2)
    chained = (
        add(a=1, b=2)
        .set_display_name("name")
        .set_cpu_limit("1")
        .set_cpu_request(cores)
        .set_memory_limit(show(text="1G").output)
        .set_memory_request("512Mi")
        .set_accelerator_type("nvidia.com/gpu")
        .set_accelerator_limit(gpus)
        .set_caching_options(enable_caching=False)
        .set_caching_options(True, cache_key="key")
        .set_retry(2, backoff_duration="30s", backoff_factor=1.5, backoff_max_duration="1h")
        .set_env_variable("NAME", "value")
        .set_container_image(image)
        .set_debug_pause(before=True)
        .after(first, first)
        .ignore_upstream_failure()
    )
    assert_type(chained, dsl.PipelineTask)
    assert_type(chained.name, str)
    assert_type(chained.dependent_tasks, list[str])


def spread(count: int, after: dsl.PipelineTask) -> list[dsl.PipelineTask]:
    return [add(a=i, b=after.output).set_display_name(f"number {i}") for i in range(count)]


@dsl.pipeline
def plain_python(x: int) -> int:
    tasks = spread(3, after=add(a=x, b=1))
    by_name = {task.name: task for task in tasks}
    last = add(a=tasks[0].output, b=by_name[tasks[-1].name].output).after(*tasks)
    with dsl.ParallelFor([{"a": 1, "many": [1, 2]}]) as item, dsl.If(item.a == 1), dsl.ParallelFor(item.many) as inner:
        add(a=inner, b=item.a).set_env_variable(name="A", value="b")
    show(text=str(last.output))
    show(text=f"{dsl.PIPELINE_JOB_NAME_PLACEHOLDER}")
    total(values=[last.output, x, 3])
    return last.output


@dsl.pipeline
def models(tables: Input[list[Dataset]]) -> list[Model]:
    with dsl.ParallelFor(tables) as table:
        task = train(table=table)
    return dsl.Collected(task.outputs["model"])


assert_type(one, GraphComponent)
assert_type(several, GraphComponent)
assert_type(artifacts, GraphComponent)
