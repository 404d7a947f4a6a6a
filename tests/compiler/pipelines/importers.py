"""Importers: URIs and metadata, constant and from channels; artifact classes of a package; a workspace."""
# ruff: noqa: ANN201, B006 -- written as users of KFP write

from kfp import dsl
from kfp.dsl import Artifact, Dataset, Input, Model
from tests.compiler.library.classes import VertexModel


@dsl.component(base_image="python:3.11")
def use(model: Input[Model]) -> str:
    return model.uri


@dsl.component(base_image="python:3.11")
def any_artifact(artifact: Input[Artifact]): ...


@dsl.component(base_image="python:3.11")
def vertex(model: Input[VertexModel]): ...


@dsl.component(base_image="python:3.11")
def make(x: str) -> str:
    return x


@dsl.pipeline(
    pipeline_config=dsl.PipelineConfig(
        workspace=dsl.WorkspaceConfig(size="1Gi", kubernetes=dsl.KubernetesWorkspaceConfig({"a": {"b": ["c"]}})),
        ttl_seconds_after_finished=10,
        ttl_seconds_after_success=5,
        ttl_seconds_after_failure=7,
        active_deadline_seconds=70,
    )
)
def pipeline(uri: str = "gs://a", key: str = "key", number: int = 2, table: dict = {"a": 1}):
    constant = dsl.importer(artifact_uri="gs://b/c", artifact_class=Model, reimport=False)
    nested = {"a": 1, "b": [1, key, {"c": uri}], key: "x", "f": 1.5, "e": f"x-{key}", "z": None, "t": True, "d": table}
    dynamic = dsl.importer(artifact_uri=uri, artifact_class=Model, reimport=True, metadata=nested)
    made = make(x=uri)
    metadata = {"n": number, "o": made.output, "job": dsl.PIPELINE_JOB_NAME_PLACEHOLDER}
    model = dsl.importer(made.output, VertexModel, metadata=metadata, download_to_workspace=True)
    use(model=constant.output)
    use(model=dynamic.outputs["artifact"])
    vertex(model=model.output)
    any_artifact(artifact=model.output)
    dsl.importer("oci://registry/model:v1", Model).set_display_name("a model").after(made)
    dsl.importer(f"gs://x/{dsl.PIPELINE_JOB_ID_PLACEHOLDER}", Artifact).set_caching_options(False).set_retry(2)
    data = dsl.importer("gs://data", Dataset, metadata={f"{key}-{made.output}": "a"}).output
    any_artifact(artifact=data)
    make(x=dsl.WORKSPACE_PATH_PLACEHOLDER)
