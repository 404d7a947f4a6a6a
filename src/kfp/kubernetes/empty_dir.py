"""Empty directories that live as long as a task's pod."""

from __future__ import annotations

from kfp.dsl.pipeline_task import PipelineTask
from kfp.kubernetes.settings import append, text


def empty_dir_mount(
    task: PipelineTask, volume_name: str, mount_path: str, medium: str | None = None, size_limit: str | None = None
) -> PipelineTask:
    """Mount an empty directory that lives as long as the task's pod.

    Args:
        task: the task.
        volume_name: the volume's name.
        mount_path: the directory in the container.
        medium: `Memory` for one in memory; the node's own by default.
        size_limit: how large it may grow, such as `5Gi`.

    Returns:
        The task.
    """
    setter = "empty_dir_mount"
    item = {
        "volumeName": text(task, setter, "volume_name", volume_name),
        "mountPath": text(task, setter, "mount_path", mount_path),
    }
    if medium is not None:
        item["medium"] = text(task, setter, "medium", medium)
    if size_limit is not None:
        item["sizeLimit"] = text(task, setter, "size_limit", size_limit)
    return append(task, setter, "emptyDirMounts", item)
