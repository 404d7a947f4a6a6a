"""Reads what a step has made: its parameters, typed as declared, and its artifacts with what the step said of them.

`executor_output.json` (`ExecutorOutput` of the schema) wins over the parameters' own files.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from kfp.engine.artifacts.placing import is_missing
from kfp.engine.executor_input import output_artifacts
from kfp.engine.values import Artifact, Values
from kfp.errors import RunError
from kfp.ir.values import coerce, parse_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.engine.layout import StepPaths
    from kfp.ir.spec import ComponentSpec, Json

_MAX_BYTES = 256 * 1024 * 1024


def read_outputs(component: ComponentSpec, paths: StepPaths) -> tuple[Values, list[str]]:
    """Read the outputs of a step that has ended well.

    Args:
        component: declares them.
        paths: where they are.

    Returns:
        The outputs, and warnings: a declared artifact that the step did not write.

    Raises:
        RunError: a parameter is missing or of another type than declared, or the executor output is malformed.
    """
    said = _executor_output(paths.executor_output)
    given = _mapping(said, "parameterValues")
    parameters = {}
    for name, definition in component.output_definitions.parameters.items():
        kind = definition.parameter_type or definition.type
        what = f"output parameter {name!r}"
        if name in given:
            parameters[name] = coerce(given[name], kind, what=what)
            continue
        text = _read(paths.parameter(name))
        if text is None:
            raise RunError(f"the step ended without writing its output parameter {name!r}")
        parameters[name] = coerce(parse_text(text, kind, what=what), kind, what=what)
    told = _mapping(said, "artifacts")
    artifacts = {
        name: _merge(name, declared, told.get(name)) for name, declared in output_artifacts(component, paths).items()
    }
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
            name=str(each.get("name") or first.name),
            uri=str(each.get("uri") or first.uri),
            metadata={**first.metadata, **_mapping(each, "metadata")},
            custom_path=str(each.get("customPath") or each.get("custom_path") or ""),
        )
        for each in group
    )


def _executor_output(path: Path) -> dict[str, Any]:
    text = _read(path)
    if text is None or not text.strip():
        return {}
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RunError(f"the step's executor output is not JSON: {error}") from None
    if not isinstance(said, dict):
        raise RunError("the step's executor output is not a JSON object")
    return said


def _mapping(said: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = said.get(key) or {}
    if not isinstance(value, dict):
        raise RunError(f"the executor output's {key!r} is not a JSON object")
    return value


def _read(path: Path) -> str | None:
    """Return a file's text, None where there is none."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise RunError(f"the step's output {path} is larger than {_MAX_BYTES >> 20} MiB", hint="use an artifact")
        return path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError:
        raise RunError(f"the step's output {path} is not UTF-8 text") from None
    except OSError as error:
        raise RunError(f"the step's output {path} cannot be read: {error.strerror}") from None
