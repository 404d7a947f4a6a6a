"""`kfp/dsl/__init__.py` of the embedded bundle: what a step uses; the authoring language is stand-ins."""
# ruff: noqa: F401 -- the names are for components

from kfp.runtime.absent import StandIn as _StandIn
from kfp.runtime.annotations import EmbeddedInput, Input, InputPath, Output, OutputPath
from kfp.runtime.artifacts import HTML, Artifact, Dataset, Markdown, Metrics, Model, get_uri
from kfp.runtime.classification import ClassificationMetrics, SlicedClassificationMetrics
from kfp.runtime.status import PipelineTaskFinalStatus
from kfp.runtime.task_config import TaskConfig


def __getattr__(name: str) -> _StandIn:
    if name.startswith("_"):
        raise AttributeError(name)
    return _StandIn("kfp.dsl", name)
