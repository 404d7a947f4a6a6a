"""The one reading of a component function: its inputs, its outputs, and how each is passed.

The executor calls functions by it, `dsl.component` writes component specs from it. Start with `inspect_signature`.
"""

from typing import Any, Callable, Dict, NoReturn, Optional, Tuple

from kfp.errors import SignatureError
from kfp.location import definition
from kfp.runtime.annotations import EMBEDDED, OUTPUT, ArtifactAnnotation, InputPath, OutputPath, type_text
from kfp.runtime.artifact_types import artifact_class, artifact_type, list_element, named_type
from kfp.runtime.artifacts import Artifact
from kfp.runtime.forward import Unresolved, resolve
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
    InputParameter,
    OutputParameter,
    Signature,
)
from kfp.runtime.parameter_types import parameter_type
from kfp.runtime.status import PipelineTaskFinalStatus
from kfp.runtime.task_config import TaskConfig

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
        SignatureError: a parameter has no annotation or an unsupported one, an artifact has a default, or the names of
            outputs clash. The message gives file and line.
    """
    return _Reader(func, lists).read()


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
            self.outputs[name] = self.output(name, self.path_type(annotation.type, where), PATH, nullable, written)
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
            passing, annotation = PATH, self.path_type(annotation.type, where)
        elif isinstance(annotation, ArtifactAnnotation):
            annotation, _ = self.resolve(annotation.type, where)
        if annotation is PipelineTaskFinalStatus:
            return InputParameter(name, TASK_FINAL_STATUS, None, False, ABSENT, True, STATUS, annotation, nullable)
        if annotation is TaskConfig:
            return InputParameter(name, TASK_CONFIG, None, False, ABSENT, True, CONFIG, annotation, nullable)
        optional = default is not ABSENT
        element = self.artifact_element(annotation, where)
        if element is not None:
            if default not in (ABSENT, None):
                self.fail(
                    "gives its {} the default {!r}".format(where, default), "an artifact can have no default but None"
                )
            return InputParameter(
                name,
                None,
                artifact_type(element),
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
        where = "output {!r}".format(name)
        if artifact_class(annotation):
            return OutputParameter(name, None, artifact_type(annotation), passing, annotation, nullable)
        kind = parameter_type(annotation)
        element = None if annotation is None else self.artifact_element(annotation, where)
        if element is not None and self.lists and passing == RETURNED:
            return OutputParameter(name, None, artifact_type(element), passing, annotation, nullable, True)
        if kind is None or element is not None:
            if element is not None:
                self.unsupported(where, written, "a list of artifacts can be an input of a component, not an output")
            self.unsupported(where, written, _ACCEPTED_OUTPUTS)
        return OutputParameter(name, kind, None, passing, annotation, nullable)

    def resolve(self, annotation: Any, where: str) -> Tuple[Any, bool]:
        try:
            return resolve(annotation, self.func.__globals__)
        except Unresolved as error:
            raise SignatureError(
                "the {} of component function {!r}: {}".format(where, self.func.__name__, error),
                hint="import or define at the top of the module what the annotation names",
                location=definition(self.func),
            ) from error

    def path_type(self, type_: Any, where: str) -> Any:
        """Give the type that InputPath(...) or OutputPath(...) means."""
        if type_ is None:
            return Artifact
        return named_type(type_) if isinstance(type_, str) else self.resolve(type_, where)[0]

    def artifact_element(self, annotation: Any, where: str) -> Any:
        """Give the artifact class of an artifact or of a list of artifacts, else None."""
        if artifact_class(annotation):
            return annotation
        element = list_element(annotation)
        if hasattr(element, "__forward_arg__") or isinstance(element, str):
            element, _ = self.resolve(element, where)
        return element if artifact_class(element) else None

    def default(self, name: str) -> Any:
        code = self.code
        keyword = self.func.__kwdefaults__ or {}
        if name in keyword:
            return keyword[name]
        values = self.func.__defaults__ or ()
        named = code.co_varnames[: code.co_argcount][code.co_argcount - len(values) :]
        return values[named.index(name)] if name in named else ABSENT

    def fail(self, what: str, hint: str) -> NoReturn:
        raise SignatureError(
            "component function {!r} {}".format(self.func.__name__, what), hint=hint, location=definition(self.func)
        )

    def unsupported(self, where: str, written: Any, hint: str) -> NoReturn:
        text = written if isinstance(written, str) else type_text(written)
        self.fail("annotates its {} with {}, which is not supported".format(where, text), hint)


def _tuple_fields(annotation: Any) -> Optional[Dict[str, Any]]:
    if not (isinstance(annotation, type) and issubclass(annotation, tuple) and hasattr(annotation, "_fields")):
        return None
    types = getattr(annotation, "__annotations__", {})
    return {field: types.get(field, object) for field in annotation._fields}
