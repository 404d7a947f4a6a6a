"""Volumes: claims that are made, mounted and deleted by tasks, and ephemeral volumes."""

from __future__ import annotations

from typing import Any, Optional

from kfp.dsl.container import container_component
from kfp.dsl.container_spec import ContainerSpec
from kfp.dsl.pipeline_channel import ChannelReference, PipelineChannel
from kfp.dsl.pipeline_task import PipelineTask
from kfp.errors import ArgumentTypeError
from kfp.kubernetes.settings import append, name, text, texts
from kfp.runtime.annotations import OutputPath


@container_component
def CreatePVC(  # noqa: D417, N802, PLR0917 - KFP's own name and signature
    name: OutputPath(str),  # type: ignore[valid-type]
    access_modes: list,  # type: ignore[type-arg]
    size: str,
    pvc_name: Optional[str] = None,  # noqa: UP045 - the signature is read at run time
    pvc_name_suffix: Optional[str] = None,  # noqa: UP045
    storage_class_name: Optional[str] = "",  # noqa: UP045
    volume_name: Optional[str] = None,  # noqa: UP045
    annotations: Optional[dict] = None,  # type: ignore[type-arg]  # noqa: UP045
    data_source: Optional[dict] = None,  # type: ignore[type-arg]  # noqa: UP045
) -> ContainerSpec:
    """Make a PersistentVolumeClaim while the pipeline runs; the backend does it, no container runs.

    Args:
        access_modes: the claim's access modes, such as `["ReadWriteOnce"]`.
        size: the storage that is asked for, such as `5Gi`.
        pvc_name: the claim's name; either this or `pvc_name_suffix`.
        pvc_name_suffix: what a generated name ends in, after the name of the run.
        storage_class_name: the class of the storage; None is the cluster's default, an empty text is for a
            volume that exists.
        volume_name: the volume that exists and that the claim is for.
        annotations: the claim's annotations.
        data_source: what the volume is made from, such as a VolumeSnapshot: `apiGroup`, `kind` and `name`.
    """
    return ContainerSpec(image="argostub/createpvc")


@container_component
def DeletePVC(pvc_name: str) -> ContainerSpec:  # noqa: N802 - KFP's own name
    """Delete a PersistentVolumeClaim while the pipeline runs; the backend does it, no container runs.

    Args:
        pvc_name: the claim's name, such as the output `name` of `CreatePVC`.
    """
    return ContainerSpec(image="argostub/deletepvc")


def mount_pvc(task: PipelineTask, pvc_name: str | PipelineChannel, mount_path: str, sub_path: str = "") -> PipelineTask:
    """Mount a PersistentVolumeClaim in a task's container.

    Args:
        task: the task.
        pvc_name: the claim's name, or a parameter that holds it, such as the output `name` of `CreatePVC`.
        mount_path: the directory in the container.
        sub_path: the directory of the volume that is mounted; its root by default.

    Returns:
        The task.
    """
    claim = name(task, "mount_pvc", "pvc_name", pvc_name)
    item: dict[str, Any] = {"pvcNameParameter": claim}
    path = text(task, "mount_pvc", "mount_path", mount_path)
    if path:
        item["mountPath"] = path
    if sub_path:
        item["subPath"] = text(task, "mount_pvc", "sub_path", sub_path)
    # the name stands twice: backends before KFP 2.4 read it beside the other fields
    if isinstance(claim, ChannelReference):
        return append(task, "mount_pvc", "pvcMount", ChannelReference(claim.channel, **item))
    return append(task, "mount_pvc", "pvcMount", {"constant": pvc_name, **item})


def add_ephemeral_volume(  # noqa: PLR0917 - KFP's own signature
    task: PipelineTask,
    volume_name: str,
    mount_path: str,
    access_modes: list[str],
    size: str,
    storage_class_name: str | None = None,
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
) -> PipelineTask:
    """Mount a volume that is made for the task's pod and deleted with it.

    Args:
        task: the task.
        volume_name: the volume's name.
        mount_path: the directory in the container.
        access_modes: the claim's access modes, such as `["ReadWriteOnce"]`.
        size: the storage that is asked for, such as `5Gi`.
        storage_class_name: the class of the storage; the cluster's default by default.
        labels: the claim's labels.
        annotations: the claim's annotations.

    Returns:
        The task.
    """
    setter = "add_ephemeral_volume"
    if not isinstance(access_modes, (list, tuple)):
        raise ArgumentTypeError(
            f"{setter}() of task {task.name!r}: access_modes takes a list of texts, not {access_modes!r}"
        )
    item: dict[str, Any] = {
        "volumeName": text(task, setter, "volume_name", volume_name),
        "mountPath": text(task, setter, "mount_path", mount_path),
        "size": text(task, setter, "size", size),
    }
    if access_modes:
        item["accessModes"] = [text(task, setter, "access_modes", mode) for mode in access_modes]
    if storage_class_name is None:
        item["defaultStorageClass"] = True
    elif storage_class_name:
        item["storageClassName"] = text(task, setter, "storage_class_name", storage_class_name)
    metadata = {
        "labels": texts(task, setter, "labels", labels or {}),
        "annotations": texts(task, setter, "annotations", annotations or {}),
    }
    if any(metadata.values()):
        item["metadata"] = {field: pairs for field, pairs in metadata.items() if pairs}
    return append(task, setter, "genericEphemeralVolume", item)
