"""The settings of a task against those that its component takes over.

A component that takes over some settings leaves none to the task's own pod, so that others would be lost.
"""

from __future__ import annotations

from collections.abc import Iterator

from kfp.dsl.component_task_config import TaskConfigField
from kfp.dsl.pipeline_task import PipelineTask
from kfp.dsl.python_component import PythonComponent
from kfp.errors import AuthoringError

_RESOURCES = ("cpu_limit", "cpu_request", "memory_limit", "memory_request", "accelerator_type", "accelerator_limit")
_KUBERNETES = {
    "configMapAsVolume": TaskConfigField.KUBERNETES_VOLUMES,
    "nodeAffinity": TaskConfigField.KUBERNETES_AFFINITY,
    "nodeSelector": TaskConfigField.KUBERNETES_NODE_SELECTOR,
    "pvcMount": TaskConfigField.KUBERNETES_VOLUMES,
    "secretAsVolume": TaskConfigField.KUBERNETES_VOLUMES,
    "tolerations": TaskConfigField.KUBERNETES_TOLERATIONS,
}


def check_passthroughs(task: PipelineTask) -> None:
    """Check that a component which takes over settings takes over all that its task has.

    Raises:
        AuthoringError: it does not.
    """
    component = task.component
    if not isinstance(component, PythonComponent) or not component.settings.task_config_passthroughs:
        return
    taken = {passthrough.field for passthrough in component.settings.task_config_passthroughs}
    for field in _used(task):
        if field not in taken:
            raise AuthoringError(
                f"task {task.name!r} has settings of {field.name}, which component {component.name!r} does not take",
                hint=f"add dsl.TaskConfigField.{field.name} to its task_config_passthroughs",
                location=task.place,
            )


def _used(task: PipelineTask) -> Iterator[TaskConfigField]:
    settings = task.settings
    if any(getattr(settings, name) is not None for name in _RESOURCES):
        yield TaskConfigField.RESOURCES
    if settings.env:
        yield TaskConfigField.ENV
    for key in task.platform_config.get("kubernetes", {}):
        if key in _KUBERNETES:
            yield _KUBERNETES[key]
