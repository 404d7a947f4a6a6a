"""What two compilers' documents have in common: all but how executors are shared and how Python is started."""

from __future__ import annotations

import copy
from typing import Any


def normalise(document: dict[str, Any]) -> dict[str, Any]:
    """Give a document with each component in the place of its reference and each executor in that of its label.

    Integers become floats, as upstream writes them. Of a Python step's command only the source of the function stays.
    """
    plain = _floats(copy.deepcopy(document))
    executors = plain.pop("deploymentSpec")["executors"]
    components = plain.pop("components")
    names = sorted(components)
    for executor in executors.values():
        _without_bootstrap(executor.get("container", {}))
    plain["root"] = _inline(plain["root"], components, executors)
    return {**plain, "names": names}


def _inline(component: dict[str, Any], components: dict[str, Any], executors: dict[str, Any]) -> dict[str, Any]:
    inlined = dict(component)
    if "executorLabel" in inlined:
        inlined["executorLabel"] = executors[inlined["executorLabel"]]
    if "dag" in inlined:
        tasks = {
            name: {**task, "componentRef": _inline(components[task["componentRef"]["name"]], components, executors)}
            for name, task in inlined["dag"].get("tasks", {}).items()
        }
        inlined["dag"] = {**inlined["dag"], "tasks": tasks}
    return inlined


def _without_bootstrap(container: dict[str, Any]) -> None:
    command = container.get("command", [])
    if any("executor_main" in part or "ephemeral_component" in part for part in command[:-1]) and len(command) > 3:
        container["command"] = ["a Python step", command[-1]]


def _floats(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, list):
        return [_floats(item) for item in value]
    if isinstance(value, dict):
        return {key: _floats(item) for key, item in value.items()}
    return value
