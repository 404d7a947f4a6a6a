"""Settings of pipelines."""

from conformance import steps
from conformance.cases import component, pipeline
from kfp import dsl


@pipeline(name="a-name", description="What it does", display_name="Shown", pipeline_root="gs://bucket/root")
def names_and_root():
    steps.done()


@pipeline(name="Odd Name_With (signs) 1.2")
def a_name_that_is_made_proper():
    steps.done()


@pipeline(description="The argument")
def description_beside_a_docstring():
    """The docstring."""
    steps.done()


@pipeline
def a_docstring(x: int = 1, text: str = "a") -> str:
    """Says something.

    More about it.

    Args:
        x: A number.
        text: A text.

    Returns:
        What was said.
    """
    steps.add(a=x)
    return steps.say(text=text).output


@component
def a_pipeline_without_arguments_in_parentheses():
    @dsl.pipeline()
    def empty_parentheses():
        steps.done()

    return empty_parentheses


@pipeline(pipeline_config=lambda: dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size="25Gi")))
def a_workspace():
    steps.say(text=dsl.WORKSPACE_PATH_PLACEHOLDER)


@pipeline(
    pipeline_config=lambda: dsl.PipelineConfig(
        workspace=dsl.WorkspaceConfig(
            size="25Gi",
            kubernetes=dsl.KubernetesWorkspaceConfig(
                pvcSpecPatch={"storageClassName": "fast", "accessModes": ["ReadWriteOnce"]}
            ),
        )
    )
)
def a_workspace_with_a_claim():
    steps.say(text=f"{dsl.WORKSPACE_PATH_PLACEHOLDER}/data")


@pipeline(pipeline_config=lambda: dsl.PipelineConfig(ttl_seconds_after_finished=60))
def a_time_to_live():
    steps.done()


@pipeline(
    pipeline_config=lambda: dsl.PipelineConfig(
        ttl_seconds_after_success=1, ttl_seconds_after_failure=2, active_deadline_seconds=3600
    )
)
def times_to_live_and_a_deadline():
    steps.done()


@pipeline(
    pipeline_config=lambda: dsl.PipelineConfig(
        workspace=dsl.WorkspaceConfig(size="1Gi"),
        ttl_seconds_after_finished=1,
        ttl_seconds_after_success=2,
        ttl_seconds_after_failure=3,
        active_deadline_seconds=4,
    )
)
def every_setting():
    steps.done()


@pipeline(pipeline_config=lambda: dsl.PipelineConfig())
def an_empty_config():
    steps.done()
