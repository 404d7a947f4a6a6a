"""What of the runtime a lightweight component's step needs, as its source and signature tell."""

from __future__ import annotations

import re

from kfp.bundle.payload import PARTS
from kfp.dsl.python_component import PythonComponent
from kfp.runtime.interface import Signature
from kfp.runtime.signature import inspect_signature
from kfp.runtime.structured import choices, is_dataclass
from kfp.runtime.written import write

_MENTIONS = {
    "classification": re.compile(r"\bArtifact\b|ClassificationMetrics"),  # a plain artifact may be such metrics
    "status": re.compile("PipelineTaskFinalStatus"),
    "task_config": re.compile("TaskConfig"),
}
_MODERN_SYNTAX = re.compile(r"\||\b(?:dict|list|tuple|set|frozenset|type)\[")


def step_parts(component: PythonComponent, source: str) -> tuple[frozenset[str], str | None]:
    """Return the names of the parts, of `kfp.bundle.payload.PARTS`, and the signature as `kfp.runtime.written` has it.

    Where the signature is None, the step reads it.

    Args:
        component: the component.
        source: the module that its step runs.
    """
    if component.settings.embedded is not None:  # its modules may name anything
        return frozenset(PARTS), None
    parts = {part for part, pattern in _MENTIONS.items() if pattern.search(source)}
    signature = inspect_signature(component.python_func)
    written = write(signature)
    if written is None:
        parts |= _reading(signature, source)
    return frozenset(parts), written


def _reading(signature: Signature, source: str) -> set[str]:
    """Give the parts that read a signature, and make what only a reader knows of."""
    parts = {"signature"}
    if _MODERN_SYNTAX.search(source):
        parts.add("modern_syntax")
    if any(_is_constructed(taken.annotation) for taken in signature.inputs.values()):
        parts.add("construction")
    return parts


def _is_constructed(annotation: object) -> bool:
    """Tell whether values for an annotation are made from JSON: Enum, Literal, dataclasses, also inside of lists."""
    if choices(annotation) or is_dataclass(annotation):
        return True
    return any(_is_constructed(inner) for inner in getattr(annotation, "__args__", None) or ())
