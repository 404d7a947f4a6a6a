"""A pipeline's arguments: what a run is given, checked against what the pipeline's root takes."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import UNSET

from kfp.errors import ArgumentsError
from kfp.ir.spec import InputParameterDefinition, PipelineSpec
from kfp.ir.values import as_go_writes, coerce, describe, example, parse_text


def bind(spec: PipelineSpec, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of every input of a pipeline, in the order of its definition.

    Args:
        spec: the pipeline.
        arguments: JSON values by input name; artifacts are passed through as they are.

    Returns:
        A value for each input parameter: the argument, else the default, else None where the parameter is optional.
        Artifacts appear where they were given.

    Raises:
        ArgumentsError: an argument is unknown, missing, or of another type than its parameter.
    """
    name = spec.pipeline_info.name
    inputs = spec.root.input_definitions
    for given in arguments:
        if given not in inputs.parameters and given not in inputs.artifacts:
            raise _unknown(spec, given)
    bound: dict[str, Any] = {}
    missing: list[str] = []
    for key, definition in inputs.parameters.items():
        default = definition.default_value
        is_optional = definition.is_optional or default is not UNSET
        value = arguments.get(key, None if default is UNSET else as_go_writes(default))
        if value is None and is_optional:
            bound[key] = None
        elif key in arguments or is_optional:
            bound[key] = coerce(value, _type(definition), what=f"parameter {key!r} of pipeline {name!r}")
        else:
            missing.append(f"{key} ({describe(_type(definition))})")
    for key, artifact in inputs.artifacts.items():
        if key in arguments:
            bound[key] = arguments[key]
        elif not artifact.is_optional:
            missing.append(f"{key} (an artifact, {artifact.artifact_type.schema_title or 'system.Artifact'})")
    if missing:
        raise _missing(spec, missing)
    return bound


def parse(spec: PipelineSpec, texts: Iterable[str]) -> dict[str, Any]:
    """Return the arguments that texts such as `x=2` stand for, by the types of the pipeline's parameters.

    Args:
        spec: the pipeline.
        texts: `NAME=VALUE` each; STRING takes any text, numbers and `true`/`false` are read as such, lists and
            mappings are JSON.

    Returns:
        The arguments that were given, for `bind`.

    Raises:
        ArgumentsError: a text has no `=`, names an unknown or an already given parameter, or is not of its type.
    """
    inputs = spec.root.input_definitions
    parsed: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            raise ArgumentsError(f"the argument {text!r} is not NAME=VALUE", hint=_listing(spec))
        if key in parsed:
            raise ArgumentsError(f"the argument {key!r} is given twice")
        if key in inputs.artifacts:
            raise ArgumentsError(f"input {key!r} of pipeline {spec.pipeline_info.name!r} is an artifact, not a value")
        if key not in inputs.parameters:
            raise _unknown(spec, key)
        what = f"parameter {key!r} of pipeline {spec.pipeline_info.name!r}"
        parsed[key] = parse_text(value, _type(inputs.parameters[key]), what=what)
    return parsed


def _missing(spec: PipelineSpec, missing: list[str]) -> ArgumentsError:
    inputs = spec.root.input_definitions
    first = missing[0].split(" ", 1)[0]
    sample = example(_type(inputs.parameters[first])) if first in inputs.parameters else "VALUE"
    plural = "arguments" if len(missing) > 1 else "argument"
    return ArgumentsError(
        f"pipeline {spec.pipeline_info.name!r} misses the {plural} {', '.join(missing)}",
        hint=f"give each one, such as {shlex.quote(f'{first}={sample}')}",
    )


def _type(definition: InputParameterDefinition) -> str | None:
    return definition.parameter_type or definition.type


def _unknown(spec: PipelineSpec, given: str) -> ArgumentsError:
    inputs = spec.root.input_definitions
    close = difflib.get_close_matches(given, [*inputs.parameters, *inputs.artifacts], n=1)
    suggestion = f"did you mean {close[0]!r}? " if close else ""
    return ArgumentsError(
        f"pipeline {spec.pipeline_info.name!r} has no parameter {given!r}", hint=suggestion + _listing(spec)
    )


def _listing(spec: PipelineSpec) -> str:
    parameters = spec.root.input_definitions.parameters
    if not parameters:
        return "it takes no parameters"
    return "its parameters are " + ", ".join(f"{key} ({describe(_type(item))})" for key, item in parameters.items())
