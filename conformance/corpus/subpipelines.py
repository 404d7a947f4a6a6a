"""Pipelines as components of pipelines."""

from typing import List, NamedTuple, Optional

from conformance import steps
from conformance.cases import component
from kfp import dsl
from kfp.dsl import Dataset, Input, Model


@component
def with_an_output():
    @dsl.pipeline
    def inner(a: int) -> int:
        return steps.add(a=a).output

    @dsl.pipeline
    def with_an_output(x: int) -> int:
        return inner(a=inner(a=x).output).output

    return with_an_output


@component
def with_named_outputs():
    @dsl.pipeline
    def inner(rows: int) -> NamedTuple("Outputs", [("data", Dataset), ("number", int)]):
        made = steps.make_dataset(rows=rows)
        outputs = NamedTuple("Outputs", [("data", Dataset), ("number", int)])
        return outputs(data=made.outputs["data"], number=steps.add(a=rows).output)

    @dsl.pipeline
    def with_named_outputs(x: int):
        made = inner(rows=x)
        steps.show(thing=made.outputs["data"])
        steps.add(a=made.outputs["number"])

    return with_named_outputs


@component
def with_optional_inputs():
    @dsl.pipeline
    def inner(a: int = 1, text: Optional[str] = None, items: list = [1], flag: bool = False):
        steps.add(a=a)
        steps.maybe(text="x", extra=text)

    @dsl.pipeline
    def with_optional_inputs(x: int):
        inner()
        inner(a=x)
        inner(a=2, text="t", items=[2], flag=True)
        inner(text=steps.say(text="x").output)

    return with_optional_inputs


@component
def with_optional_artifacts():
    @dsl.component
    def step(data: Optional[Input[Dataset]] = None, model: Input[Model] = None):
        pass

    @dsl.pipeline
    def inner(data: Input[Dataset] = None, model: Optional[Input[Model]] = None):
        step(data=data, model=model)

    @dsl.pipeline
    def with_optional_artifacts(data: Input[Dataset]):
        inner()
        inner(data=data)

    return with_optional_artifacts


@component
def three_deep():
    @dsl.pipeline
    def lowest(a: int) -> int:
        return steps.add(a=a).output

    @dsl.pipeline
    def middle(a: int) -> int:
        return lowest(a=lowest(a=a).output).output

    @dsl.pipeline
    def three_deep(x: int) -> int:
        return middle(a=x).output

    return three_deep


@component
def sharing_components():
    @dsl.pipeline
    def first(a: int):
        steps.add(a=a)
        steps.add(a=a)

    @dsl.pipeline
    def second(a: int):
        steps.add(a=a, b=2)

    @dsl.pipeline
    def sharing_components(x: int):
        first(a=x)
        second(a=x)
        steps.add(a=x)

    return sharing_components


@component
def of_the_same_name():
    def one():
        @dsl.pipeline(name="inner")
        def inner(a: int):
            steps.add(a=a)

        return inner

    def two():
        @dsl.pipeline(name="inner")
        def inner(a: int):
            steps.add(a=a, b=9)

        return inner

    first, second = one(), two()

    @dsl.pipeline
    def of_the_same_name(x: int):
        first(a=x)
        second(a=x)

    return of_the_same_name


@component
def with_artifacts_in_and_out():
    @dsl.pipeline
    def inner(data: Input[Dataset]) -> Model:
        return steps.train(data=data).outputs["model"]

    @dsl.pipeline
    def with_artifacts_in_and_out(rows: int) -> Model:
        return inner(data=steps.make_dataset(rows=rows).outputs["data"]).output

    return with_artifacts_in_and_out


@component
def with_loops_and_conditions():
    @dsl.pipeline
    def inner(a: int, items: List[int]) -> List[int]:
        with dsl.If(a > 1):
            steps.done()
        with dsl.ParallelFor(items) as item:
            made = steps.add(a=item, b=a)
        return dsl.Collected(made.output)

    @dsl.pipeline
    def with_loops_and_conditions(items: List[int]):
        made = inner(a=1, items=items)
        steps.total(values=made.output)

    return with_loops_and_conditions


@component
def with_an_importer_and_settings():
    @dsl.pipeline
    def inner(uri: str) -> Dataset:
        imported = dsl.importer(artifact_uri=uri, artifact_class=Dataset)
        steps.show(thing=imported.output).set_cpu_limit("1")
        return imported.output

    @dsl.pipeline
    def with_an_importer_and_settings():
        steps.show(thing=inner(uri="gs://a").output)

    return with_an_importer_and_settings


@component
def with_its_own_names():
    @dsl.pipeline(name="Inner Pipeline", description="Inside", display_name="Shown", pipeline_root="gs://ignored")
    def inner(a: int):
        """Documented."""
        steps.add(a=a)

    @dsl.pipeline
    def with_its_own_names(x: int):
        inner(a=x)

    return with_its_own_names


@component
def in_loops_in_conditions():
    @dsl.pipeline
    def inner(a: int) -> int:
        return steps.add(a=a).output

    @dsl.pipeline
    def in_loops_in_conditions(x: int) -> List[int]:
        with dsl.ParallelFor([1, 2]) as item:
            made = inner(a=item)
            with dsl.If(made.output > x):
                inner(a=made.output)
        return dsl.Collected(made.output)

    return in_loops_in_conditions


@component
def constants_and_texts():
    @dsl.pipeline
    def inner(text: str, table: dict, items: List[str]):
        steps.say(text=text)
        steps.join(values=items)

    @dsl.pipeline
    def constants_and_texts(name: str):
        inner(text=f"hello {name}", table={"a": [1, 2.5]}, items=["a", name])

    return constants_and_texts
