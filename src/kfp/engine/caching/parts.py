"""What decides the outputs of a step, as parts: a pure function of the step and of the content that it reads.

The variables that a pipeline sets for a task are one (KFP issue 14339), the machine's own environment, secrets and
ConfigMaps are none; nor are its resources, the run, and the places of its files. Placeholders in a command or variable
are kept as they are written, as a KFP backend does: a step whose command asks for the run's name is the same in every
run.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from kfp.engine.caching.entry import Part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.engine.caching.contents import Content
    from kfp.engine.commands import PythonCommand
    from kfp.engine.flow.values import Artifact
    from kfp.engine.step import Origin
    from kfp.ir.spec import ArtifactTypeSchema, PipelineContainerSpec

_SECRET = re.compile(r"(?i)passw|passphrase|secret|token|credential|(?:api|access|private)[^a-z]?key|auth(?!or)")
_LONGEST_SHOWN = 40
_LOOKED_AT = 4096  # of a value; more than any user and password, which are left out of what is shown
_COMMAND = ("code", "packages", "image", "image content", "source", "command", "arguments", "inputs", "outputs")
"""The parts that are the component's, whatever it is given."""


def parts_of(
    origin: Origin,
    python: PythonCommand | None,
    contents: Mapping[str, tuple[Content, ...]],
    surroundings: Mapping[str, object],
) -> tuple[Part, ...]:
    """Return what decides the outputs of a step.

    A cache key of the task's own replaces all the rest, within its pipeline, as a KFP backend has it; outputs that are
    declared differently are different all the same.

    Args:
        origin: the task and its inputs.
        python: what its command means where it is a Python component's.
        contents: the content of the input artifacts, by name and in order.
        surroundings: JSON values of what else the step finds, by part: what is in its image (`image content`), in the
            directory of its code (`source`, `packages`), the names of the volumes that it sees (`volumes`).
    """
    task = origin.task
    interface = task.component.input_definitions, task.component.output_definitions
    outputs = Part("outputs", _digest(_types(interface[1])))
    own = task.spec.caching_options.cache_key if task.spec.caching_options is not None else ""
    if own:
        return (Part("pipeline", _digest(origin.pipeline), origin.pipeline), _shown("cache key", own), outputs)
    parts = [Part("inputs", _digest(_types(interface[0]))), outputs]
    if task.container is not None:
        parts += _command(task.container, python)
    parts += [Part(name, _digest(value)) for name, value in surroundings.items()]
    parts += [_shown(f"input {name}", value) for name, value in origin.inputs.parameters.items()]
    for name, group in origin.inputs.artifacts.items():
        kinds = [[each.schema_title, each.schema_version] for each in group]
        parts.append(Part(f"artifact {name}", _digest([kinds, [each.digest for each in contents[name]]])))
        parts.append(Part(f"metadata {name}", _digest([_metadata(each) for each in group])))
    return tuple(parts)


def component_of(parts: tuple[Part, ...]) -> str:
    """Return a digest of what is the component's own in a step."""
    return _digest(sorted([part.name, part.digest] for part in parts if part.name in _COMMAND))


def _command(container: PipelineContainerSpec, python: PythonCommand | None) -> list[Part]:
    parts = [_shown("image", container.image), Part("arguments", _digest(container.args))]
    command = container.command
    if python is not None and python.source is not None:
        packages = python.installation
        parts.append(Part("code", _digest(python.source)))
        installed = [packages.requirements, packages.index_urls, packages.trusted_hosts]
        parts.append(Part("packages", _digest(installed)))
        command = tuple(word for word in command if word != python.source)
    if container.env:  # in their order: one may stand in another's value
        parts.append(Part("variables", _digest([[each.name, each.value] for each in container.env])))
    return [*parts, Part("command", _digest(command))]


def _types(definitions: Any) -> Any:  # noqa: ANN401 - of inputs or outputs
    """Return what a component declares, without what only people read."""
    return {
        "parameters": {name: each.parameter_type or each.type for name, each in definitions.parameters.items()},
        "artifacts": {
            name: [*_kind(each.artifact_type), each.is_artifact_list, dict(getattr(each, "metadata", ()))]
            for name, each in definitions.artifacts.items()
        },
    }


def _kind(schema: ArtifactTypeSchema) -> list[str | None]:
    return [schema.schema_title, schema.schema_version]


def _metadata(artifact: Artifact) -> dict[str, Any]:
    return dict(artifact.metadata)


def _digest(value: object) -> str:
    """Return the digest of a JSON value: 1 and 1.0 differ, the order of keys does not matter."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _shown(name: str, value: object) -> Part:
    """Return a part with as much of its value as fits into a sentence, and nothing of what is called a secret."""
    return Part(name, _digest(value), "" if _SECRET.search(name) else _short(value))


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if isinstance(value, (dict, list, tuple)) and _SECRET.search(text):
        return ""
    text = text[:_LOOKED_AT]
    if "://" in text:
        from kfp.engine.addresses import redacted  # noqa: PLC0415 - few values are addresses

        text = redacted(text)
    text = text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
    return text if text.isprintable() and text else ascii(text)
