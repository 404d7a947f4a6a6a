"""What a program passes to a component that it calls: artifacts as objects, checked, on their way into a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kfp.dsl.arguments import check_passed, compatible
from kfp.dsl.interface import InputDefinition, type_text
from kfp.errors import InconsistentTypeException
from kfp.local.task import LocalTask
from kfp.runtime.artifacts import Artifact
from kfp.runtime.system_artifacts import titled

if TYPE_CHECKING:
    from kfp.dsl.interface import Interface
    from kfp.ir.spec import Json


def to_json(interface: Interface, arguments: Mapping[str, Any]) -> dict[str, Json]:
    """Return a call's arguments as the engine takes them: artifacts, and lists of them, in their JSON form.

    Args:
        interface: of what is called.
        arguments: by the names of its inputs.

    Raises:
        InconsistentTypeException: an artifact is wanted and something else given, or the other way round; an artifact
            is of another type, or says not where it lies; a task is given in the place of what it made; a value is of
            another type than its parameter.
    """
    return {name: _json(interface, name, value) for name, value in arguments.items()}


def _json(interface: Interface, name: str, value: Any) -> Json:  # noqa: ANN401 - whatever a program passes
    expected = interface.inputs[name]
    is_list = isinstance(value, (list, tuple))
    group = list(value) if is_list else [value]
    for each in group:
        if isinstance(each, LocalTask):
            raise _refusal(interface, name, repr(each), "pass what it made: task.output, or task.outputs['name']")
        if isinstance(each, Artifact):
            _check(interface, name, each, is_list=is_list)
        elif expected.type is None and each is not None and not isinstance(each, Mapping):
            told = f"the {type(each).__name__} {each!r}"
            raise _refusal(
                interface, name, told, f"such as dsl.{titled(expected.schema_title or '').__name__}(uri='/data/file')"
            )
    if not any(isinstance(each, Artifact) for each in group):
        check_passed(interface, name, value)
        return value
    made = [_artifact(each) if isinstance(each, Artifact) else each for each in group]
    return made if is_list else made[0]


def _check(interface: Interface, name: str, artifact: Artifact, *, is_list: bool) -> None:
    """Check that an artifact, or each of a list, may go to an input, and lies somewhere."""
    schema = artifact.schema_title, artifact.schema_version
    given = InputDefinition(None, *schema, is_list)
    if not compatible(given, interface.inputs[name]):
        raise _refusal(interface, name, type_text(given))
    if not artifact.uri:
        raise _refusal(interface, name, f"{artifact!r}, which lies nowhere", "give it a uri: a path or a URL")


def _artifact(artifact: Artifact) -> Json:
    kind = {"schemaTitle": artifact.schema_title, "schemaVersion": artifact.schema_version}
    told: dict[str, Json] = {"name": artifact.name, "type": kind, "metadata": dict(artifact.metadata)}
    if "://" in artifact.uri:
        return {**told, "uri": artifact.uri}
    path = {"customPath": str(Path(artifact.custom_path).absolute())} if artifact.custom_path else {}
    return {**told, "uri": str(Path(artifact.uri).absolute()), **path}


def _refusal(interface: Interface, name: str, given: str, hint: str | None = None) -> InconsistentTypeException:
    wanted = type_text(interface.inputs[name])
    return InconsistentTypeException(
        f"argument {name!r} of component {interface.name!r} takes {wanted}, not {given}", hint=hint
    )
