from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kfp import dsl
from kfp.errors import RunError
from kfp.runtime.artifacts import set_task_root
from kfp.runtime.system_artifacts import SYSTEM_ARTIFACTS


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("gs://bucket/a", "/gcs/bucket/a"),
        ("s3://bucket/a", "/s3/bucket/a"),
        ("minio://bucket/a", "/minio/bucket/a"),
        ("oci://registry/model:v1", "/oci/registry_model:v1"),
        ("/data/a", "/data/a"),
        ("file:///data/a", "file:///data/a"),
        ("https://host/a", "https://host/a"),
        ("", ""),
    ],
)
def test_path_follows_from_the_uri(uri: str, path: str) -> None:
    assert dsl.Artifact(uri=uri).path == path


@pytest.mark.parametrize(
    ("path", "uri"),
    [("/gcs/b/a", "gs://b/a"), ("/s3/b", "s3://b"), ("/minio/b", "minio://b"), ("/oci/r_m", "oci://r/m"), ("/q", "/q")],
)
def test_setting_the_path_sets_the_uri(path: str, uri: str) -> None:
    artifact = dsl.Artifact(uri="gs://elsewhere")
    artifact.path = path
    assert artifact.uri == uri


def test_a_custom_path_wins() -> None:
    artifact = dsl.Artifact(uri="gs://b/a")
    artifact.set_path("/mine")
    assert (artifact.path, artifact.custom_path, artifact.uri) == ("/mine", "/mine", "gs://b/a")


def test_a_model_image_holds_the_model_under_models() -> None:
    model = dsl.Model(uri="oci://r/m:v1")
    assert model.path == "/oci/r_m:v1/models"
    model.path = "/oci/r_m/models"
    assert model.uri == "oci://r/m"
    model.framework = "torch"
    assert model.metadata == {"framework": "torch"}
    assert dsl.Model(uri="gs://b").path == "/gcs/b"


def test_schema_titles() -> None:
    assert {
        name: (class_.__name__, class_.schema_title, class_.schema_version) for name, class_ in SYSTEM_ARTIFACTS.items()
    } == {name: (name, f"system.{name}", "0.0.1") for name in SYSTEM_ARTIFACTS}


def test_metadata_is_the_callers_own() -> None:
    metadata = {"rows": 3}
    assert dsl.Dataset(metadata=metadata).metadata is metadata
    assert dsl.Dataset().metadata == {}
    assert "rows" in repr(dsl.Dataset(name="n", uri="u", metadata=metadata))


def test_metrics() -> None:
    metrics = dsl.Metrics()
    metrics.log_metric("accuracy", 0.5)
    assert metrics.metadata == {"accuracy": 0.5}


def test_roc_curve() -> None:
    metrics = dsl.ClassificationMetrics()
    metrics.log_roc_curve([0.1], [0.2], [0.3])
    assert metrics.metadata == {
        "confidenceMetrics": [{"confidenceThreshold": 0.3, "recall": 0.2, "falsePositiveRate": 0.1}]
    }


def test_confusion_matrix() -> None:
    metrics = dsl.ClassificationMetrics()
    metrics.set_confusion_matrix_categories(["cat", "dog"])
    metrics.log_confusion_matrix_row("cat", [1, 2])
    metrics.log_confusion_matrix_cell("dog", "cat", 5)
    expected = {
        "confusionMatrix": {
            "annotationSpecs": [{"displayName": "cat"}, {"displayName": "dog"}],
            "rows": [{"row": [1, 2]}, {"row": [5, 0]}],
        }
    }
    assert metrics.metadata == expected
    whole = dsl.ClassificationMetrics()
    whole.log_confusion_matrix(["cat", "dog"], [[1, 2], [5, 0]])
    assert whole.metadata == expected


def test_slices_keep_their_metrics_apart() -> None:
    metrics = dsl.SlicedClassificationMetrics()
    metrics.load_roc_readings("old", [[0.3, 0.2, 0.1]])
    metrics.load_confusion_matrix("new", ["a"], [[1]])
    metrics.log_confusion_matrix_cell("new", "a", "a", 4)
    old, new = metrics.metadata["evaluationSlices"]
    assert old["slice"] == "old"
    assert old["sliceClassificationMetrics"]["confidenceMetrics"][0]["recall"] == 0.2
    assert new["sliceClassificationMetrics"]["confusionMatrix"]["rows"] == [{"row": [4]}]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: m.log_roc_curve([1], [1, 2], [1]), "same length, not 1, 2 and 1"),
        (lambda m: m.log_confusion_matrix(["a"], [[1, 2]]), "does not fit the categories"),
        (lambda m: m.log_confusion_matrix_row("a", [1]), "no categories yet"),
        (lambda m: (m.set_confusion_matrix_categories(["a"]), m.log_confusion_matrix_row("b", [1])), "category 'b'"),
        (lambda m: (m.set_confusion_matrix_categories(["a"]), m.log_confusion_matrix_row("a", [1, 2])), "2 values"),
        (lambda m: (m.set_confusion_matrix_categories(["a"]), m.log_confusion_matrix_cell("a", "b", 1)), "'b'"),
    ],
)
def test_metrics_that_do_not_fit(call: Callable[[Any], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(dsl.ClassificationMetrics())


def test_get_uri_outside_a_step() -> None:
    set_task_root(None)
    with pytest.raises(RunError, match="only inside a running step"):
        dsl.get_uri()


def test_get_uri_in_a_step() -> None:
    set_task_root("gs://b/run/task")
    try:
        assert dsl.get_uri() == "gs://b/run/task/Output"
        assert dsl.get_uri("a/b") == "gs://b/run/task/a/b"
    finally:
        set_task_root(None)
