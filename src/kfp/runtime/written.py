"""A signature as text: the Python expression that makes it, for steps to which the reader does not travel.

What `kfp.runtime.signature` read where the component was written is then what its step calls the function by.
"""

from typing import Any, Callable, Dict, List, Optional, Union

from kfp.runtime.artifact_types import artifact_type
from kfp.runtime.forward import union_members
from kfp.runtime.interface import ABSENT, PATH, VALUE, ArtifactType, InputParameter, OutputParameter, Signature
from kfp.runtime.parameter_types import python_type
from kfp.runtime.system_artifacts import SYSTEM_ARTIFACTS


def read(text: str, function: Callable[..., Any]) -> Signature:
    """Give the signature of a function from its text, which is a part of the step's program."""
    names: Dict[str, Any] = dict(SYSTEM_ARTIFACTS, Any=Any, Dict=Dict, List=List, Union=Union, ABSENT=ABSENT)
    names.update(Signature=Signature, InputParameter=InputParameter, OutputParameter=OutputParameter)
    names.update(function=function, artifact=artifact_type)
    signature: Signature = eval(text, names)  # noqa: S307
    return signature


def write(signature: Signature) -> Optional[str]:
    """Give a signature as text.

    Left out is what no step asks for: the values of defaults, which the function itself has, and the annotations of
    artifacts.

    Returns:
        ASCII characters, or None where an annotation has what a step does not know by name: a class of its author's, or
        a rare form. The step reads the function then.
    """
    try:
        return _text(signature._replace(function=_FUNCTION))
    except _UnknownType:
        return None


class _Name(str):
    """Stands for itself in the text."""

    __slots__ = ()


_FUNCTION: Any = _Name("function")


class _UnknownType(Exception):
    pass


def _text(value: Any) -> str:
    if isinstance(value, ArtifactType):
        return "artifact({})".format(_type_text(value.python_class))
    if isinstance(value, InputParameter):
        is_value = value.artifact is None and value.passing in (VALUE, PATH)
        annotation = value.annotation if is_value else None
        value = value._replace(default=_Name("ABSENT" if value.default is ABSENT else "None"), annotation=annotation)
    elif isinstance(value, OutputParameter) and value.artifact is not None:
        value = value._replace(annotation=None)
    if isinstance(value, tuple):
        name = type(value).__name__ if hasattr(value, "_fields") else ""
        return "{}({})".format(name, "".join(_text(item) + "," for item in value))
    if isinstance(value, dict):
        return "{{{}}}".format(",".join("{}:{}".format(_text(key), _text(item)) for key, item in value.items()))
    if isinstance(value, _Name):
        return value
    return ascii(value) if value is None or isinstance(value, (str, bool)) else _type_text(value)


_TYPES = dict(SYSTEM_ARTIFACTS, str=str, int=int, float=float, bool=bool, list=list, dict=dict, Any=Any)
_FORMS = {list: "List", dict: "Dict"}


def _type_text(annotation: Any) -> str:
    if annotation is type(None):
        return "None"
    for name, known in _TYPES.items():
        if annotation is known:
            return name
    members = union_members(annotation)
    form = "Union" if members else _FORMS.get(python_type(annotation))
    if form is None:
        raise _UnknownType
    arguments = members or getattr(annotation, "__args__", None) or ()
    return "{}[{}]".format(form, ",".join(map(_type_text, arguments))) if arguments else form
