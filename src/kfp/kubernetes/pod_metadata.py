"""The labels and annotations of a task's pod."""

from __future__ import annotations

from kfp.dsl.pipeline_task import PipelineTask
from kfp.kubernetes.settings import settings, text


def add_pod_label(task: PipelineTask, label_key: str, label_value: str) -> PipelineTask:
    """Set a label of a task's pod.

    Args:
        task: the task.
        label_key: the label's name.
        label_value: its value.

    Returns:
        The task.
    """
    key = text(task, "add_pod_label", "label_key", label_key)
    _metadata(task, "add_pod_label", "labels")[key] = text(task, "add_pod_label", "label_value", label_value)
    return task


def add_pod_annotation(task: PipelineTask, annotation_key: str, annotation_value: str) -> PipelineTask:
    """Set an annotation of a task's pod.

    Args:
        task: the task.
        annotation_key: the annotation's name.
        annotation_value: its value.

    Returns:
        The task.
    """
    key = text(task, "add_pod_annotation", "annotation_key", annotation_key)
    value = text(task, "add_pod_annotation", "annotation_value", annotation_value)
    _metadata(task, "add_pod_annotation", "annotations")[key] = value
    return task


def _metadata(task: PipelineTask, setter: str, field: str) -> dict[str, str]:
    metadata: dict[str, str] = settings(task, setter).setdefault("podMetadata", {}).setdefault(field, {})
    return metadata
