"""Placement by the labels that a node must have."""

from __future__ import annotations

from typing import Any

from kfp.dsl.pipeline_channel import PipelineParameterChannel
from kfp.dsl.pipeline_task import PipelineTask
from kfp.kubernetes.settings import json_value, settings, text


def add_node_selector(task: PipelineTask, label_key: str, label_value: str) -> PipelineTask:
    """Run a task only on nodes with a label.

    Args:
        task: the task.
        label_key: the label's name.
        label_value: its value.

    Returns:
        The task.
    """
    key = text(task, "add_node_selector", "label_key", label_key)
    value = text(task, "add_node_selector", "label_value", label_value)
    _selector(task, "add_node_selector").setdefault("labels", {})[key] = value
    return task


def add_node_selector_json(
    task: PipelineTask, node_selector_json: PipelineParameterChannel | dict[str, Any]
) -> PipelineTask:
    """Run a task only on nodes with the labels of a dictionary, which replaces the one of an earlier call.

    Args:
        task: the task.
        node_selector_json: label → value, or a parameter that holds such a dictionary.

    Returns:
        The task.
    """
    value = json_value(task, "add_node_selector_json", "node_selector_json", node_selector_json)
    _selector(task, "add_node_selector_json")["nodeSelectorJson"] = value
    return task


def _selector(task: PipelineTask, setter: str) -> dict[str, Any]:
    selector: dict[str, Any] = settings(task, setter).setdefault("nodeSelector", {})
    return selector
