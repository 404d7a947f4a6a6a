"""Artifact types: which classes are artifacts, and which a name or a list stands for."""

from typing import Any

from kfp.runtime.annotations import INPUT, ArtifactAnnotation
from kfp.runtime.artifacts import Artifact
from kfp.runtime.interface import ArtifactType
from kfp.runtime.parameter_types import NAMED_TYPES, python_type
from kfp.runtime.system_artifacts import SYSTEM_ARTIFACTS


def artifact_class(annotation: Any) -> bool:
    """Tell whether an annotation is an artifact class: anything with a schema title and version."""
    return (
        isinstance(annotation, type) and hasattr(annotation, "schema_title") and hasattr(annotation, "schema_version")
    )


def artifact_type(class_: Any) -> ArtifactType:
    """Give the type that an artifact class stands for."""
    return ArtifactType(class_.schema_title, class_.schema_version, class_)


def named_type(name: str) -> Any:
    """Give the type that a text names, in whatever case; unknown names mean any artifact."""
    for known, class_ in SYSTEM_ARTIFACTS.items():
        if name.lower() == known.lower():
            return class_
    return NAMED_TYPES.get(name.lower(), Artifact)


def list_element(annotation: Any) -> Any:
    """Give what stands in the brackets of a list, without its Input[...], or None for another annotation."""
    arguments: Any = getattr(annotation, "__args__", None) or ()
    if python_type(annotation) is not list or len(arguments) != 1 or hasattr(arguments[0], "__constraints__"):
        return None
    element = arguments[0]
    return element.type if isinstance(element, ArtifactAnnotation) and element.direction == INPUT else element
