"""Placeholders that the backend fills."""

from conformance import steps
from conformance.cases import component, pipeline
from kfp import dsl


@pipeline
def every_placeholder_as_an_argument():
    steps.say(text=dsl.PIPELINE_JOB_NAME_PLACEHOLDER)
    steps.say(text=dsl.PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER)
    steps.say(text=dsl.PIPELINE_JOB_ID_PLACEHOLDER)
    steps.say(text=dsl.PIPELINE_TASK_NAME_PLACEHOLDER)
    steps.say(text=dsl.PIPELINE_TASK_ID_PLACEHOLDER)
    steps.say(text=dsl.PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER)
    steps.say(text=dsl.PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER)
    steps.say(text=dsl.PIPELINE_ROOT_PLACEHOLDER)
    steps.say(text=dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER)
    steps.say(text=dsl.PIPELINE_TASK_EXECUTOR_OUTPUT_PATH_PLACEHOLDER)


@pipeline
def in_f_strings(name: str):
    steps.say(text=f"{dsl.PIPELINE_JOB_NAME_PLACEHOLDER}-{name}-{dsl.PIPELINE_TASK_ID_PLACEHOLDER}")
    steps.say(text=f"{dsl.PIPELINE_ROOT_PLACEHOLDER}/{steps.say(text='x').output}")


@pipeline
def inside_lists_and_dicts():
    steps.join(values=[dsl.PIPELINE_JOB_NAME_PLACEHOLDER, f"x-{dsl.PIPELINE_JOB_ID_PLACEHOLDER}"])

    @dsl.component
    def step(table: dict):
        pass

    step(table={"job": dsl.PIPELINE_JOB_NAME_PLACEHOLDER, "deep": [dsl.PIPELINE_TASK_NAME_PLACEHOLDER]})


@pipeline
def inside_conditions_and_loops():
    with dsl.ParallelFor([1, 2]) as item:
        with dsl.If(item == 1):
            steps.say(text=f"{dsl.PIPELINE_JOB_NAME_PLACEHOLDER} {item}")


@pipeline(pipeline_config=lambda: dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size="1Gi")))
def the_workspace_path():
    steps.say(text=dsl.WORKSPACE_PATH_PLACEHOLDER)
    steps.say(text=f"{dsl.WORKSPACE_PATH_PLACEHOLDER}/sub")


@component
def in_a_container_command():
    @dsl.container_component
    def step(a: str):
        return dsl.ContainerSpec(
            image="alpine",
            command=["echo", dsl.PIPELINE_JOB_ID_PLACEHOLDER, dsl.PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER],
            args=[
                dsl.PIPELINE_TASK_NAME_PLACEHOLDER,
                f"{dsl.PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER}/{a}",
                dsl.PIPELINE_TASK_EXECUTOR_OUTPUT_PATH_PLACEHOLDER,
            ],
        )

    return step


@pipeline
def as_a_default_of_a_component():
    @dsl.component
    def step(job: str = dsl.PIPELINE_JOB_NAME_PLACEHOLDER):
        pass

    step()
