"""What a component takes and gives, as its caller sees it."""

from typing import Any, Callable, Dict, NamedTuple, Optional, Tuple

from kfp.dsl.artifact_schema import schema_problem
from kfp.dsl.defaults import default_value
from kfp.errors import SignatureError
from kfp.location import definition
from kfp.runtime.interface import ABSENT, ArtifactType, Signature
from kfp.runtime.structured import choices

_CO_GENERATOR, _CO_COROUTINE, _CO_ASYNC_GENERATOR = 0x20, 0x80, 0x200


class InputDefinition(NamedTuple):
    """An input of a component.

    Attributes:
        type: the parameter type such as `NUMBER_INTEGER`, or None for an artifact.
        schema_title: the artifact's type such as `system.Dataset`, or None for a parameter.
        schema_version: the version of the artifact's type.
        is_artifact_list: whether a list of artifacts is taken.
        default: the default value, or `ABSENT`.
        optional: whether a call may leave the input out.
        description: what the docstring says of it.
        annotation: the Python type of a parameter, where one was written.
        literals: the only values that are accepted, where they are listed.
    """

    type: Optional[str]
    schema_title: Optional[str] = None
    schema_version: str = ""
    is_artifact_list: bool = False
    default: Any = ABSENT
    optional: bool = False
    description: str = ""
    annotation: Any = None
    literals: Tuple[Any, ...] = ()


class OutputDefinition(NamedTuple):
    """An output of a component; the attributes are those of `InputDefinition`."""

    type: Optional[str]
    schema_title: Optional[str] = None
    schema_version: str = ""
    is_artifact_list: bool = False
    description: str = ""
    annotation: Any = None


class Interface(NamedTuple):
    """The interface of a component.

    Attributes:
        name: lower case words joined by dashes.
        description: what the component does, or None.
        inputs: by name.
        outputs: by name.
    """

    name: str
    description: Optional[str]
    inputs: Dict[str, InputDefinition]
    outputs: Dict[str, OutputDefinition]


def read_interface(signature: Signature, name: str, description: Optional[str] = None) -> Interface:
    """Give the interface of a component that a Python function describes.

    Args:
        signature: the function's.
        name: the component's name as its author wrote it.
        description: replaces that of the docstring.

    Raises:
        SignatureError: a call of the function would not run it, an artifact class has a schema that no backend knows,
            or a default is not of its type.
    """
    _check_runs_when_called(signature.function)
    artifacts = {key: given.artifact for key, given in signature.inputs.items()}
    artifacts.update((key, made.artifact) for key, made in signature.outputs.items())
    for key, artifact in artifacts.items():
        problem = None if artifact is None else schema_problem(artifact.schema_title, artifact.schema_version)
        if artifact is not None and problem is not None:
            raise SignatureError(
                "component function {!r} has {!r} of class {}, which has {}".format(
                    signature.function.__name__, key, artifact.python_class.__name__, problem
                ),
                location=definition(signature.function),
            )
    from kfp.runtime.docstring import read_docstring  # (start-up)

    docs = read_docstring(signature.function.__doc__)
    inputs = {}
    for key, given in signature.inputs.items():
        title, version = _schema(given.artifact)
        inputs[key] = InputDefinition(
            given.type,
            title,
            version,
            given.is_artifact_list,
            default_value(signature.function, given),
            given.optional,
            docs.inputs.get(key, ""),
            given.annotation if given.type is not None else None,
            choices(given.annotation) if given.type is not None else (),
        )
    outputs = {}
    for key, made in signature.outputs.items():
        title, version = _schema(made.artifact)
        outputs[key] = OutputDefinition(
            made.type, title, version, made.is_artifact_list, docs.outputs.get(key, ""), made.annotation
        )
    return Interface(sanitize(name), description or docs.description, inputs, outputs)


def _check_runs_when_called(func: Callable[..., Any]) -> None:
    flags = func.__code__.co_flags
    if flags & (_CO_COROUTINE | _CO_ASYNC_GENERATOR):
        raise SignatureError(
            "component function {!r} is an `async def`, which nothing would await".format(func.__name__),
            hint="write it as def, and call asyncio.run(...) in it",
            location=definition(func),
        )
    if flags & _CO_GENERATOR:
        raise SignatureError(
            "component function {!r} has a `yield`, and nothing would ask it for its values".format(func.__name__),
            hint="return them, as a list for example",
            location=definition(func),
        )


def sanitize(name: str) -> str:
    """Give a name as KFP writes it: lower case letters and digits, words joined by single dashes."""
    dashed = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name.lower())
    return "-".join(word for word in dashed.split("-") if word)


def type_text(spec: Any) -> str:
    """Write the type of an input, output or channel for a message: `an integer (NUMBER_INTEGER)`."""
    if spec.type is not None:
        return "{} ({})".format(_WORDS.get(spec.type, "a value"), spec.type)
    text = "{}@{}".format(spec.schema_title, spec.schema_version)
    return "a list of artifacts {}".format(text) if spec.is_artifact_list else "an artifact {}".format(text)


def _schema(artifact: Optional[ArtifactType]) -> Any:
    return (None, "") if artifact is None else (artifact.schema_title, artifact.schema_version)


_WORDS = {
    "NUMBER_INTEGER": "an integer",
    "NUMBER_DOUBLE": "a float",
    "STRING": "text",
    "BOOLEAN": "a bool",
    "LIST": "a list",
    "STRUCT": "a dict",
    "TASK_FINAL_STATUS": "the final status of a task",
}
