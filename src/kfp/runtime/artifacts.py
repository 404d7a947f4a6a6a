"""Artifacts: what a step reads and writes as files, with a type, a URI and metadata.

The schema titles are those of KFP's system artifacts (https://www.kubeflow.org/docs/components/pipelines/user-guides/data-handling/artifacts/).
"""

from typing import Any, Dict, Optional

from kfp.errors import RunError

_MOUNTS = (("gs://", "/gcs/"), ("s3://", "/s3/"), ("minio://", "/minio/"), ("oci://", "/oci/"))


class Artifact:
    """A file or directory that a step reads or writes.

    Args:
        name: the resource name of the artifact, as the backend knows it.
        uri: where it lies; the launcher mounts `gs://` under `/gcs/`, and `s3://`, `minio://` and `oci://` likewise.
        metadata: JSON values that travel with the artifact.
    """

    schema_title = "system.Artifact"
    schema_version = "0.0.1"

    def __init__(
        self, name: Optional[str] = None, uri: Optional[str] = None, metadata: Optional[Dict[str, Any]] = None
    ) -> None:
        self.uri = uri or ""
        self.name = name or ""
        self.metadata: Dict[str, Any] = metadata or {}
        self._custom_path = ""

    @property
    def path(self) -> str:
        """Where the artifact lies in this step's file system."""
        return self._custom_path or local_path(self.uri)

    @path.setter
    def path(self, path: str) -> None:
        self.uri = remote_uri(path)

    @property
    def custom_path(self) -> str:
        """A path that the author chose in place of the one that follows from the URI, or an empty text."""
        return self._custom_path

    @custom_path.setter
    def custom_path(self, path: str) -> None:
        self._custom_path = path

    def set_path(self, path: str) -> None:
        """Use `path` in place of the one that follows from the URI."""
        self._custom_path = path

    def __repr__(self) -> str:
        return "{}(name={!r}, uri={!r}, metadata={!r})".format(type(self).__name__, self.name, self.uri, self.metadata)


class Dataset(Artifact):
    """Data, in whatever form."""

    schema_title = "system.Dataset"


class Model(Artifact):
    """A trained model."""

    schema_title = "system.Model"

    @property
    def framework(self) -> str:
        """The framework that made the model; kept in the metadata."""
        return str(self.metadata.get("framework", ""))

    @framework.setter
    def framework(self, framework: str) -> None:
        self.metadata["framework"] = framework

    @property
    def path(self) -> str:
        """Where the model lies in this step's file system; a model image holds it under `models`."""
        if self.uri.startswith("oci://") and not self._custom_path:
            return local_path(self.uri) + "/models"
        return super().path

    @path.setter
    def path(self, path: str) -> None:
        self.uri = remote_uri(path)


class Metrics(Artifact):
    """Named numbers."""

    schema_title = "system.Metrics"

    def log_metric(self, metric: str, value: float) -> None:
        """Record one number under a name."""
        self.metadata[metric] = value


class HTML(Artifact):
    """A page of HTML that the dashboard shows."""

    schema_title = "system.HTML"


class Markdown(Artifact):
    """A text in Markdown that the dashboard shows."""

    schema_title = "system.Markdown"


_task_root: Optional[str] = None
_task_directory = ""


def set_task_root(uri: Optional[str], directory: str = "") -> None:
    """Tell `get_uri` where this step's outputs go; the executor does this before it calls the function.

    Args:
        uri: where they lie in the end; None outside a step.
        directory: where the step writes them.
    """
    global _task_root, _task_directory
    _task_root, _task_directory = uri and uri.rstrip("/"), directory


def get_uri(suffix: str = "Output") -> str:
    """Make the URI of an artifact that this step creates and returns.

    Args:
        suffix: what follows the URI of the step's directory, unique among the step's artifacts.

    Raises:
        RunError: called outside a step.
    """
    if _task_root is None:
        raise RunError(
            "dsl.get_uri() is known only inside a running step", hint="call it in the body of a component function"
        )
    return "{}/{}".format(_task_root, suffix)


def local_path(uri: str) -> str:
    """Map a URI to the path where the launcher mounts it; plain paths and unknown schemes are their own path."""
    if _task_root and _task_directory and uri.startswith(_task_root + "/"):
        return _task_directory + uri[len(_task_root) :]
    for scheme, mount in _MOUNTS:
        if uri.startswith(scheme):
            rest = uri[len(scheme) :]
            # A model image is mounted under its name, which must be one path element.
            return mount + (rest.replace("/", "_") if scheme == "oci://" else rest)
    return uri


def remote_uri(path: str) -> str:
    """Map a mounted path back to its URI; other paths are their own URI."""
    if _task_root and _task_directory and path.startswith(_task_directory + "/"):
        return _task_root + path[len(_task_directory) :]
    for scheme, mount in _MOUNTS:
        if path.startswith(mount):
            rest = path[len(mount) :]
            if scheme == "oci://":
                rest = (rest[: -len("/models")] if rest.endswith("/models") else rest).replace("_", "/")
            return scheme + rest
    return path
