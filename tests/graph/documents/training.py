"""A pipeline with every kind of box; training.yaml is what upstream compiles it to."""
# ruff: noqa: ANN201, B006, UP006, UP035 -- written as users of KFP write; the tests read the compiled file

from typing import List

from kfp import dsl

B = {"base_image": "registry.example.com/team/python:3.11"}


@dsl.component(**B)
def fetch(url: str, raw: dsl.Output[dsl.Dataset]):
    pass


@dsl.component(**B)
def split(data: dsl.Input[dsl.Dataset], train: dsl.Output[dsl.Dataset], test: dsl.Output[dsl.Dataset]) -> int:
    return 1


@dsl.component(**B)
def train(data: dsl.Input[dsl.Dataset], rate: float, epochs: int, model: dsl.Output[dsl.Model]) -> float:
    return 1.0


@dsl.component(**B)
def evaluate(model: dsl.Input[dsl.Model], data: dsl.Input[dsl.Dataset], metrics: dsl.Output[dsl.Metrics]) -> float:
    return 1.0


@dsl.component(**B)
def best(scores: List[float]) -> float:
    return max(scores)


@dsl.component(**B)
def publish(score: float) -> str:
    return "a"


@dsl.component(**B)
def reject(score: float) -> str:
    return "a"


@dsl.component(**B)
def notify(status: dsl.PipelineTaskFinalStatus, to: str):
    pass


@dsl.component(**B)
def report(text: str):
    pass


@dsl.component(**B)
def tidy():
    pass


@dsl.pipeline
def fit(data: dsl.Input[dsl.Dataset], test: dsl.Input[dsl.Dataset], rate: float, epochs: int = 3) -> float:
    t = train(data=data, rate=rate, epochs=epochs)
    return evaluate(model=t.outputs["model"], data=test).outputs["Output"]


@dsl.pipeline
def release(score: float) -> str:
    with dsl.If(score > 0.9):
        p = publish(score=score)
    with dsl.Elif(score > 0.5):
        q = publish(score=score)
    with dsl.Else():
        r = reject(score=score)
    return dsl.OneOf(p.output, q.output, r.output)


@dsl.pipeline(name="training", display_name="Training & release")
def pipeline(url: str, mail: str = "a@b.c", threshold: float = 0.9, rates: List[float] = [0.1, 0.2]):
    n = notify(to=mail)
    with dsl.ExitHandler(n):
        raw = fetch(url=url)
        base = dsl.importer(artifact_uri="gs://bucket/base", artifact_class=dsl.Model, reimport=False)
        s = split(data=raw.outputs["raw"])
        with dsl.ParallelFor(rates) as rate:
            f = fit(data=s.outputs["train"], test=s.outputs["test"], rate=rate, epochs=5)
        evaluate(model=base.output, data=s.outputs["test"]).set_display_name("evaluate baseline")
        b = best(scores=dsl.Collected(f.output))
        published = release(score=b.output)
        report(text=published.output)
        tidy().after(b)
