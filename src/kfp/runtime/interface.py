"""What a component takes and gives, as values: the result of reading a component function (`kfp.runtime.signature`)."""

from typing import Any, Callable, Dict, NamedTuple, Optional, Tuple

VALUE, PATH, ARTIFACT, STATUS, CONFIG, RETURNED = "value", "path", "artifact", "status", "config", "returned"
"""How an input or output is passed: the value, a file's path, an artifact, a status, a TaskConfig, or returned."""

SINGLE_OUTPUT = "Output"
"""The name of the output of a function that returns one value."""

TASK_FINAL_STATUS, TASK_CONFIG = "TASK_FINAL_STATUS", "TASK_CONFIG"
"""The parameter types of values that nobody passes: the backend makes them."""


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()
"""The default of an input that has none; None is a default like any other."""


class ArtifactType(NamedTuple):
    """The schema of an artifact and the class that stands for it in the function."""

    schema_title: str
    schema_version: str
    python_class: Any


class InputParameter(NamedTuple):
    """One input of a component.

    Attributes:
        name: the name of the function's parameter.
        type: the KFP parameter type such as `NUMBER_INTEGER`, or None for an artifact.
        artifact: the artifact's type, or None for a parameter.
        is_artifact_list: whether it is a list of artifacts.
        default: the default value, or `ABSENT`.
        optional: whether a call may leave it out.
        passing: `VALUE`, `PATH` (the function gets a file's path), `ARTIFACT`, `STATUS` or `CONFIG`.
        annotation: the evaluated annotation of the value, without Optional.
        nullable: whether the annotation allows None.
    """

    name: str
    type: Optional[str]
    artifact: Optional[ArtifactType]
    is_artifact_list: bool
    default: Any
    optional: bool
    passing: str
    annotation: Any
    nullable: bool


class OutputParameter(NamedTuple):
    """One output of a component.

    Attributes:
        name: `Output` for a single returned value, else the name of the parameter or NamedTuple field.
        type: the KFP parameter type, or None for an artifact.
        artifact: the artifact's type, or None for a parameter.
        passing: `RETURNED`, or for an output among the function's parameters `PATH` or `ARTIFACT`.
        annotation: the evaluated annotation of the value, without Optional.
        nullable: whether the annotation allows None, which leaves the output unset.
        is_artifact_list: whether it is a list of artifacts, which pipelines alone give.
    """

    name: str
    type: Optional[str]
    artifact: Optional[ArtifactType]
    passing: str
    annotation: Any
    nullable: bool
    is_artifact_list: bool = False


class Signature(NamedTuple):
    """What a component function takes and gives.

    Attributes:
        function: the function itself.
        inputs: by name, in the order of the function's parameters.
        outputs: by name; those among the parameters first, then those returned.
        positional: the names of positional-only parameters.
        returns_tuple: whether the function returns a NamedTuple rather than a single value.
        embedded: the artifact classes of the parameters that stand for what travels with the component.
    """

    function: Callable[..., Any]
    inputs: Dict[str, InputParameter]
    outputs: Dict[str, OutputParameter]
    positional: Tuple[str, ...]
    returns_tuple: bool
    embedded: Dict[str, Any]

    @property
    def returned(self) -> Tuple[OutputParameter, ...]:
        """The outputs that the function returns, in the order of the NamedTuple's fields."""
        return tuple(output for output in self.outputs.values() if output.passing == RETURNED)
