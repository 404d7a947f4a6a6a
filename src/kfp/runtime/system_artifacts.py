"""KFP's system artifacts by name: a schema title is `system.` and the name of the class."""

from typing import Any, Dict

from kfp.runtime.artifacts import HTML, Artifact, Dataset, Markdown, Metrics, Model
from kfp.runtime.classification import ClassificationMetrics, SlicedClassificationMetrics

SYSTEM_ARTIFACTS: Dict[str, Any] = {
    "Artifact": Artifact,
    "ClassificationMetrics": ClassificationMetrics,
    "Dataset": Dataset,
    "HTML": HTML,
    "Markdown": Markdown,
    "Metrics": Metrics,
    "Model": Model,
    "SlicedClassificationMetrics": SlicedClassificationMetrics,
}
"""The classes by name. In a step, those that did not travel are stand-ins."""


def titled(title: str) -> Any:
    """Give the class of a schema title; unknown ones are plain artifacts."""
    system, _, name = title.partition(".")
    return SYSTEM_ARTIFACTS.get(name, Artifact) if system == "system" else Artifact
