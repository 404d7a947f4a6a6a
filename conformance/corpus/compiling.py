"""What `Compiler.compile` takes."""

from conformance import steps
from conformance.cases import component, pipeline
from kfp import dsl


@pipeline(compile_with={"pipeline_name": "another-name"})
def a_pipeline_name():
    steps.done()


@pipeline(compile_with={"pipeline_display_name": "Shown"})
def a_pipeline_display_name():
    steps.done()


@pipeline(compile_with={"pipeline_parameters": {"x": 5, "text": "other", "items": [3]}})
def pipeline_parameters(x: int, text: str = "a", items: list = [1]):
    steps.add(a=x)
    steps.say(text=text)


@pipeline(suffix=".json")
def json_instead_of_yaml(x: int = 3):
    steps.add(a=x)


@pipeline(suffix=".yml")
def yml_as_a_suffix(x: int = 3):
    steps.add(a=x)


@component(compile_with={"pipeline_name": "renamed", "pipeline_parameters": {"a": 7}})
def a_component_with_options():
    @dsl.component
    def step(a: int, b: str = "x") -> str:
        return b

    return step


def manifest_options():
    from kfp.compiler import KubernetesManifestOptions

    return KubernetesManifestOptions(
        pipeline_name="shown",
        pipeline_version_name="shown-v1",
        pipeline_version_display_name="V1",
        namespace="team",
        include_pipeline_manifest=True,
    )


def manifest_options_without_the_pipeline():
    from kfp.compiler import KubernetesManifestOptions

    return KubernetesManifestOptions(pipeline_name="shown", include_pipeline_manifest=False)


@pipeline(compile_with={"kubernetes_manifest_format": True, "kubernetes_manifest_options": manifest_options})
def manifests(x: int = 3):
    steps.add(a=x)


@pipeline(
    compile_with={
        "kubernetes_manifest_format": True,
        "kubernetes_manifest_options": manifest_options_without_the_pipeline,
    }
)
def a_manifest_without_the_pipeline(x: int = 3):
    steps.add(a=x)


@pipeline(compile_with={"kubernetes_manifest_format": True})
def manifests_with_default_options(x: int = 3):
    steps.add(a=x)


@pipeline
def a_header_with_everything(
    a: str, b: int, c: float, d: bool, e: dict, f: list, g: str = "x", h: int = 1, i: float = 0.5, j: bool = True
) -> str:
    """Has a header.

    Over two paragraphs.
    """
    return steps.say(text=a).output
