"""Components that take over settings of their tasks."""
# ruff: noqa: ANN201 -- written as users of KFP write

from kfp import dsl


@dsl.component(
    base_image="python:3.11",
    task_config_passthroughs=[
        dsl.TaskConfigField.RESOURCES,
        dsl.TaskConfigPassthrough(field=dsl.TaskConfigField.KUBERNETES_TOLERATIONS, apply_to_task=True),
        dsl.TaskConfigField.KUBERNETES_AFFINITY,
        dsl.TaskConfigField.KUBERNETES_NODE_SELECTOR,
        dsl.TaskConfigPassthrough(dsl.TaskConfigField.KUBERNETES_VOLUMES),
        dsl.TaskConfigField.ENV,
    ],
)
def train(config: dsl.TaskConfig, x: int = 1): ...


@dsl.component(base_image="python:3.11")
def plain(x: int, config: dsl.TaskConfig = None) -> int:
    return x


@dsl.pipeline
def pipeline(x: int = 1):
    train(x=x).set_cpu_limit("2")
    plain(x=x)
    train()
