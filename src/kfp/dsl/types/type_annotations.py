"""Annotations under KFP's module path, and questions about them; they are defined in `kfp.runtime.annotations`."""

from typing import Any, Dict, TypeVar

from kfp.runtime.annotations import EMBEDDED, INPUT, OUTPUT, ArtifactAnnotation, InputPath, OutputPath
from kfp.runtime.artifact_types import artifact_class, named_type
from kfp.runtime.artifacts import Artifact
from kfp.runtime.forward import union_members
from kfp.runtime.parameter_types import parameter_type

__all__ = [
    "EmbeddedAnnotation",
    "InputAnnotation",
    "InputPath",
    "OutputAnnotation",
    "OutputPath",
    "construct_type_for_inputpath_or_outputpath",
    "get_inner_type",
    "get_input_or_output_marker",
    "get_io_artifact_class",
    "get_short_type_name",
    "is_Input_Output_artifact_annotation",
    "is_artifact_class",
    "is_artifact_wrapped_in_Input",
    "is_artifact_wrapped_in_Output",
    "is_embedded_input_annotation",
    "is_generic_list",
    "is_list_of_artifacts",
    "issubclass_of_artifact",
    "maybe_strip_optional_from_annotation",
    "maybe_strip_optional_from_annotation_string",
    "strip_Input_or_Output_marker",
]

T = TypeVar("T")


class OutputAnnotation:
    """What `get_input_or_output_marker` gives for `Output[...]`."""


class InputAnnotation:
    """What `get_input_or_output_marker` gives for `Input[...]`."""


class EmbeddedAnnotation:
    """What `get_input_or_output_marker` gives for `EmbeddedInput[...]`."""


_PARAMETER_NAMES = ("string", "integer", "float", "boolean", "bool", "list", "dict", "int", "str", "double")
_MARKERS: Dict[Any, Any] = {INPUT: InputAnnotation, OUTPUT: OutputAnnotation, EMBEDDED: EmbeddedAnnotation}


def construct_type_for_inputpath_or_outputpath(type_: Any) -> Any:
    """Give what `InputPath(...)` or `OutputPath(...)` means: a parameter type as it is, else an artifact type."""
    if parameter_type(type_) is not None or (isinstance(type_, str) and type_.lower() in _PARAMETER_NAMES):
        return type_
    if isinstance(type_, str):
        type_ = named_type(type_)
    class_ = type_ if artifact_class(type_) else Artifact
    return "{}@{}".format(class_.schema_title, class_.schema_version)


def is_Input_Output_artifact_annotation(typ: Any) -> bool:  # noqa: N802 -- KFP's name
    """Tell whether an annotation is `Input[...]` or `Output[...]`."""
    return _direction(typ) in (INPUT, OUTPUT)


def is_embedded_input_annotation(typ: Any) -> bool:
    """Tell whether an annotation is `EmbeddedInput[...]`."""
    return bool(_direction(typ) == EMBEDDED)


def is_artifact_wrapped_in_Input(typ: Any) -> bool:  # noqa: N802 -- KFP's name
    """Tell whether an annotation is `Input[...]`."""
    return bool(_direction(typ) == INPUT)


def is_artifact_wrapped_in_Output(typ: Any) -> bool:  # noqa: N802 -- KFP's name
    """Tell whether an annotation is `Output[...]`."""
    return bool(_direction(typ) == OUTPUT)


def get_io_artifact_class(typ: Any) -> Any:
    """Give what stands in the brackets of `Input[...]` or `Output[...]`, or None for another annotation."""
    if not isinstance(typ, ArtifactAnnotation) or typ.direction == EMBEDDED:
        return None
    return get_inner_type(typ.type) if is_generic_list(typ.type) else typ.type


def get_input_or_output_marker(typ: Any) -> Any:
    """Give `InputAnnotation`, `OutputAnnotation`, `EmbeddedAnnotation`, or None for another annotation."""
    return _MARKERS.get(_direction(typ))


def strip_Input_or_Output_marker(typ: Any) -> Any:  # noqa: N802 -- KFP's name
    """Give what stands in the brackets, or another annotation as it is."""
    return typ.type if isinstance(typ, ArtifactAnnotation) else typ


def maybe_strip_optional_from_annotation(annotation: T) -> T:
    """Give T for `Optional[T]`, or another annotation as it is."""
    present = [member for member in union_members(annotation) if member is not type(None)]
    return present[0] if len(present) == 1 else annotation


def maybe_strip_optional_from_annotation_string(annotation: str) -> str:
    """Give `T` for the text `Optional[T]`, or another text as it is."""
    if annotation.startswith("Optional[") and annotation.endswith("]"):
        return annotation[len("Optional[") : -1]
    return annotation


def get_short_type_name(type_name: str) -> str:
    """Give `List` for `typing.List[int]`."""
    return type_name.partition("[")[0].rpartition(".")[2]


def is_artifact_class(artifact_class_or_instance: Any) -> bool:
    """Tell whether a class or an object is an artifact: it has a schema title and version."""
    return hasattr(artifact_class_or_instance, "schema_title") and hasattr(artifact_class_or_instance, "schema_version")


def issubclass_of_artifact(obj: Any) -> bool:
    """Tell whether an object is an artifact class."""
    return artifact_class(obj)


def is_generic_list(annotation: Any) -> bool:
    """Tell whether an annotation is `List[...]` or `list[...]`."""
    return annotation is list or getattr(annotation, "__origin__", None) is list


def get_inner_type(annotation: Any) -> Any:
    """Give the type in an annotation's brackets: None without brackets, a tuple where there are several."""
    if isinstance(annotation, ArtifactAnnotation):
        return annotation.type
    arguments: Any = getattr(annotation, "__args__", None) or ()
    return tuple(arguments) if len(arguments) > 1 else arguments[0] if arguments else None


def is_list_of_artifacts(annotation: Any) -> bool:
    """Tell whether an annotation is a list of artifacts."""
    return is_generic_list(annotation) and artifact_class(get_inner_type(annotation))


def _direction(typ: Any) -> Any:
    """Give the direction of `Input[...]` and its like, with or without brackets, or None for another annotation."""
    return None if isinstance(typ, type) else getattr(typ, "direction", None)
