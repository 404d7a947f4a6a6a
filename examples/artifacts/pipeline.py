"""From a dataset to a model to what there is to say about it.

An output of the type `Output[Dataset]` is a place to write a file to, and has metadata; the next task reads it as
`Input[Dataset]`. Metrics, HTML and Markdown are artifacts that a user interface shows.
"""

from typing import NamedTuple

from kfp import dsl
from kfp.dsl import HTML, ClassificationMetrics, Dataset, Input, Markdown, Metrics, Model, Output


@dsl.component
def measure_flowers(per_kind: int, training: Output[Dataset], test: Output[Dataset]):
    """Grow flowers of two kinds, and split them: three quarters to learn from, the rest to test with."""
    import csv
    import random

    chance = random.Random(1)
    kinds = {"aster": (3.0, 1.0), "poppy": (4.5, 2.0)}
    flowers = [
        (kind, chance.gauss(length, 0.8), chance.gauss(width, 0.6))
        for kind, (length, width) in kinds.items()
        for _ in range(per_kind)
    ]
    chance.shuffle(flowers)
    split = len(flowers) * 3 // 4
    for dataset, rows in ((training, flowers[:split]), (test, flowers[split:])):
        with open(dataset.path, "w", newline="") as file:
            csv.writer(file).writerows(rows)
        dataset.metadata["rows"] = len(rows)


@dsl.component
def train(flowers: Input[Dataset], centroids: Output[Model]):
    """Learn the mean flower of each kind."""
    import csv
    import json
    from statistics import mean

    with open(flowers.path, newline="") as file:
        rows = list(csv.reader(file))
    kinds = sorted({kind for kind, *_ in rows})
    means = {kind: [mean(float(row[column]) for row in rows if row[0] == kind) for column in (1, 2)] for kind in kinds}
    with open(centroids.path, "w") as file:
        json.dump(means, file)
    centroids.metadata["kinds"] = kinds


@dsl.component
def evaluate(
    centroids: Input[Model],
    flowers: Input[Dataset],
    metrics: Output[Metrics],
    confusion: Output[ClassificationMetrics],
) -> float:
    """Let the model guess, and compare; return the accuracy."""
    import csv
    import json
    import math

    with open(centroids.path) as file:
        means = json.load(file)
    kinds = list(means)
    matrix = [[0] * len(kinds) for _ in kinds]
    with open(flowers.path, newline="") as file:
        for kind, length, width in csv.reader(file):
            guess = min(kinds, key=lambda each: math.dist(means[each], (float(length), float(width))))
            matrix[kinds.index(kind)][kinds.index(guess)] += 1
    confusion.log_confusion_matrix(kinds, matrix)
    accuracy = sum(matrix[index][index] for index in range(len(kinds))) / sum(map(sum, matrix))
    metrics.log_metric("accuracy", accuracy)
    return accuracy


@dsl.component
def describe(centroids: Input[Model], accuracy: float, card: Output[Markdown], page: Output[HTML]):
    """Write a model card, and the model as a table."""
    import json

    with open(centroids.path) as file:
        means = json.load(file)
    with open(card.path, "w") as file:
        file.write(f"# Flowers\n\nKinds: {', '.join(means)}. Accuracy: {accuracy:.0%}.\n")
    rows = "".join(f"<tr><th>{kind}<td>{length:.2f}<td>{width:.2f}" for kind, (length, width) in means.items())
    with open(page.path, "w") as file:
        file.write(f"<!doctype html><title>Flowers</title><table>{rows}</table>\n")


class Result(NamedTuple):
    accuracy: float
    model: Model


@dsl.pipeline(name="flowers")
def flowers(per_kind: int = 60) -> Result:
    """Learn to tell two kinds of flowers apart."""
    data = measure_flowers(per_kind=per_kind)
    training = train(flowers=data.outputs["training"])
    test = evaluate(centroids=training.outputs["centroids"], flowers=data.outputs["test"])
    describe(centroids=training.outputs["centroids"], accuracy=test.outputs["Output"])
    return Result(test.outputs["Output"], training.outputs["centroids"])
