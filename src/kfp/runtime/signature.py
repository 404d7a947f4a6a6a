"""The one reading of a component function: its inputs, its outputs, and how each is passed.

The executor calls functions by it, `dsl.component` writes component specs from it. Start with `inspect_signature`.
"""

from typing import Any, Callable, Dict, NoReturn, Optional, Tuple

from kfp.errors import SignatureError
from kfp.runtime.annotations import EMBEDDED, INPUT, OUTPUT, ArtifactAnnotation, InputPath, OutputPath, type_text
from kfp.runtime.artifacts import SYSTEM_ARTIFACTS, Artifact
from kfp.runtime.forward import evaluate, union_members
from kfp.runtime.interface import (
    ABSENT,
    ARTIFACT,
    CONFIG,
    PATH,
    RETURNED,
    SINGLE_OUTPUT,
    STATUS,
    TASK_CONFIG,
    TASK_FINAL_STATUS,
    VALUE,
    ArtifactType,
    InputParameter,
    OutputParameter,
    Signature,
)
from kfp.runtime.status import PipelineTaskFinalStatus
from kfp.runtime.structured import choices, is_dataclass, plain
from kfp.runtime.task_config import TaskConfig

__all__ = [
    "ABSENT",
    "ARTIFACT",
    "PATH",
    "RETURNED",
    "SINGLE_OUTPUT",
    "STATUS",
    "TASK_FINAL_STATUS",
    "VALUE",
    "ArtifactType",
    "InputParameter",
    "OutputParameter",
    "Signature",
    "artifact_class",
    "inspect_signature",
    "parameter_type",
]

_PARAMETER_TYPES: Dict[Any, str] = {
    str: "STRING",
    int: "NUMBER_INTEGER",
    float: "NUMBER_DOUBLE",
    bool: "BOOLEAN",
    list: "LIST",
    dict: "STRUCT",
}

_TYPE_NAMES = {
    "string": str,
    "str": str,
    "integer": int,
    "int": int,
    "float": float,
    "double": float,
    "bool": bool,
    "boolean": bool,
    "list": list,
    "jsonarray": list,
    "dict": dict,
    "jsonobject": dict,
}

_ACCEPTED = (
    "accepted are str, int, float, bool, list, dict, their typing forms such as List[int], Literal, Enum, dataclasses, "
    "Optional[...] of these, "
    "Input[...] and Output[...] of an artifact class, InputPath(...), OutputPath(...), EmbeddedInput[...], "
    "dsl.PipelineTaskFinalStatus and dsl.TaskConfig"
)
_ACCEPTED_OUTPUTS = (
    "accepted are str, int, float, bool, list, dict, their typing forms such as List[int], Literal, Enum, dataclasses, "
    "an artifact class, and a NamedTuple of these"
)

_CO_VARARGS, _CO_VARKEYWORDS = 0x04, 0x08


def inspect_signature(func: Callable[..., Any], lists: bool = False) -> Signature:
    """Read a component function.

    Args:
        func: a Python function; its annotations may be strings (`from __future__ import annotations`).
        lists: whether it may return lists of artifacts, as pipelines do.

    Returns:
        The function's inputs and outputs as KFP types.

    Raises:
        SignatureError: a parameter has no annotation or an unsupported one, a default does not fit its type, or the
            names of outputs clash. The message gives file and line.
    """
    return _Reader(func, lists).read()


def parameter_type(annotation: Any) -> Optional[str]:
    """Give the KFP parameter type of a Python type or typing form, or None if it has none."""
    values = choices(annotation)
    if values:
        kinds = {_PARAMETER_TYPES.get(type(value)) for value in values}
        return kinds.pop() if len(kinds) == 1 else None
    return "STRUCT" if is_dataclass(annotation) else _PARAMETER_TYPES.get(_python_type(annotation))


def artifact_class(annotation: Any) -> bool:
    """Tell whether an annotation is an artifact class: anything with a schema title and version."""
    return (
        isinstance(annotation, type) and hasattr(annotation, "schema_title") and hasattr(annotation, "schema_version")
    )


class _Reader:
    def __init__(self, func: Callable[..., Any], lists: bool) -> None:
        inner = func
        while hasattr(inner, "__wrapped__"):
            inner = inner.__wrapped__
        if not hasattr(inner, "__code__"):
            raise SignatureError(
                "a component is made from a Python function, not from {!r}".format(func),
                hint="write it as def name(...)",
            )
        self.func = inner
        self.lists = lists
        self.code = inner.__code__
        self.inputs: Dict[str, InputParameter] = {}
        self.outputs: Dict[str, OutputParameter] = {}
        self.embedded: Dict[str, Any] = {}

    def read(self) -> Signature:
        code = self.code
        if code.co_flags & (_CO_VARARGS | _CO_VARKEYWORDS):
            self.fail(
                "takes *args or **kwargs", "name every input: a component's interface is fixed when it is compiled"
            )
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        for name in names:
            self.read_parameter(name)
        returns_tuple = self.read_return()
        positional = names[: getattr(code, "co_posonlyargcount", 0)]
        return Signature(self.func, self.inputs, self.outputs, positional, returns_tuple, self.embedded)

    def read_parameter(self, name: str) -> None:
        annotations = self.func.__annotations__
        if name not in annotations:
            self.fail("has no type annotation for its parameter {!r}".format(name), _ACCEPTED)
        written = annotations[name]
        where = "parameter {!r}".format(name)
        if name == SINGLE_OUTPUT:
            self.fail("has a parameter named 'Output'", "rename it: that is the name of a returned value")
        annotation, nullable = self.resolve(written, where)
        default = self.default(name)
        if isinstance(annotation, OutputPath):
            self.outputs[name] = self.output(name, self.named_type(annotation.type), PATH, nullable, written)
        elif isinstance(annotation, ArtifactAnnotation) and annotation.direction == OUTPUT:
            inner, _ = self.resolve(annotation.type, where)
            if not artifact_class(inner):
                self.unsupported(where, written, "Output[...] takes an artifact class; return lists and values instead")
            self.outputs[name] = self.output(name, inner, ARTIFACT, nullable, written)
        elif isinstance(annotation, ArtifactAnnotation) and annotation.direction == EMBEDDED:
            self.embedded[name], _ = self.resolve(annotation.type, where)
            if not artifact_class(self.embedded[name]):
                self.unsupported(where, written, "EmbeddedInput[...] takes an artifact class")
        else:
            self.inputs[name] = self.input(name, annotation, nullable, default, written)

    def input(self, name: str, annotation: Any, nullable: bool, default: Any, written: Any) -> InputParameter:
        where = "parameter {!r}".format(name)
        passing = VALUE
        if isinstance(annotation, InputPath):
            passing, annotation = PATH, self.named_type(annotation.type)
        elif isinstance(annotation, ArtifactAnnotation):
            annotation, _ = self.resolve(annotation.type, where)
        if annotation is PipelineTaskFinalStatus:
            return InputParameter(name, TASK_FINAL_STATUS, None, False, ABSENT, True, STATUS, annotation, nullable)
        if annotation is TaskConfig:
            return InputParameter(name, TASK_CONFIG, None, False, ABSENT, True, CONFIG, annotation, nullable)
        optional = default is not ABSENT
        element = self.artifact_element(annotation)
        if element is not None:
            if default not in (ABSENT, None):
                self.fail(
                    "gives its {} the default {!r}".format(where, default), "an artifact can have no default but None"
                )
            return InputParameter(
                name,
                None,
                _artifact_type(element),
                element is not annotation,
                default,
                optional,
                PATH if passing == PATH else ARTIFACT,
                annotation,
                nullable,
            )
        kind = parameter_type(annotation)
        if kind is None:
            self.unsupported(where, written, _ACCEPTED)
        accepted = choices(annotation)
        if default not in (ABSENT, None) and not (
            plain(default) in accepted if accepted else _fits(kind, plain(default))
        ):
            self.fail(
                "gives its {} of type {} the default {!r}".format(where, type_text(written), default),
                "accepted are {}".format(", ".join(repr(choice) for choice in accepted))
                if accepted
                else "give a default of that type, or None",
            )
        return InputParameter(name, kind, None, False, default, optional, passing, annotation, nullable)

    def read_return(self) -> bool:
        written = self.func.__annotations__.get("return")
        if written is None:
            return False
        annotation, nullable = self.resolve(written, "return value")
        if annotation is None or annotation is type(None):
            return False
        fields = _tuple_fields(annotation)
        if fields is None:
            self.add_returned(SINGLE_OUTPUT, self.output(SINGLE_OUTPUT, annotation, RETURNED, nullable, written))
            return False
        for name, field in fields.items():
            inner, nullable = self.resolve(field, "output {!r}".format(name))
            self.add_returned(name, self.output(name, inner, RETURNED, nullable, field))
        return True

    def add_returned(self, name: str, output: OutputParameter) -> None:
        if name in self.outputs:
            self.fail("has two outputs named {!r}".format(name), "rename the parameter or the returned field")
        self.outputs[name] = output

    def output(self, name: str, annotation: Any, passing: str, nullable: bool, written: Any) -> OutputParameter:
        if artifact_class(annotation):
            return OutputParameter(name, None, _artifact_type(annotation), passing, annotation, nullable)
        kind = parameter_type(annotation)
        element = None if annotation is None else self.artifact_element(annotation)
        if element is not None and self.lists and passing == RETURNED:
            return OutputParameter(name, None, _artifact_type(element), passing, annotation, nullable, True)
        if kind is None or element is not None:
            where = "output {!r}".format(name)
            if element is not None:
                self.unsupported(where, written, "a list of artifacts can be an input of a component, not an output")
            self.unsupported(where, written, _ACCEPTED_OUTPUTS)
        return OutputParameter(name, kind, None, passing, annotation, nullable)

    def resolve(self, annotation: Any, where: str) -> Tuple[Any, bool]:
        """Evaluate strings and take Optional and Annotated off; the flag says whether None is allowed."""
        nullable = False
        while True:
            forward = getattr(annotation, "__forward_arg__", annotation)
            if isinstance(forward, str):
                annotation = self.evaluate(forward, where)
            elif hasattr(annotation, "__metadata__"):
                annotation = annotation.__origin__
            else:
                members = union_members(annotation)
                present = [member for member in members if member is not type(None)]
                if not members or len(present) != 1:
                    return annotation, nullable
                nullable = nullable or len(present) < len(members)
                annotation = present[0]

    def evaluate(self, text: str, where: str) -> Any:
        try:
            return evaluate(text, self.func.__globals__)
        except Exception as error:
            known = _TYPE_NAMES.get(text.lower())
            if known is not None:
                return known
            raise SignatureError(
                "{}: the annotation {!r} of the {} of {!r} cannot be evaluated: {}".format(
                    self.place(), text, where, self.func.__name__, error
                ),
                hint="import or define at the top of the module what the annotation names",
            ) from error

    def named_type(self, type_: Any) -> Any:
        """Give the type that InputPath(...) or OutputPath(...) means; names that are not known mean any artifact."""
        if type_ is None:
            return Artifact
        if not isinstance(type_, str):
            return self.resolve(type_, "path")[0]
        for known in SYSTEM_ARTIFACTS:
            if type_ == known.__name__:
                return known
        title, _, version = type_.partition("@")
        if version:
            return type(title.rpartition(".")[2], (Artifact,), {"schema_title": title, "schema_version": version})
        return _TYPE_NAMES.get(type_.lower(), Artifact)

    def artifact_element(self, annotation: Any) -> Any:
        """Give the artifact class of an artifact or of a list of artifacts, else None."""
        if artifact_class(annotation):
            return annotation
        arguments: Any = getattr(annotation, "__args__", None) or ()
        if _python_type(annotation) is list and len(arguments) == 1 and not hasattr(arguments[0], "__constraints__"):
            element = arguments[0]
            if hasattr(element, "__forward_arg__") or isinstance(element, str):
                element = self.resolve(element, "list")[0]
            if isinstance(element, ArtifactAnnotation) and element.direction == INPUT:
                element = self.resolve(element.type, "list")[0]
            if artifact_class(element):
                return element
        return None

    def default(self, name: str) -> Any:
        code = self.code
        keyword = self.func.__kwdefaults__ or {}
        if name in keyword:
            return keyword[name]
        values = self.func.__defaults__ or ()
        named = code.co_varnames[: code.co_argcount][code.co_argcount - len(values) :]
        return values[named.index(name)] if name in named else ABSENT

    def place(self) -> str:
        return "{}:{}".format(self.code.co_filename, self.code.co_firstlineno)

    def fail(self, what: str, hint: str) -> NoReturn:
        raise SignatureError("{}: component function {!r} {}".format(self.place(), self.func.__name__, what), hint=hint)

    def unsupported(self, where: str, written: Any, hint: str) -> NoReturn:
        text = written if isinstance(written, str) else type_text(written)
        self.fail("annotates its {} with {}, which is not supported".format(where, text), hint)


def _python_type(annotation: Any) -> Any:
    """Give `list` for List, List[int] and list[int], and so on; other annotations are returned as they are."""
    origin = getattr(annotation, "__origin__", None)
    return annotation if origin is None else origin


def _artifact_type(class_: Any) -> ArtifactType:
    return ArtifactType(class_.schema_title, class_.schema_version, class_)


def _tuple_fields(annotation: Any) -> Optional[Dict[str, Any]]:
    if not (isinstance(annotation, type) and issubclass(annotation, tuple) and hasattr(annotation, "_fields")):
        return None
    types = getattr(annotation, "__annotations__", {})
    return {field: types.get(field, object) for field in annotation._fields}


def _fits(kind: str, value: Any) -> bool:
    if kind == "NUMBER_INTEGER":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if kind == "NUMBER_DOUBLE":
        return isinstance(value, (int, float))
    if kind == "BOOLEAN":
        return isinstance(value, bool) or value in (0, 1)
    return isinstance(value, {"STRING": str, "LIST": list, "STRUCT": dict}[kind])
