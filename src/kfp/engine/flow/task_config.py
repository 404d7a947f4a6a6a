"""What a component is told of its task's settings, which it applies itself (`ComponentSpec.task_config_passthroughs`).

Resources and environment variables are told, in the form that Kubernetes has for them. `kfp.engine.platforms.passing`
adds what the task says for Kubernetes alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kfp.ir.placeholders import resolve_text

if TYPE_CHECKING:
    from kfp.engine.planning.plan import Task
    from kfp.ir.placeholders import Resolve
    from kfp.ir.spec import PipelineContainerSpec

TASK_CONFIG = "TASK_CONFIG"
_OLD_UNIT = "G"


def task_config(task: Task, resolve: Resolve) -> dict[str, Any]:
    """Return the value of a task's input of the type TASK_CONFIG.

    Args:
        task: the task.
        resolve: gives the values of placeholders in its resources and variables.

    Raises:
        RunError: a placeholder refers to what is not there.
    """
    container, told = task.container, dict[str, Any]()
    for each in task.component.task_config_passthroughs:
        if container is not None and each.field == "RESOURCES":
            told["resources"] = _resources(container, resolve)
        elif container is not None and each.field == "ENV":
            told["env"] = [{"name": one.name, "value": resolve_text(one.value, resolve)} for one in container.env]
    return told


def keeps_variables(task: Task) -> bool:
    """Tell whether the environment variables of a task are its own step's, and not only told to it."""
    return all(each.apply_to_task for each in task.component.task_config_passthroughs if each.field == "ENV")


def _resources(container: PipelineContainerSpec, resolve: Resolve) -> dict[str, Any]:
    given = container.resources
    if given is None:
        return {}
    kinds = {
        "limits": {
            "cpu": given.resource_cpu_limit or _old(given.cpu_limit),
            "memory": given.resource_memory_limit or _old(given.memory_limit, _OLD_UNIT),
        },
        "requests": {
            "cpu": given.resource_cpu_request or _old(given.cpu_request),
            "memory": given.resource_memory_request or _old(given.memory_request, _OLD_UNIT),
        },
    }
    extra = given.accelerator
    if extra is not None and (extra.resource_type or extra.type):
        kinds["limits"][extra.resource_type or extra.type] = extra.resource_count or str(extra.count)
    resolved = {
        kind: {resolve_text(name, resolve): resolve_text(amount, resolve) for name, amount in amounts.items() if amount}
        for kind, amounts in kinds.items()
    }
    return {kind: amounts for kind, amounts in resolved.items() if amounts}


def _old(amount: float, unit: str = "") -> str:
    """Return a deprecated number as a quantity."""
    return f"{amount:g}{unit}" if amount else ""
