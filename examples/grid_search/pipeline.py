"""A grid search: one training for each combination of settings, at most two at once, and the best of them.

The items of `dsl.ParallelFor` may come from a task, and where they are dictionaries, `setting.rate` is one of their
entries. `dsl.Collected` gathers what the rounds of a loop gave, parameters and artifacts alike, in the items' order.
"""

from typing import NamedTuple

from kfp import dsl
from kfp.dsl import Dataset, Input, Model, Output


@dsl.component
def sample(count: int, points: Output[Dataset]):
    """Take points of the line y = 3 x + 1, with a little noise."""
    import json
    import random

    chance = random.Random(7)
    xs = [index / count for index in range(count)]
    with open(points.path, "w") as file:
        json.dump([[x, 3 * x + 1 + chance.gauss(0, 0.05)] for x in xs], file)
    points.metadata["count"] = count


@dsl.component
def combine(rates: list[float], epochs: list[int]) -> list[dict]:
    return [{"rate": rate, "epochs": count} for rate in rates for count in epochs]


@dsl.component
def train(points: Input[Dataset], rate: float, epochs: int, line: Output[Model]) -> float:
    """Fit a line by gradient descent, and return its mean squared error."""
    import json

    with open(points.path) as file:
        data = json.load(file)
    slope = intercept = 0.0
    for _ in range(epochs):
        errors = [(slope * x + intercept - y, x) for x, y in data]
        slope -= rate * sum(error * x for error, x in errors) / len(data)
        intercept -= rate * sum(error for error, _ in errors) / len(data)
    with open(line.path, "w") as file:
        json.dump({"slope": slope, "intercept": intercept}, file)
    line.metadata.update(rate=rate, epochs=epochs)
    return sum((slope * x + intercept - y) ** 2 for x, y in data) / len(data)


@dsl.component
def choose(losses: list[float], lines: Input[list[Model]], best: Output[Model]) -> NamedTuple(
    "Choice", [("rate", float), ("epochs", int), ("loss", float)]
):
    """Keep the model with the smallest loss."""
    import shutil

    loss, line = min(zip(losses, lines, strict=True), key=lambda pair: pair[0])
    shutil.copy(line.path, best.path)
    best.metadata.update(line.metadata)
    return line.metadata["rate"], line.metadata["epochs"], loss


class Best(NamedTuple):
    rate: float
    epochs: int
    model: Model


@dsl.pipeline(name="grid-search")
def grid_search(rates: list[float] = [0.01, 0.1, 1.0], epochs: list[int] = [10, 100]) -> Best:
    """Fit a line with each learning rate and number of epochs, and keep the best fit."""
    points = sample(count=50).outputs["points"]
    settings = combine(rates=rates, epochs=epochs)
    with dsl.ParallelFor(items=settings.output, parallelism=2) as setting:
        training = train(points=points, rate=setting.rate, epochs=setting.epochs)
    choice = choose(losses=dsl.Collected(training.outputs["Output"]), lines=dsl.Collected(training.outputs["line"]))
    return Best(choice.outputs["rate"], choice.outputs["epochs"], choice.outputs["best"])
