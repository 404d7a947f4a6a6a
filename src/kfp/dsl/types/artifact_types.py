"""Artifact classes under KFP's module path; they are defined in `kfp.runtime`."""

from enum import Enum
from typing import Optional

from kfp.runtime.artifacts import HTML, Artifact, Dataset, Markdown, Metrics, Model, get_uri, remote_uri
from kfp.runtime.classification import ClassificationMetrics, SlicedClassificationMetrics

__all__ = [
    "CONTAINER_TASK_ROOT",
    "HTML",
    "WORKSPACE_MOUNT_PATH",
    "Artifact",
    "ClassificationMetrics",
    "Dataset",
    "Markdown",
    "Metrics",
    "Model",
    "RemotePrefix",
    "SlicedClassificationMetrics",
    "convert_local_path_to_remote_path",
    "get_uri",
]

CONTAINER_TASK_ROOT: Optional[str] = None
"""Kept for programs that read it; a step knows its own root (`dsl.get_uri`)."""

WORKSPACE_MOUNT_PATH = "/kfp-workspace"
"""Where a cluster mounts a run's workspace."""


class RemotePrefix(Enum):
    """The schemes that a launcher mounts."""

    GCS = "gs://"
    MINIO = "minio://"
    S3 = "s3://"
    OCI = "oci://"


def convert_local_path_to_remote_path(path: str) -> str:
    """Map a mounted path to its URI; other paths are their own URI."""
    return remote_uri(path)
