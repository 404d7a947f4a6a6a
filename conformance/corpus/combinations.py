"""Features inside one another."""

from typing import List, NamedTuple, Optional

from conformance import steps
from conformance.cases import component, pipeline
from kfp import dsl
from kfp.dsl import Dataset, Input, Model


@pipeline
def nested_loops_in_conditions_in_exit_handlers(x: int, items: List[int], note: str = "n"):
    last = steps.status_of(note=note)
    with dsl.ExitHandler(last):
        coin = steps.flip()
        with dsl.If(coin.output == "heads"):
            with dsl.ParallelFor(items, parallelism=3) as outer:
                made = steps.add(a=outer, b=x)
                with dsl.ParallelFor([1, 2]) as inner:
                    steps.total(values=[outer, inner, made.output])
        with dsl.Elif(x > 3):
            steps.say(text=coin.output)
        with dsl.Else():
            steps.say(text=f"{coin.output} {x} {note}")


@pipeline
def loops_and_one_of_and_collected(x: int) -> List[int]:
    with dsl.ParallelFor([1, 2, 3]) as item:
        with dsl.If(item == x):
            first = steps.add(a=item)
        with dsl.Elif(item > 2):
            second = steps.add(a=item, b=x)
        with dsl.Else():
            third = steps.add(a=x)
        chosen = steps.add(a=dsl.OneOf(first.output, second.output, third.output), b=item)
    steps.total(values=dsl.Collected(chosen.output))
    return dsl.Collected(chosen.output)


@pipeline
def collected_inside_a_branch_of_one_of(x: int) -> int:
    with dsl.If(x > 1):
        with dsl.ParallelFor([1, 2]) as item:
            made = steps.add(a=item)
        first = steps.total(values=dsl.Collected(made.output))
    with dsl.Else():
        second = steps.add(a=x)
    return dsl.OneOf(first.output, second.output)


@pipeline
def four_levels(x: int, text: str):
    with dsl.If(x > 1):
        with dsl.ParallelFor([1, 2]) as one:
            with dsl.If(one > x):
                with dsl.ParallelFor(["a", "b"]) as two:
                    steps.say(text=f"{one}{two}{text}{x}")


@component
def subpipelines_in_loops_in_subpipelines():
    @dsl.pipeline
    def lowest(a: int, note: Optional[str] = None) -> int:
        steps.maybe(text="x", extra=note)
        return steps.add(a=a).output

    @dsl.pipeline
    def middle(items: List[int], note: str = "m") -> List[int]:
        with dsl.ParallelFor(items) as item:
            made = lowest(a=item, note=note)
        return dsl.Collected(made.output)

    @dsl.pipeline
    def subpipelines_in_loops_in_subpipelines(x: int) -> List[int]:
        with dsl.ParallelFor([1, 2]) as item:
            steps.add(a=item)
        made = middle(items=[x, 2])
        steps.total(values=made.output)
        return middle(items=made.output).output

    return subpipelines_in_loops_in_subpipelines


@component
def a_training_pipeline():
    @dsl.component(packages_to_install=["scikit-learn==1.4.0"], base_image="python:3.12")
    def fit(data: Input[Dataset], model: dsl.Output[Model], metrics: dsl.Output[dsl.Metrics], depth: int) -> float:
        """Fits a model.

        Args:
            data: The rows.
            depth: How deep.
        """
        model.framework = "sklearn"
        metrics.log_metric("loss", 0.5)
        return 0.5

    @dsl.component
    def best(losses: List[float], models: Input[List[Model]]) -> NamedTuple(
        "Outputs", [("index", int), ("loss", float)]
    ):
        index = losses.index(min(losses))
        return (index, losses[index])

    @dsl.pipeline(name="training", description="Trains", display_name="Training")
    def a_training_pipeline(rows: int = 100, limit: float = 0.3) -> float:
        data = steps.make_dataset(rows=rows).set_caching_options(False)
        last = steps.status_of(note="end")
        with dsl.ExitHandler(last):
            with dsl.ParallelFor([{"depth": 1}, {"depth": 2}], parallelism=2) as item:
                fitted = fit(data=data.outputs["data"], depth=item.depth)
                fitted.set_cpu_limit("2").set_memory_limit("4Gi").set_retry(2, backoff_duration="10s")
            chosen = best(losses=dsl.Collected(fitted.outputs["Output"]), models=dsl.Collected(fitted.outputs["model"]))
            with dsl.If(chosen.outputs["loss"] < limit, name="good enough"):
                steps.say(text=f"model {chosen.outputs['index']} of {dsl.PIPELINE_JOB_NAME_PLACEHOLDER}")
        return steps.double(number=limit).output

    return a_training_pipeline


@pipeline
def settings_and_channels_from_three_levels(x: int, image: str, cpu: str):
    outer = steps.add(a=x)
    with dsl.ParallelFor([{"memory": "1G"}, {"memory": "2G"}]) as item:
        inner = steps.add(a=outer.output)
        with dsl.If(inner.output > outer.output):
            task = steps.add(a=inner.output, b=outer.output)
            task.set_memory_limit(item.memory).set_cpu_limit(cpu).set_container_image(image)


@pipeline
def containers_in_loops_and_conditions(x: str):
    @dsl.container_component
    def step(a: str, n: int, out: dsl.OutputPath(str)):
        return dsl.ContainerSpec(image="alpine", command=["echo", a, n], args=[out])

    with dsl.ParallelFor([1, 2]) as item:
        made = step(a=x, n=item)
        with dsl.If(made.outputs["out"] == "a"):
            step(a=made.outputs["out"], n=3)


@pipeline
def artifacts_through_conditions_in_loops(rows: List[int]) -> List[Model]:
    with dsl.ParallelFor(rows) as item:
        data = steps.make_dataset(rows=item)
        with dsl.If(item > 3):
            first = steps.train(data=data.outputs["data"], rate=0.1)
        with dsl.Else():
            second = steps.train(data=data.outputs["data"], rate=0.2)
        kept = dsl.OneOf(first.outputs["model"], second.outputs["model"])
        steps.evaluate(model=kept, data=data.outputs["data"])
        third = steps.train(data=data.outputs["data"])
    return dsl.Collected(third.outputs["model"])


@pipeline
def two_loops_and_a_join(items: List[int]) -> int:
    with dsl.ParallelFor(items) as item:
        first = steps.add(a=item)
    with dsl.ParallelFor(items) as item:
        second = steps.add(a=item, b=2)
    return steps.add(
        a=steps.total(values=dsl.Collected(first.output)).output,
        b=steps.total(values=dsl.Collected(second.output)).output,
    ).output


@pipeline
def exit_handlers_around_exit_handlers_side_by_side(x: int):
    first, second = steps.done(message="a"), steps.done(message="b")
    with dsl.ExitHandler(first, name="one") as one:
        with dsl.ParallelFor([1, 2]) as item:
            steps.add(a=item)
    with dsl.ExitHandler(second, name="two"):
        with dsl.If(x > 1):
            steps.add(a=x)
    steps.done(message="c").after(one)
