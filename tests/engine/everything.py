"""A pipeline with one of everything that a continued run has to get right, and what its steps do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kfp import dsl
from kfp.compiler.compile import document as compiled
from kfp.engine.step import Step
from kfp.ir.spec import Document


@dsl.component
def numbers(n: int) -> list[int]:
    return list(range(n))


@dsl.component
def double(x: int) -> int:
    return 2 * x


@dsl.component
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.component
def total(xs: list[int]) -> int:
    return sum(xs)


@dsl.component
def save(x: int, data: dsl.Output[dsl.Dataset]) -> None:
    from pathlib import Path

    Path(data.path).write_text(str(x))
    data.metadata["x"] = x


@dsl.component
def load(data: dsl.Input[dsl.Dataset]) -> int:
    from pathlib import Path

    return int(Path(data.path).read_text())


@dsl.component
def merge(every: dsl.Input[list[dsl.Dataset]], known: dsl.Input[dsl.Dataset]) -> str:
    from pathlib import Path

    return " ".join([*(Path(each.path).read_text() for each in every), known.uri])


@dsl.component
def note(status: dsl.PipelineTaskFinalStatus) -> str:
    return status.state


@dsl.component
def clean(text: str = "nothing") -> str:
    return f"cleaned {text}"


@dsl.component
def flaky(x: int) -> int:
    import os

    if os.environ["KFP_STEP_ID"].endswith("/1"):
        raise RuntimeError("the first attempt fails")
    return x


@dsl.pipeline
def inner(x: int) -> int:
    return add(a=double(x=x).output, b=1).output


@dsl.pipeline(name="everything")
def everything(n: int = 3) -> None:
    known = dsl.importer(artifact_uri="/nowhere/known", artifact_class=dsl.Dataset)
    ended = note()
    with dsl.ExitHandler(ended):
        made = numbers(n=n)
        with dsl.ParallelFor(made.output) as item:
            one = inner(x=item)
            kept = save(x=one.output)
            with dsl.If(item > 0), dsl.ParallelFor([10, 20]) as more:
                add(a=more, b=item)
            load(data=kept.outputs["data"])
        summed = total(xs=dsl.Collected(one.output))
        with dsl.If(summed.output > 5, "large"):
            large = double(x=summed.output)
        with dsl.Else("small"):
            small = add(a=summed.output)
        chosen = dsl.OneOf(large.output, small.output)
        double(x=chosen).set_retry(num_retries=2)
        flaky(x=summed.output).set_retry(num_retries=2)
        merged = merge(every=dsl.Collected(kept.outputs["data"]), known=known.output)
        clean(text=merged.output).ignore_upstream_failure()


def document() -> Document:
    """The pipeline, compiled."""
    return compiled(everything)


def play(step: Step) -> dict[str, Any]:
    """Do in this process what a step would do in its own; return its output parameters."""
    told = json.loads(step.executor_input)
    values = dict(told["inputs"].get("parameterValues", {}))
    inputs = told["inputs"].get("artifacts", {})
    name = step.python.function if step.python is not None else ""
    output = told["outputs"]
    said: dict[str, Any] = {}
    if name == "save":
        data = output["artifacts"]["data"]["artifacts"][0]
        Path(data["uri"]).write_text(str(values["x"]), "utf-8")
        said["artifacts"] = {"data": {"artifacts": [{**data, "metadata": {"x": values["x"]}}]}}
    elif name == "load":
        said["parameterValues"] = {"Output": int(Path(inputs["data"]["artifacts"][0]["uri"]).read_text("utf-8"))}
    elif name == "merge":
        texts = [Path(each["uri"]).read_text("utf-8") for each in inputs["every"]["artifacts"]]
        said["parameterValues"] = {"Output": " ".join([*texts, inputs["known"]["artifacts"][0]["uri"]])}
    elif name == "flaky":
        said["parameterValues"] = {"Output": values["x"]}
    elif name == "note":
        said["parameterValues"] = {"Output": values["status"]["state"]}
    else:
        function = {"numbers": numbers, "double": double, "add": add, "total": total, "clean": clean}[name]
        said["parameterValues"] = {"Output": function.execute(**values)}
    Path(output["outputFile"]).write_text(json.dumps(said), "utf-8")
    return dict(said.get("parameterValues", {}))
