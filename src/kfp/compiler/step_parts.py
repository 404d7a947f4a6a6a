"""Which parts of the runtime a lightweight component's step needs, as its source and signature tell."""

from __future__ import annotations

import re

from kfp.bundle.payload import PARTS
from kfp.dsl.python_component import PythonComponent
from kfp.runtime.signature import inspect_signature
from kfp.runtime.structured import choices, is_dataclass

_MENTIONS = {
    "classification": re.compile(r"\bArtifact\b|ClassificationMetrics"),  # a plain artifact may be such metrics
    "modern_syntax": re.compile(r"\||\b(?:dict|list|tuple|set|frozenset|type)\["),
    "status": re.compile("PipelineTaskFinalStatus"),
    "task_config": re.compile("TaskConfig"),
}


def step_parts(component: PythonComponent, source: str) -> frozenset[str]:
    """Return the names of the parts, of `kfp.bundle.payload.PARTS`.

    Args:
        component: the component.
        source: the module that its step runs.
    """
    if component.settings.embedded is not None:  # its modules may name anything
        return frozenset(PARTS)
    parts = {part for part, pattern in _MENTIONS.items() if pattern.search(source)}
    inputs = inspect_signature(component.python_func).inputs.values()
    if any(_is_constructed(taken.annotation) for taken in inputs):
        parts.add("construction")
    return frozenset(parts)


def _is_constructed(annotation: object) -> bool:
    """Tell whether values for an annotation are made from JSON: Enum, Literal, dataclasses, also inside of lists."""
    if choices(annotation) or is_dataclass(annotation):
        return True
    return any(_is_constructed(inner) for inner in getattr(annotation, "__args__", None) or ())
