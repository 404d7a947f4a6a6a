"""Artifacts: files and metadata from task to task, of every class."""

from typing import List, NamedTuple

from conformance import steps
from conformance.running import parts
from conformance.running.case import Art, given, runs
from kfp import dsl
from kfp.dsl import (
    HTML,
    Artifact,
    ClassificationMetrics,
    Dataset,
    Input,
    InputPath,
    Markdown,
    Metrics,
    Model,
    Output,
    OutputPath,
    SlicedClassificationMetrics,
)


@runs(
    given(text="hello").makes("hello"), given(text="").makes(""), given(text="世界\n'\"{{$}}").makes("世界\n'\"{{$}}")
)
def files(text: str) -> str:
    return parts.read(data=parts.write(text=text).outputs["data"]).output


@runs(given(text="four").makes(4))
def metadata(text: str) -> int:
    return parts.count_letters(data=parts.write(text=text).outputs["data"]).output


@dsl.component
def copy_with_more(data: Input[Dataset], model: Output[Model]):
    model.metadata.update(data.metadata)
    model.metadata["framework"] = "none"
    model.metadata["layers"] = [1, 2.5, {"deep": True}]
    with open(data.path) as source, open(model.path, "w") as target:
        target.write(source.read() + "!")


@runs(
    given().makes(
        Art(
            "system.Model",
            "abc!",
            {"length": 3, "framework": "none", "layers": [1, 2.5, {"deep": True}]},
            r".*/copy-with-more/model",
        )
    )
)
def metadata_of_every_type_as_the_output_of_the_pipeline() -> Model:
    return copy_with_more(data=parts.write(text="abc").outputs["data"]).outputs["model"]


@dsl.component
def scores(metrics: Output[Metrics]):
    metrics.log_metric("accuracy", 0.75)
    metrics.log_metric("steps", 12)


@dsl.component
def best(metrics: Input[Metrics]) -> float:
    return metrics.metadata["accuracy"]


@runs(given().makes(metrics=Art("system.Metrics", None, {"accuracy": 0.75, "steps": 12}), best=0.75))
def metrics() -> NamedTuple("Outputs", [("metrics", Metrics), ("best", float)]):
    outputs = NamedTuple("Outputs", [("metrics", Metrics), ("best", float)])
    task = scores()
    return outputs(task.outputs["metrics"], best(metrics=task.outputs["metrics"]).output)


@dsl.component
def classify(metrics: Output[ClassificationMetrics]):
    metrics.log_roc_curve([0.0, 0.5], [0.1, 1.0], [0.9, 0.1])
    metrics.set_confusion_matrix_categories(["cat", "dog"])
    metrics.log_confusion_matrix_row("cat", [5, 1])
    metrics.log_confusion_matrix_cell("dog", "dog", 7)


@dsl.component
def curve(metrics: Input[ClassificationMetrics]) -> str:
    matrix = metrics.metadata["confusionMatrix"]
    points = metrics.metadata["confidenceMetrics"]
    rows = [row["row"] for row in matrix["rows"]]
    return f"{len(points)} {points[0]['falsePositiveRate']} {rows} {matrix['annotationSpecs'][1]['displayName']}"


@runs(given().makes("2 0.0 [[5, 1], [0, 7]] dog"))
def classification_metrics() -> str:
    return curve(metrics=classify().outputs["metrics"]).output


@dsl.component
def slices(metrics: Output[SlicedClassificationMetrics]):
    metrics.load_confusion_matrix("old", categories=["a", "b"], matrix=[[1, 0], [2, 3]])
    metrics.load_roc_readings("new", [[0.9, 0.5, 0.1]])


@dsl.component
def count_slices(metrics: Input[SlicedClassificationMetrics]) -> str:
    return f"{len(metrics.metadata)} {len(str(metrics.metadata)) > 50}"


@runs(given().makes("1 True"))
def sliced_classification_metrics() -> str:
    return count_slices(metrics=slices().outputs["metrics"]).output


@dsl.component
def pages(page: Output[HTML], text: Output[Markdown]):
    with open(page.path, "w") as file:
        file.write("<p>hi</p>")
    with open(text.path, "w") as file:
        file.write("# hi")


@runs(given().makes(page=Art("system.HTML", "<p>hi</p>"), text=Art("system.Markdown", "# hi")))
def html_and_markdown() -> NamedTuple("Outputs", [("page", HTML), ("text", Markdown)]):
    outputs = NamedTuple("Outputs", [("page", HTML), ("text", Markdown)])
    task = pages()
    return outputs(task.outputs["page"], task.outputs["text"])


@dsl.component
def returned(text: str) -> Dataset:
    made = Dataset(uri=dsl.get_uri(), metadata={"letters": len(text)})
    with open(made.path, "w") as file:
        file.write(text)
    return made


@runs(given().makes(Art("system.Dataset", "xyz", {"letters": 3})))
def returned_as_python_does() -> Dataset:
    return returned(text="xyz").output


@dsl.component
def two_returned() -> NamedTuple("Outputs", [("one", Dataset), ("two", Model), ("sum", int)]):
    one, two = Dataset(uri=dsl.get_uri(suffix="one")), Model(uri=dsl.get_uri(suffix="two"), metadata={"a": 1})
    for made in (one, two):
        with open(made.path, "w") as file:
            file.write(made.schema_title)
    outputs = NamedTuple("Outputs", [("one", Dataset), ("two", Model), ("sum", int)])
    return outputs(one=one, two=two, sum=3)


@runs(
    given().makes(one=Art("system.Dataset", "system.Dataset"), two=Art("system.Model", "system.Model", {"a": 1}), sum=3)
)
def several_returned() -> NamedTuple("Outputs", [("one", Dataset), ("two", Model), ("sum", int)]):
    outputs = NamedTuple("Outputs", [("one", Dataset), ("two", Model), ("sum", int)])
    task = two_returned()
    return outputs(task.outputs["one"], task.outputs["two"], task.outputs["sum"])


@runs(given().makes("seen"))
def any_artifact_where_an_artifact_is_taken() -> str:
    return parts.read_any(thing=parts.write(text="seen").outputs["data"]).output


@dsl.component
def by_paths(text: str, number: OutputPath(int), made: OutputPath("Dataset")):
    with open(number, "w") as file:
        file.write(str(len(text)))
    with open(made, "w") as file:
        file.write(text)


@dsl.component
def from_path(made: InputPath("Dataset"), number: int) -> str:
    with open(made) as file:
        return f"{file.read()} {number}"


@runs(given().makes("abc 3"))
def input_and_output_paths() -> str:
    task = by_paths(text="abc")
    return from_path(made=task.outputs["made"], number=task.outputs["number"]).output


class VertexModel(Artifact):
    schema_title = "google.VertexModel"
    schema_version = "0.0.1"


@dsl.component
def resource_of(thing: Input[Artifact]) -> str:
    return f"{thing.uri} {thing.metadata['resourceName']}"


@runs(given().makes("https://example.com/models/1 models/1"))
def a_class_of_the_users_own() -> str:
    imported = dsl.importer(
        artifact_uri="https://example.com/models/1",
        artifact_class=VertexModel,
        metadata={"resourceName": "models/1"},
    )
    return resource_of(thing=imported.output).output


@dsl.component
def moved(data: Output[Dataset]):
    import os

    other = os.path.join(os.path.dirname(data.path), "elsewhere.txt")
    with open(other, "w") as file:
        file.write("moved")
    data.uri = other
    data.metadata["moved"] = True


@runs(given().makes(text="moved", data=Art("system.Dataset", "moved", {"moved": True}, ".*/elsewhere.txt")))
def a_uri_that_the_step_sets() -> NamedTuple("Outputs", [("text", str), ("data", Dataset)]):
    outputs = NamedTuple("Outputs", [("text", str), ("data", Dataset)])
    task = moved()
    return outputs(parts.read(data=task.outputs["data"]).output, task.outputs["data"])


@dsl.component
def directory(data: Output[Dataset]):
    import os

    os.makedirs(data.path)
    for name in ("b", "a"):
        with open(os.path.join(data.path, name), "w") as file:
            file.write(name * 2)


@dsl.component
def listing(data: Input[Dataset]) -> str:
    import os

    return " ".join(sorted(os.listdir(data.path)))


@runs(given().makes("a b"))
def a_directory() -> str:
    return listing(data=directory().outputs["data"]).output


@runs(given().makes("x|y"))
def several_tasks_of_one_component_write_to_places_of_their_own() -> str:
    one, two = parts.write(text="x"), parts.write(text="y")
    return join(one=one.outputs["data"], two=two.outputs["data"]).output


@dsl.component
def join(one: Input[Dataset], two: Input[Dataset]) -> str:
    with open(one.path) as first, open(two.path) as second:
        return f"{first.read()}|{second.read()}"


@dsl.component
def optional_data(data: Input[Dataset] = None) -> str:
    return "none" if data is None else data.uri.rpartition("/")[2]


@runs(given().makes(without="none", given="data"))
def optional_artifacts() -> NamedTuple("Outputs", [("without", str), ("given", str)]):
    outputs = NamedTuple("Outputs", [("without", str), ("given", str)])
    return outputs(optional_data().output, optional_data(data=parts.write(text="x").outputs["data"]).output)


@dsl.component
def names(data: Input[List[Dataset]]) -> List[str]:
    return [f"{type(each).__name__} {each.metadata['length']}" for each in data]


@runs(given(texts=["a", "bb"]).makes(["Dataset 1", "Dataset 2"]))
def lists_of_artifacts(texts: List[str]) -> List[str]:
    with dsl.ParallelFor(texts) as text:
        task = parts.write(text=text)
    return names(data=dsl.Collected(task.outputs["data"])).output


@runs(
    given(rows=3).makes(0.5).within("train", model=[Art("system.Model")], metrics=[Art("system.Metrics")], Output=0.25)
)
def a_training_pipeline(rows: int) -> float:
    data = steps.make_dataset(rows=rows)
    trained = steps.train(data=data.outputs["data"], rate=0.25)
    return steps.evaluate(model=trained.outputs["model"], data=data.outputs["data"]).output


@dsl.component
def big(data: Output[Dataset], size: int):
    with open(data.path, "w") as file:
        for _ in range(size):
            file.write("x" * 1024)


@dsl.component
def size_of(data: Input[Dataset]) -> int:
    import os

    return os.path.getsize(data.path)


@runs(given(size=4096).makes(4 * 1024 * 1024))
def a_file_of_four_megabytes(size: int) -> int:
    return size_of(data=big(size=size).outputs["data"]).output
