"""Whether what a task's component is can have the settings that the task has got.

A pipeline runs in no container of its own. A component that takes over some groups of settings leaves none to the
task's own pod, so that settings of other groups would be lost.
"""

from typing import TYPE_CHECKING, Iterator

from kfp.dsl.component_task_config import TaskConfigField
from kfp.dsl.python_component import PythonComponent
from kfp.errors import AuthoringError

if TYPE_CHECKING:
    from kfp.dsl.pipeline_task import PipelineTask

_RESOURCES = ("cpu_limit", "cpu_request", "memory_limit", "memory_request", "accelerator_type", "accelerator_limit")
_KUBERNETES = {
    "configMapAsVolume": TaskConfigField.KUBERNETES_VOLUMES,
    "nodeAffinity": TaskConfigField.KUBERNETES_AFFINITY,
    "nodeSelector": TaskConfigField.KUBERNETES_NODE_SELECTOR,
    "pvcMount": TaskConfigField.KUBERNETES_VOLUMES,
    "secretAsVolume": TaskConfigField.KUBERNETES_VOLUMES,
    "tolerations": TaskConfigField.KUBERNETES_TOLERATIONS,
}


def check_settings(task: "PipelineTask") -> None:
    """Check that a task's component can have the task's settings.

    Raises:
        AuthoringError: it is a pipeline, and they are for a platform; or it takes over settings, but not all of them.
    """
    component = task.component
    if component.kind == "a pipeline" and task.platform_config:
        raise AuthoringError(
            "task {!r} has settings for {}, but {!r} is a pipeline and runs in no container of its own".format(
                task.name, ", ".join(task.platform_config), component.name
            ),
            hint="set them on the tasks inside that pipeline",
            location=task.place,
        )
    if not isinstance(component, PythonComponent) or not component.settings.task_config_passthroughs:
        return
    taken = {passthrough.field for passthrough in component.settings.task_config_passthroughs}
    for field in _used(task):
        if field not in taken:
            raise AuthoringError(
                "task {!r} has settings of {}, which component {!r} does not take over".format(
                    task.name, field.name, component.name
                ),
                hint="add dsl.TaskConfigField.{} to its task_config_passthroughs".format(field.name),
                location=task.place,
            )


def _used(task: "PipelineTask") -> Iterator[TaskConfigField]:
    settings = task.settings
    if any(getattr(settings, name) is not None for name in _RESOURCES):
        yield TaskConfigField.RESOURCES
    if settings.env:
        yield TaskConfigField.ENV
    for key in task.platform_config.get("kubernetes", {}):
        if key in _KUBERNETES:
            yield _KUBERNETES[key]
