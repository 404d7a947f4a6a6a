"""An importer as an executor."""

from __future__ import annotations

from kfp.dsl.importer_node import ARTIFACT, URI, ImporterComponent
from kfp.ir import spec as ir


def importer_executor(component: ImporterComponent) -> ir.ExecutorSpec:
    """Return what an importer does."""
    settings = component.settings
    made = component.interface.outputs[ARTIFACT]
    if settings.uri is None:
        uri = ir.ValueOrRuntimeParameter(runtime_parameter=URI)
    else:
        uri = ir.ValueOrRuntimeParameter(constant=settings.uri)
    return ir.ExecutorSpec(
        importer=ir.ImporterSpec(
            artifact_uri=uri,
            type_schema=ir.ArtifactTypeSchema(schema_title=made.schema_title, schema_version=made.schema_version),
            reimport=settings.reimport,
            metadata=settings.metadata,
            download_to_workspace=settings.download_to_workspace,
        )
    )
