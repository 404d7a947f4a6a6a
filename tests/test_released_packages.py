"""What released packages of components do with KFP's interface, such as google-cloud-pipeline-components."""

from __future__ import annotations

from google.protobuf import json_format  # type: ignore[import-untyped,unused-ignore]

from kfp import components, dsl
from kfp.compiler.compile import document


@dsl.container_component
def make(output__data: dsl.Output[dsl.Dataset], text: dsl.OutputPath(str)) -> dsl.ContainerSpec:  # type: ignore[valid-type]
    return dsl.ContainerSpec(image="alpine", args=[output__data.uri, text])


def test_an_output_is_renamed_in_the_message_and_the_message_loaded() -> None:
    """The package renames an artifact everywhere but in the root's DAG, whose output nothing declares then."""
    message = make.pipeline_spec
    for component in (message.root, *message.components.values()):
        artifacts = component.output_definitions.artifacts
        artifacts["data"].CopyFrom(artifacts.pop("output__data"))
    renamed = components.load_component_from_text(json_format.MessageToJson(message))
    assert "output__data" in message.root.dag.outputs.artifacts

    @dsl.pipeline
    def p() -> dsl.Dataset:
        task = renamed()
        assert list(task.outputs) == ["text", "data"]
        return task.outputs["data"]

    root = document(p).spec.root
    assert root.dag is not None
    (selector,) = root.dag.outputs.artifacts["Output"].artifact_selectors
    assert selector.output_artifact_key == "data"
