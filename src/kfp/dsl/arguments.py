"""What a call passes to a component, checked against what the component takes."""

import math
import sys
from typing import TYPE_CHECKING, Any, Dict, Iterable, Optional

from kfp.dsl.interface import InputDefinition, type_text
from kfp.dsl.pipeline_channel import PipelineArtifactChannel, PipelineChannel, find_channels
from kfp.errors import ArgumentTypeError, InconsistentTypeException
from kfp.runtime.structured import Misfit, is_dataclass
from kfp.runtime.values import fit

if TYPE_CHECKING:
    from kfp.dsl.interface import Interface
    from kfp.dsl.pipeline_context import Pipeline

_CONSTANT_TYPES = (
    (bool, "BOOLEAN"),
    (int, "NUMBER_INTEGER"),
    (float, "NUMBER_DOUBLE"),
    (str, "STRING"),
    (list, "LIST"),
    (dict, "STRUCT"),
)
_ANY_ARTIFACT = "system.Artifact"
_SHOWN = 80


def check_names(spec: "Interface", positional: Iterable[Any], given: Dict[str, Any]) -> None:
    """Check that a call names every required input, and only inputs.

    Raises:
        ArgumentTypeError: an argument is positional, unknown or missing.
    """
    positional = tuple(positional)
    if positional:
        raise ArgumentTypeError(
            "component {!r} is called with {} positional argument{}".format(
                spec.name, len(positional), "" if len(positional) == 1 else "s"
            ),
            hint="name them: {}({})".format(spec.name, ", ".join("{}=…".format(name) for name in spec.inputs)),
        )
    for name in given:
        if name not in spec.inputs:
            raise ArgumentTypeError("component {!r} has no input {!r}".format(spec.name, name), hint=_known(spec, name))
    missing = [name for name, item in spec.inputs.items() if not item.optional and name not in given]
    if missing:
        raise ArgumentTypeError(
            "component {!r} misses the argument{} {}".format(
                spec.name,
                "s" if len(missing) > 1 else "",
                ", ".join("{!r}: {}".format(name, type_text(spec.inputs[name])) for name in missing),
            )
        )


def check_value(spec: "Interface", name: str, value: Any, pipeline: "Pipeline") -> None:
    """Check that an argument of a call inside a pipeline is of its input's type.

    Args:
        spec: the component.
        name: the input, which it has.
        value: a channel, or a constant that may hold channels.
        pipeline: the pipeline under construction.

    Raises:
        ArgumentTypeError: it is not.
    """
    expected = spec.inputs[name]
    if isinstance(value, PipelineChannel):
        if value.pipeline is not pipeline:
            raise _error(spec, name, "a value of another pipeline, {!r}".format(value.pipeline.name))
        if not compatible(value, expected):
            raise _error(spec, name, "{}, which is {}".format(value.title, type_text(value)))
        return
    kind = _constant_type(value)
    if kind is None:
        raise _error(spec, name, _shown(value), _hint(value))
    if expected.type is None:
        raise _error(spec, name, _shown(value), "pass the output of a task or an input of the pipeline")
    if kind != expected.type and _is_checked():
        raise _error(spec, name, _shown(value))
    _check_parts(spec, name, value)
    channels = find_channels(value, pipeline)
    _check_channels(spec, name, channels, pipeline)
    if not channels:
        _check_choice(spec, name, value)


def check_passed(spec: "Interface", name: str, value: Any) -> None:
    """Check that an argument of a call outside a pipeline is of its parameter's type.

    Whole numbers are taken for fractions and the other way round, and None for what is left out.

    Raises:
        InconsistentTypeException: it is not.
    """
    expected, kind = spec.inputs[name].type, _constant_type(value)
    known = [parameter_type for _, parameter_type in _CONSTANT_TYPES]
    if value is None or expected not in known or kind == expected or not _is_checked():
        return
    if kind == "NUMBER_INTEGER" and expected == "NUMBER_DOUBLE":
        return
    if kind == "NUMBER_DOUBLE" and expected == "NUMBER_INTEGER" and value.is_integer():
        return
    raise _error(spec, name, _shown(value), None if kind else _hint(value))


def compatible(given: Any, expected: Any) -> bool:
    """Tell whether what one spec or channel describes may go where the other is expected.

    Parameters need the same type. Artifacts need the same title, or `system.Artifact` on either side; lists of
    artifacts go to lists.
    """
    if not _is_checked():
        return (given.type is None) == (expected.type is None)
    if not getattr(given, "known", True):
        return (given.type is None) == (expected.type is None)
    if given.type is not None or expected.type is not None:
        return expected.type is not None and expected.type in (given.type, getattr(given, "taken_for", None))
    if given.is_artifact_list != expected.is_artifact_list:
        return False
    titles = (given.schema_title, expected.schema_title)
    return _ANY_ARTIFACT in titles or titles[0] == titles[1]


def _is_checked() -> bool:
    return bool(getattr(sys.modules.get("kfp"), "TYPE_CHECK", True))


def _constant_type(value: Any) -> Optional[str]:
    for python_type, parameter_type in _CONSTANT_TYPES:
        if isinstance(value, python_type):
            return parameter_type
    return None


def _check_parts(spec: "Interface", name: str, value: Any) -> None:
    """Check that a constant is JSON with channels in it."""
    if isinstance(value, float) and not math.isfinite(value):
        raise _error(spec, name, "{!r}, which JSON does not have".format(value))
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise _error(spec, name, "a dict with the key {!r}".format(key), "the keys of a dict must be text")
            _check_part(spec, name, item)
    elif isinstance(value, list):
        for item in value:
            _check_part(spec, name, item)


def _check_part(spec: "Interface", name: str, value: Any) -> None:
    if isinstance(value, PipelineChannel):
        return
    if _constant_type(value) is None:
        raise _error(spec, name, "{} inside a constant".format(_shown(value)), _hint(value))
    _check_parts(spec, name, value)


def _check_channels(spec: "Interface", name: str, channels: Iterable[PipelineChannel], pipeline: "Pipeline") -> None:
    """Check that the channels inside a constant are parameters of this pipeline."""
    for channel in channels:
        if channel.pipeline is not pipeline:
            raise _error(spec, name, "a value of another pipeline, {!r}".format(channel.pipeline.name))
        if isinstance(channel, PipelineArtifactChannel):
            raise _error(
                spec,
                name,
                "{} inside a constant".format(channel.title),
                "an artifact can only be passed whole to an input of its type",
            )


def _check_choice(spec: "Interface", name: str, value: Any) -> None:
    """Check that a constant is one of the few that are accepted, or what a dataclass is made from."""
    expected = spec.inputs[name]
    if expected.literals and value not in expected.literals and _is_checked():
        accepted = ", ".join(repr(literal) for literal in expected.literals)
        raise _error(spec, name, _shown(value), "accepted are {}".format(accepted))
    if is_dataclass(expected.annotation):
        try:
            fit(expected.annotation, value)
        except Misfit as error:
            raise InconsistentTypeException(
                "argument {!r} of component {!r} takes {}, not {}".format(
                    name, spec.name, expected.annotation.__name__, error
                )
            ) from None


def _error(spec: "Interface", name: str, got: str, hint: Optional[str] = None) -> ArgumentTypeError:
    expected: InputDefinition = spec.inputs[name]
    return InconsistentTypeException(
        "argument {!r} of component {!r} takes {}, not {}".format(name, spec.name, type_text(expected), got), hint=hint
    )


def _hint(value: Any) -> Optional[str]:
    if value is None:
        return "leave the argument out where it is optional"
    if isinstance(value, tuple):
        return "write a list"
    if hasattr(value, "channels"):
        return "pass one of the task's outputs: task.output or task.outputs['name']"
    return "accepted are str, int, float, bool, list and dict, and outputs of tasks"


def _shown(value: Any) -> str:
    text = repr(value)
    return "the {} {}".format(type(value).__name__, text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


def _known(spec: "Interface", name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, list(spec.inputs), n=1)
    if close:
        return "did you mean {!r}?".format(close[0])
    return "it takes {}".format(", ".join(repr(known) for known in spec.inputs) or "none")
