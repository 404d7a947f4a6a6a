"""Tolerations: taints of nodes that do not keep a task away."""

from __future__ import annotations

from typing import Any, Literal

from kfp.dsl.pipeline_channel import PipelineChannel, PipelineParameterChannel
from kfp.dsl.pipeline_task import PipelineTask
from kfp.errors import ArgumentTypeError
from kfp.kubernetes.settings import append, reference, settings, text, whole


def add_toleration(  # noqa: PLR0917 - KFP's own signature
    task: PipelineTask,
    key: str | None = None,
    operator: Literal["Equal", "Exists"] | None = None,
    value: str | None = None,
    effect: Literal["NoExecute", "NoSchedule", "PreferNoSchedule"] | None = None,
    toleration_seconds: int | None = None,
) -> PipelineTask:
    """Let a task run on nodes with a taint.

    Args:
        task: the task.
        key: the taint's key; None means all.
        operator: `Equal`, or `Exists` for any value.
        value: the taint's value.
        effect: the taint's effect; None means all.
        toleration_seconds: how long the task stays on a node that gets the taint while it runs.

    Returns:
        The task.
    """
    item = _toleration(task, "add_toleration", (key, operator, value, effect), toleration_seconds)
    return append(task, "add_toleration", "tolerations", item)


def add_toleration_json(
    task: PipelineTask, toleration_json: PipelineParameterChannel | list[dict[str, Any]] | dict[str, Any]
) -> PipelineTask:
    """Let a task run on nodes with the taints of dictionaries.

    Args:
        task: the task.
        toleration_json: a `Toleration` of Kubernetes (`key`, `operator`, `value`, `effect`, `tolerationSeconds`), a
            list of such, or a parameter that holds either.

    Returns:
        The task.
    """
    setter = "add_toleration_json"
    if isinstance(toleration_json, PipelineChannel):
        item = {"tolerationJson": reference(task, setter, "toleration_json", toleration_json)}
        return append(task, setter, "tolerations", item)
    given = toleration_json if isinstance(toleration_json, list) else [toleration_json]
    items = [_from_json(task, toleration) for toleration in given]
    if items:
        settings(task, setter).setdefault("tolerations", []).extend(items)
    return task


def _from_json(task: PipelineTask, given: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise ArgumentTypeError(
            f"add_toleration_json() of task {task.name!r}: toleration_json takes a dictionary, a list of dictionaries, "
            f"or a parameter that holds either, not {given!r}"
        )
    fields = (given.get("key"), given.get("operator"), given.get("value"), given.get("effect"))
    return _toleration(
        task, "add_toleration_json", fields, given.get("tolerationSeconds", given.get("toleration_seconds"))
    )


def _toleration(task: PipelineTask, setter: str, fields: tuple[str | None, ...], seconds: int | None) -> dict[str, Any]:
    item: dict[str, Any] = {
        name: text(task, setter, name, value)
        for name, value in zip(("key", "operator", "value", "effect"), fields, strict=True)
        if value
    }
    if seconds is not None:
        item["tolerationSeconds"] = str(whole(task, setter, "toleration_seconds", seconds))
    return item
