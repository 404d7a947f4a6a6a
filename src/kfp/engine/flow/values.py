"""What flows between tasks: parameters and artifacts, as values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from kfp.errors import RunError
from kfp.runtime.artifacts import local_path

if TYPE_CHECKING:
    from kfp.ir.spec import ArtifactTypeSchema, ComponentSpec


class Artifact(msgspec.Struct, frozen=True):
    """An artifact of a run (`RuntimeArtifact` of the executor input).

    Args:
        name: the output's name.
        uri: where its content lies; a path for what is on this machine.
        schema_title: such as `system.Dataset`.
        schema_version: such as `0.0.1`.
        metadata: JSON values by key.
        custom_path: where its content lies on this machine, where the URI does not say it.
    """

    name: str
    uri: str
    schema_title: str = "system.Artifact"
    schema_version: str = "0.0.1"
    metadata: Mapping[str, Any] = msgspec.field(default_factory=dict)
    custom_path: str = ""

    @property
    def path(self) -> str:
        """Where a step finds its content."""
        return self.custom_path or local_path(self.uri)

    @classmethod
    def of_type(cls, kind: ArtifactTypeSchema, name: str, uri: str, metadata: Mapping[str, Any]) -> Artifact:
        """Return a new artifact of the type that a component declares."""
        return cls(name, uri, kind.schema_title or "system.Artifact", kind.schema_version or "0.0.1", metadata)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Artifact:
        """Read the JSON form.

        Raises:
            RunError: it is not the JSON form of an artifact.
        """
        kind = data.get("type") or {}
        uri, metadata = data.get("uri"), data.get("metadata") or {}
        if not isinstance(uri, str) or not isinstance(kind, Mapping) or not isinstance(metadata, Mapping):
            raise RunError("an artifact is a mapping with a uri, and perhaps a name, a type and metadata")
        return cls(
            str(data.get("name") or ""),
            uri,
            str(kind.get("schemaTitle") or "system.Artifact"),
            str(kind.get("schemaVersion") or "0.0.1"),
            dict(metadata),
            str(data.get("customPath") or data.get("custom_path") or ""),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form, as the executor input carries it."""
        told: dict[str, Any] = {
            "name": self.name,
            "type": {"schemaTitle": self.schema_title, "schemaVersion": self.schema_version},
            "uri": self.uri,
            "metadata": dict(self.metadata),
        }
        if self.custom_path:
            told["customPath"] = self.custom_path
        return told


class Values(msgspec.Struct, frozen=True):
    """The inputs or the outputs of a task; an artifact is a list of one, a list of artifacts a list of any length."""

    parameters: Mapping[str, Any] = msgspec.field(default_factory=dict)
    artifacts: Mapping[str, tuple[Artifact, ...]] = msgspec.field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return both as JSON, the artifacts as the executor input carries them."""
        return {
            "parameters": dict(self.parameters),
            "artifacts": {name: [each.to_json() for each in group] for name, group in self.artifacts.items()},
        }


def root_values(component: ComponentSpec, bound: Mapping[str, Any]) -> Values:
    """Split a run's bound arguments into parameters and artifacts.

    Args:
        component: the root, whose definitions say which is which.
        bound: values by input name; an artifact is its JSON form or a list of such; None is an input left out.

    Raises:
        RunError: an artifact argument is something else.
    """
    parameters: dict[str, Any] = {}
    artifacts: dict[str, tuple[Artifact, ...]] = {}
    for name, value in bound.items():
        if value is None:
            continue
        if name not in component.input_definitions.artifacts:
            parameters[name] = value
            continue
        group = value if isinstance(value, (list, tuple)) else [value]
        if not all(isinstance(each, Mapping) for each in group):
            raise RunError(f"input {name!r} takes an artifact", hint='such as {"uri": "/data/train.csv"}')
        artifacts[name] = tuple(Artifact.from_json({"name": name, **each}) for each in group)
    return Values(parameters, artifacts)
