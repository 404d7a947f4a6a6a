"""Importers that cannot work are refused where they are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kfp import dsl
from kfp.compiler.compile import document
from kfp.errors import ArgumentTypeError, AuthoringError, InconsistentTypeException, RunError


class Foreign(dsl.Artifact):
    schema_title = "acme.Model"


@dsl.component
def train(model: dsl.Output[dsl.Model]) -> None: ...


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda _: dsl.importer("a", str), ArgumentTypeError, "artifact_class is <class 'str'>"),
        (lambda _: dsl.importer("a", Foreign), ArgumentTypeError, "Foreign'> has the schema_title 'acme.Model'"),
        (lambda _: dsl.importer(1, dsl.Model), InconsistentTypeException, "takes text .*, not the int 1"),  # type: ignore[arg-type]
        (lambda n: dsl.importer(n, dsl.Model), InconsistentTypeException, "the pipeline's input 'n', which is an int"),
        (lambda _: dsl.importer("a", dsl.Model, metadata={1: "a"}), ArgumentTypeError, "metadata has the key 1"),  # type: ignore[dict-item]
        (lambda _: dsl.importer("a", dsl.Model, metadata={"a": {1}}), ArgumentTypeError, r"the metadata has \{1\}"),
        (
            lambda _: dsl.importer("a", dsl.Model, metadata={"a": [train().output]}),
            ArgumentTypeError,
            "the metadata has an artifact, the output 'model'",
        ),
        (
            lambda _: dsl.importer("a", dsl.Model).set_cpu_limit("1"),
            AuthoringError,
            "has no container of its own, for 'importer' is an importer",
        ),
    ],
)
def test_an_importer_that_cannot_work(call: Callable[[Any], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):

        @dsl.pipeline
        def pipeline(n: int = 1) -> None:
            call(n)


def test_outside_a_pipeline() -> None:
    with pytest.raises(RunError, match="'importer' is called outside a pipeline"):
        dsl.importer("gs://a", dsl.Model, metadata={"a": "b"})


def test_a_parameter_inside_the_uri_is_known_only_when_the_pipeline_runs() -> None:
    @dsl.pipeline
    def pipeline(name: str = "a") -> None:
        dsl.importer(f"gs://bucket/{name}", dsl.Model)

    compiled = document(pipeline).spec
    executor = compiled.deployment_spec.executors["exec-importer"].importer
    assert executor is not None
    assert executor.artifact_uri.runtime_parameter == "uri"
    assert compiled.root.dag is not None
    uri = compiled.root.dag.tasks["importer"].inputs.parameters["uri"].runtime_value
    assert uri is not None
    assert uri.constant == "gs://bucket/{{$.inputs.parameters['pipelinechannel--name']}}"
