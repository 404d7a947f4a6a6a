"""Metrics of classification, in the form that the KFP dashboard draws: confusion matrices and ROC curves."""

from typing import Any, Dict, List

from kfp.runtime.artifacts import Artifact


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


def _index(categories: List[str], category: str) -> int:
    if category not in categories:
        raise ValueError("unknown category {!r}, expected one of {}".format(category, categories))
    return categories.index(category)
