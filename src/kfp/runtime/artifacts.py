"""Artifacts: what a step reads and writes as files, with a type, a URI and metadata.

The schema titles are those of KFP's system artifacts (https://www.kubeflow.org/docs/components/pipelines/user-guides/data-handling/artifacts/).
"""

from typing import Any, Dict, List, Optional

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


class ClassificationMetrics(Artifact):
    """A confusion matrix and points of a ROC curve, in the form that the KFP dashboard draws."""

    schema_title = "system.ClassificationMetrics"

    def log_roc_data_point(self, fpr: float, tpr: float, threshold: float) -> None:
        """Add one point of the ROC curve: false positive rate, true positive rate, threshold."""
        points = self.metadata.setdefault("confidenceMetrics", [])
        points.append({"confidenceThreshold": threshold, "recall": tpr, "falsePositiveRate": fpr})

    def log_roc_curve(self, fpr: List[float], tpr: List[float], threshold: List[float]) -> None:
        """Add the points of a ROC curve.

        Raises:
            ValueError: the three lists differ in length.
        """
        if not len(fpr) == len(tpr) == len(threshold):
            raise ValueError(
                "fpr, tpr and threshold must have the same length, not {}, {} and {}".format(
                    len(fpr), len(tpr), len(threshold)
                )
            )
        for index, value in enumerate(threshold):
            self.log_roc_data_point(fpr[index], tpr[index], value)

    def set_confusion_matrix_categories(self, categories: List[str]) -> None:
        """Name the categories of the confusion matrix and fill it with zeros."""
        self.metadata["confusionMatrix"] = {
            "annotationSpecs": [{"displayName": category} for category in categories],
            "rows": [{"row": [0] * len(categories)} for _ in categories],
        }

    def log_confusion_matrix_row(self, row_category: str, row: List[float]) -> None:
        """Set one row of the confusion matrix.

        Raises:
            ValueError: the category is unknown, or the row is of another length than the categories.
        """
        categories = self._categories()
        if len(row) != len(categories):
            raise ValueError("a row of {} values does not fit {} categories".format(len(row), len(categories)))
        self._rows()[_index(categories, row_category)] = {"row": list(row)}

    def log_confusion_matrix_cell(self, row_category: str, col_category: str, value: int) -> None:
        """Set one cell of the confusion matrix.

        Raises:
            ValueError: one of the categories is unknown.
        """
        categories = self._categories()
        row = self._rows()[_index(categories, row_category)]["row"]
        row[_index(categories, col_category)] = value

    def log_confusion_matrix(self, categories: List[str], matrix: List[List[int]]) -> None:
        """Set the whole confusion matrix, a list of rows in the order of the categories.

        Raises:
            ValueError: the matrix is not square over the categories.
        """
        if len(matrix) != len(categories) or any(len(row) != len(categories) for row in matrix):
            raise ValueError("the matrix {} does not fit the categories {}".format(matrix, categories))
        self.set_confusion_matrix_categories(categories)
        for index, category in enumerate(categories):
            self.log_confusion_matrix_row(category, list(matrix[index]))

    def _categories(self) -> List[str]:
        matrix = self.metadata.get("confusionMatrix")
        if matrix is None:
            raise ValueError("the confusion matrix has no categories yet: call set_confusion_matrix_categories first")
        return [spec["displayName"] for spec in matrix["annotationSpecs"]]

    def _rows(self) -> List[Dict[str, Any]]:
        rows: List[Dict[str, Any]] = self.metadata["confusionMatrix"]["rows"]
        return rows


class SlicedClassificationMetrics(Artifact):
    """Classification metrics kept apart by slices of the data.

    The metadata holds `evaluationSlices`, a list of a slice's name and its classification metrics.
    """

    schema_title = "system.SlicedClassificationMetrics"

    def log_roc_reading(self, slice: str, threshold: float, tpr: float, fpr: float) -> None:  # noqa: A002 -- KFP's name
        """Add one point of a slice's ROC curve."""
        self._metrics(slice).log_roc_data_point(fpr, tpr, threshold)

    def load_roc_readings(self, slice: str, readings: List[List[float]]) -> None:  # noqa: A002 -- KFP's name
        """Add points of a slice's ROC curve, each a list of threshold, true and false positive rate.

        Raises:
            ValueError: a reading has not three values.
        """
        for reading in readings:
            if len(reading) != 3:  # noqa: PLR2004 -- threshold, tpr, fpr
                raise ValueError("a ROC reading is [threshold, tpr, fpr], not {}".format(reading))
            self.log_roc_reading(slice, *reading)

    def set_confusion_matrix_categories(self, slice: str, categories: List[str]) -> None:  # noqa: A002 -- KFP's name
        """Name the categories of a slice's confusion matrix and fill it with zeros."""
        self._metrics(slice).set_confusion_matrix_categories(categories)

    def log_confusion_matrix_row(self, slice: str, row_category: str, row: List[int]) -> None:  # noqa: A002 -- KFP's name
        """Set one row of a slice's confusion matrix."""
        self._metrics(slice).log_confusion_matrix_row(row_category, list(row))

    def log_confusion_matrix_cell(self, slice: str, row_category: str, col_category: str, value: int) -> None:  # noqa: A002 -- KFP's name
        """Set one cell of a slice's confusion matrix."""
        self._metrics(slice).log_confusion_matrix_cell(row_category, col_category, value)

    def load_confusion_matrix(self, slice: str, categories: List[str], matrix: List[List[int]]) -> None:  # noqa: A002 -- KFP's name
        """Set a slice's whole confusion matrix."""
        self._metrics(slice).log_confusion_matrix(categories, matrix)

    def _metrics(self, name: str) -> ClassificationMetrics:
        slices = self.metadata.setdefault("evaluationSlices", [])
        for entry in slices:
            if entry["slice"] == name:
                break
        else:
            entry = {"slice": name, "sliceClassificationMetrics": {}}
            slices.append(entry)
        metrics = ClassificationMetrics()
        metrics.metadata = entry["sliceClassificationMetrics"]
        return metrics


class HTML(Artifact):
    """A page of HTML that the dashboard shows."""

    schema_title = "system.HTML"


class Markdown(Artifact):
    """A text in Markdown that the dashboard shows."""

    schema_title = "system.Markdown"


SYSTEM_ARTIFACTS = (
    Artifact,
    ClassificationMetrics,
    Dataset,
    HTML,
    Markdown,
    Metrics,
    Model,
    SlicedClassificationMetrics,
)

_task_root: Optional[str] = None


def set_task_root(uri: Optional[str]) -> None:
    """Tell `get_uri` where this step's outputs go; the executor does this before it calls the function."""
    global _task_root  # noqa: PLW0603 -- a process runs one step
    _task_root = uri


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
    return "{}/{}".format(_task_root.rstrip("/"), suffix)


def local_path(uri: str) -> str:
    """Map a URI to the path where the launcher mounts it; plain paths and unknown schemes are their own path."""
    for scheme, mount in _MOUNTS:
        if uri.startswith(scheme):
            rest = uri[len(scheme) :]
            # A model image is mounted under its name, which must be one path element.
            return mount + (rest.replace("/", "_") if scheme == "oci://" else rest)
    return uri


def remote_uri(path: str) -> str:
    """Map a mounted path back to its URI; other paths are their own URI."""
    for scheme, mount in _MOUNTS:
        if path.startswith(mount):
            rest = path[len(mount) :]
            if scheme == "oci://":
                rest = (rest[: -len("/models")] if rest.endswith("/models") else rest).replace("_", "/")
            return scheme + rest
    return path


def _index(categories: List[str], category: str) -> int:
    if category not in categories:
        raise ValueError("unknown category {!r}, expected one of {}".format(category, categories))
    return categories.index(category)
