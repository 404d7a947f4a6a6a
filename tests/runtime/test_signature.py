from __future__ import annotations

import functools
import typing
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from kfp import dsl
from kfp.dsl import Artifact, Model
from kfp.errors import AuthoringError
from kfp.runtime.interface import ABSENT, ARTIFACT, PATH, STATUS, VALUE
from kfp.runtime.signature import inspect_signature


class Mine(Artifact):
    schema_title = "acme.Mine"
    schema_version = "1.2.0"


class Pair(NamedTuple):
    number: int
    model: Model
    note: str | None = None


NAMES = {
    **{name: getattr(typing, name) for name in ("Annotated", "Any", "Dict", "List", "NamedTuple", "Optional", "Union")},
    **{name: getattr(dsl, name) for name in ("Dataset", "Input", "InputPath", "Output", "OutputPath")},
    **{name: getattr(dsl, name) for name in ("Model", "PipelineTaskFinalStatus")},
    "Mine": Mine,
    "Pair": Pair,
}


def function(signature: str) -> Callable[..., Any]:
    namespace: dict[str, Any] = dict(NAMES)
    source = compile(f"def component{signature}: pass", "/src/component.py", "exec", dont_inherit=True)
    exec(source, namespace)  # noqa: S102 -- the function under test
    made: Callable[..., Any] = namespace["component"]
    return made


PARAMETERS = {
    "str": ("STRING", VALUE, False),
    "int": ("NUMBER_INTEGER", VALUE, False),
    "float": ("NUMBER_DOUBLE", VALUE, False),
    "bool": ("BOOLEAN", VALUE, False),
    "list": ("LIST", VALUE, False),
    "dict": ("STRUCT", VALUE, False),
    "List": ("LIST", VALUE, False),
    "List[int]": ("LIST", VALUE, False),
    "list[int]": ("LIST", VALUE, False),
    "List[List[int]]": ("LIST", VALUE, False),
    "Dict[str, int]": ("STRUCT", VALUE, False),
    "Optional[int]": ("NUMBER_INTEGER", VALUE, True),
    "int | None": ("NUMBER_INTEGER", VALUE, True),
    "'int | None'": ("NUMBER_INTEGER", VALUE, True),
    "'list[int]'": ("LIST", VALUE, False),
    "'Integer'": ("NUMBER_INTEGER", VALUE, False),
    "Union[None, str]": ("STRING", VALUE, True),
    "InputPath(int)": ("NUMBER_INTEGER", PATH, False),
    "InputPath('String')": ("STRING", PATH, False),
    "Annotated[str, InputPath(int)]": ("NUMBER_INTEGER", PATH, False),
    "Annotated[str, 'a note']": ("STRING", VALUE, False),
    "PipelineTaskFinalStatus": ("TASK_FINAL_STATUS", STATUS, False),
}


@pytest.mark.parametrize("annotation", PARAMETERS)
def test_input_parameter(annotation: str) -> None:
    (input_,) = inspect_signature(function(f"(a: {annotation})")).inputs.values()
    assert (input_.type, input_.passing, input_.nullable) == PARAMETERS[annotation]
    assert input_.artifact is None
    assert input_.optional == (input_.passing == STATUS)
    assert input_.default is ABSENT


ARTIFACTS = {
    "Input[Dataset]": ("system.Dataset", "0.0.1", False, ARTIFACT),
    "'Input[Dataset]'": ("system.Dataset", "0.0.1", False, ARTIFACT),
    "Input['Dataset']": ("system.Dataset", "0.0.1", False, ARTIFACT),
    "Optional[Input[Dataset]]": ("system.Dataset", "0.0.1", False, ARTIFACT),
    "Dataset": ("system.Dataset", "0.0.1", False, ARTIFACT),
    "Input[Mine]": ("acme.Mine", "1.2.0", False, ARTIFACT),
    "Input[List[Model]]": ("system.Model", "0.0.1", True, ARTIFACT),
    "List[Input[Model]]": ("system.Model", "0.0.1", True, ARTIFACT),
    "List['Model']": ("system.Model", "0.0.1", True, ARTIFACT),
    "InputPath()": ("system.Artifact", "0.0.1", False, PATH),
    "InputPath('Dataset')": ("system.Dataset", "0.0.1", False, PATH),
    "InputPath(Model)": ("system.Model", "0.0.1", False, PATH),
    "InputPath('anything')": ("system.Artifact", "0.0.1", False, PATH),
    "InputPath('dataset')": ("system.Dataset", "0.0.1", False, PATH),
    "InputPath('system.Dataset')": ("system.Artifact", "0.0.1", False, PATH),
    "InputPath('google.Mine@1.2.0')": ("system.Artifact", "0.0.1", False, PATH),
}


@pytest.mark.parametrize("annotation", ARTIFACTS)
def test_input_artifact(annotation: str) -> None:
    (input_,) = inspect_signature(function(f"(a: {annotation})")).inputs.values()
    assert input_.artifact is not None
    assert (*input_.artifact[:2], input_.is_artifact_list, input_.passing) == ARTIFACTS[annotation]
    assert input_.type is None


OUTPUTS = {
    "() -> int": {"Output": "NUMBER_INTEGER"},
    "() -> 'int | None'": {"Output": "NUMBER_INTEGER"},
    "() -> Dict[str, int]": {"Output": "STRUCT"},
    "() -> Dataset": {"Output": "system.Dataset"},
    "() -> Mine": {"Output": "acme.Mine"},
    "() -> None": {},
    "()": {},
    "() -> Pair": {"number": "NUMBER_INTEGER", "model": "system.Model", "note": "STRING"},
    "() -> 'Pair'": {"number": "NUMBER_INTEGER", "model": "system.Model", "note": "STRING"},
    "() -> NamedTuple('O', [('a', int), ('d', Dataset)])": {"a": "NUMBER_INTEGER", "d": "system.Dataset"},
    "() -> NamedTuple('O', [('a', 'List[int]')])": {"a": "LIST"},
    "(o: Output[Model], p: OutputPath(int), q: Annotated[str, OutputPath('Dataset')]) -> str": {
        "o": "system.Model",
        "p": "NUMBER_INTEGER",
        "q": "system.Dataset",
        "Output": "STRING",
    },
}


@pytest.mark.parametrize("signature", OUTPUTS)
def test_outputs(signature: str) -> None:
    outputs = inspect_signature(function(signature)).outputs
    found = {
        name: output.type or (output.artifact and output.artifact.schema_title) for name, output in outputs.items()
    }
    assert found == OUTPUTS[signature]


def test_order_and_defaults() -> None:
    signature = inspect_signature(function("(b: int, a: str = 'x', *, d: Optional[int] = None, c: float)"))
    assert [(i.name, i.default, i.optional) for i in signature.inputs.values()] == [
        ("b", ABSENT, False),
        ("a", "x", True),
        ("d", None, True),
        ("c", ABSENT, False),
    ]
    assert inspect_signature(function("(a: int, /, b: int)")).positional == ("a",)


REFUSED = {
    "(a)": r"no type annotation for its parameter 'a'",
    "(a: bytes)": r"parameter 'a' with bytes",
    "(a: Any)": r"parameter 'a' with Any",
    "(a: Union[int, str])": r"parameter 'a' with Union\[int, str\]",
    "(a: 'Nope')": r"parameter 'a' of component function 'component': the annotation 'Nope' cannot be evaluated",
    "(*a: int)": r"takes \*args or \*\*kwargs",
    "(**a: int)": r"takes \*args or \*\*kwargs",
    "(Output: int)": r"parameter named 'Output'",
    "(a: Input[Dataset] = 3)": r"parameter 'a' the default 3",
    "(a: Output[int])": r"parameter 'a' with Output\[int\]",
    "(a: Output[List[Model]])": r"parameter 'a' with Output",
    "() -> bytes": r"output 'Output' with bytes",
    "() -> List[Model]": r"output 'Output' with List",
    "() -> NamedTuple('O', [('a', bytes)])": r"output 'a' with bytes",
    "(a: Output[Model]) -> NamedTuple('O', [('a', int)])": r"two outputs named 'a'",
}


@pytest.mark.parametrize("signature", REFUSED)
def test_refused(signature: str) -> None:
    with pytest.raises(AuthoringError, match=rf"^.*{REFUSED[signature]}") as caught:
        inspect_signature(function(signature))
    assert "component" in caught.value.message
    assert caught.value.location == ("/src/component.py", 1)
    assert caught.value.hint


def test_what_is_no_function() -> None:
    with pytest.raises(AuthoringError, match="made from a Python function"):
        inspect_signature(print)


def test_wrapped_functions_are_read_through() -> None:
    @functools.wraps(function("(a: int)"))
    def wrapper(*args: Any, **kwargs: Any) -> None: ...

    assert list(inspect_signature(wrapper).inputs) == ["a"]


@pytest.mark.parametrize("signature", ["(a)", "(a: Any)", "(*a: int)", "(a: Union[int, str])", "() -> set"])
def test_what_cannot_be_a_component_is_a_type_error_too(signature: str) -> None:
    with pytest.raises(TypeError):
        inspect_signature(function(signature))
