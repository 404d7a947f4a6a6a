"""Importers."""

from conformance import steps
from conformance.cases import pipeline
from kfp import dsl
from kfp.dsl import Artifact, Dataset, Model


@pipeline
def a_constant_uri():
    imported = dsl.importer(artifact_uri="gs://bucket/data", artifact_class=Dataset)
    steps.show(thing=imported.output)


@pipeline
def reimported():
    imported = dsl.importer(artifact_uri="gs://bucket/data", artifact_class=Dataset, reimport=True)
    steps.show(thing=imported.outputs["artifact"])


@pipeline
def a_uri_from_an_input(uri: str, other: str = "gs://bucket/other"):
    first = dsl.importer(artifact_uri=uri, artifact_class=Dataset, reimport=False)
    second = dsl.importer(artifact_uri=other, artifact_class=Model)
    steps.evaluate(model=second.output, data=first.output)


@pipeline
def a_uri_from_a_task():
    uri = steps.say(text="gs://bucket/data")
    imported = dsl.importer(artifact_uri=uri.output, artifact_class=Model, reimport=True)
    steps.show(thing=imported.output)


@pipeline
def a_uri_in_an_f_string(name: str):
    imported = dsl.importer(artifact_uri=f"gs://bucket/{name}/data", artifact_class=Dataset)
    steps.show(thing=imported.output)


@pipeline
def constant_metadata():
    imported = dsl.importer(
        artifact_uri="gs://bucket/data",
        artifact_class=Dataset,
        metadata={"text": "a", "number": 3, "real": 1.5, "flag": True, "list": [1, {"a": 2}], "map": {"k": "v"}},
    )
    steps.show(thing=imported.output)


@pipeline
def metadata_from_inputs(name: str, number: int, key: str = "k"):
    made = steps.say(text="x")
    imported = dsl.importer(
        artifact_uri="gs://bucket/data",
        artifact_class=Dataset,
        metadata={
            "name": name,
            "number": number,
            "text": f"a {name} and {made.output}",
            "nested": {"list": [name, {"deep": made.output}]},
            key: "dynamic key",
            f"prefix-{name}": number,
        },
    )
    steps.show(thing=imported.output)


@pipeline
def models_in_a_registry():
    imported = dsl.importer(artifact_uri="oci://registry.example.com/models/a:v1", artifact_class=Model)
    steps.show(thing=imported.output)


@pipeline
def a_class_of_google():
    class VertexModel(Artifact):
        schema_title = "google.VertexModel"
        schema_version = "0.0.1"

    imported = dsl.importer(
        artifact_uri="https://example.com/models/1", artifact_class=VertexModel, metadata={"resourceName": "a"}
    )
    steps.show(thing=imported.output)


@pipeline(pipeline_config=lambda: dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size="10Gi")))
def downloaded_to_the_workspace():
    imported = dsl.importer(artifact_uri="gs://bucket/data", artifact_class=Dataset, download_to_workspace=True)
    steps.show(thing=imported.output)


@pipeline
def several_importers():
    first = dsl.importer(artifact_uri="gs://bucket/a", artifact_class=Dataset)
    second = dsl.importer(artifact_uri="gs://bucket/b", artifact_class=Dataset)
    third = dsl.importer(artifact_uri="gs://bucket/b", artifact_class=Dataset)
    for imported in (first, second, third):
        steps.show(thing=imported.output)


@pipeline
def an_importer_as_the_pipeline_output() -> Dataset:
    return dsl.importer(artifact_uri="gs://bucket/a", artifact_class=Dataset).output


@pipeline
def an_importer_with_settings():
    imported = dsl.importer(artifact_uri="gs://bucket/a", artifact_class=Dataset)
    imported.set_caching_options(False).set_display_name("Import it")
    steps.show(thing=imported.output).after(imported)


@pipeline
def an_importer_in_a_condition_and_a_loop(uri: str, go: bool):
    with dsl.If(go == True):  # noqa: E712
        imported = dsl.importer(artifact_uri=uri, artifact_class=Dataset)
        steps.show(thing=imported.output)
    with dsl.ParallelFor(["gs://a", "gs://b"]) as item:
        inner = dsl.importer(artifact_uri="gs://a", artifact_class=Model, metadata={"uri": uri})
        steps.show(thing=inner.output)
        steps.say(text=item)
