"""Reads what a step has made: its parameters, typed as declared, and its artifacts with what the step said of them.

`executor_output.json` (`ExecutorOutput` of the schema) wins over the parameters' own files.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from kfp.engine.artifacts.placing import is_missing, written_path
from kfp.engine.executor_input import output_artifacts
from kfp.engine.flow.values import Artifact, Values
from kfp.engine.step_files import is_inside, read_step_file
from kfp.errors import RunError
from kfp.ir.values import coerce, parse_text, show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kfp.engine.layout import StepPaths
    from kfp.ir.spec import ComponentSpec, Json


def read_outputs(
    component: ComponentSpec, paths: StepPaths, seen: Sequence[Path] | None = None
) -> tuple[Values, list[str]]:
    """Read the outputs of a step that has ended well.

    Args:
        component: declares them.
        paths: where they are.
        seen: the directories of this machine that the step saw, so that it cannot name another as its artifact, which
            the steps after it would be given; None for a step that saw all of it.

    Returns:
        The outputs, and warnings: a declared artifact that the step did not write.

    Raises:
        RunError: a parameter is missing or of another type than declared, the executor output is malformed, or an
            artifact lies where the step saw nothing.
    """
    inside = (paths.directory, paths.artifacts)
    said = _executor_output(paths.executor_output, inside)
    given = _mapping(said, "parameterValues")
    parameters = {}
    for name, definition in component.output_definitions.parameters.items():
        kind = definition.parameter_type or definition.type
        what = f"output parameter {name!r}"
        if name in given:
            parameters[name] = coerce(given[name], kind, what=what)
            continue
        text = read_step_file(paths.parameter(name), inside)
        if text is None:
            raise RunError(f"the step ended without writing its output parameter {name!r}")
        parameters[name] = coerce(parse_text(text, kind, what=what), kind, what=what)
    told = _mapping(said, "artifacts")
    artifacts = {
        name: _merge(name, declared, told.get(name)) for name, declared in output_artifacts(component, paths).items()
    }
    if seen is not None:
        for group in artifacts.values():
            for artifact in group:
                _confine(artifact, paths, seen)
    missing = [
        f"the step did not write its output artifact {name!r} ({artifact.uri})"
        for name, group in artifacts.items()
        for artifact in group
        if is_missing(artifact, paths)
    ]
    return Values(parameters, artifacts), missing


def _merge(name: str, declared: tuple[Artifact, ...], told: Json) -> tuple[Artifact, ...]:
    """Return the declared artifacts with the uri and the metadata that the step gave them."""
    group = told.get("artifacts") if isinstance(told, dict) else None
    if not group:
        return declared
    if not isinstance(group, list) or not all(isinstance(each, dict) for each in group):
        raise RunError(f"the executor output's artifacts.{name}.artifacts is not a list of artifacts")
    first = declared[0]
    return tuple(
        replace(
            first,
            name=_text(each, "name") or first.name,
            uri=_text(each, "uri") or first.uri,
            metadata={**first.metadata, **_mapping(each, "metadata")},
            custom_path=_text(each, "customPath") or _text(each, "custom_path"),
        )
        for each in group
    )


def _text(said: Mapping[str, Any], key: str) -> str:
    value = said.get(key) or ""
    if not isinstance(value, str) or "\0" in value:
        raise RunError(f"the executor output's {key!r} of an artifact is {show(value)}, which is no such text")
    return value


def _confine(artifact: Artifact, paths: StepPaths, seen: Sequence[Path]) -> None:
    """Refuse an artifact that lies on this machine where the step saw nothing."""
    place = written_path(artifact, paths)
    if place is not None and not is_inside(place, seen):
        raise RunError(
            f"the step says that its artifact {artifact.name!r} lies at {place}, where it saw nothing of this machine"
        )


def _executor_output(path: Path, inside: Sequence[Path]) -> dict[str, Any]:
    text = read_step_file(path, inside)
    if text is None or not text.strip():
        return {}
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RunError(f"the step's executor output is not JSON: {error}") from None
    if not isinstance(said, dict):
        raise RunError("the step's executor output is not a JSON object")
    try:
        json.dumps(said.get("artifacts"), ensure_ascii=False).encode("utf-8")
    except (RecursionError, UnicodeEncodeError):
        raise RunError("the step's executor output cannot be written again: it is too deep, or no Unicode") from None
    return said


def _mapping(said: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = said.get(key) or {}
    if not isinstance(value, dict):
        raise RunError(f"the executor output's {key!r} is not a JSON object")
    return value
