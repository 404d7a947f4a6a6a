"""What a run comes to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kfp.engine.flow.values import Artifact, Values
from kfp.engine.states import State

if TYPE_CHECKING:
    from kfp.ir.spec import ComponentSpec


class TaskResult(msgspec.Struct, frozen=True):
    """How a task ended.

    Args:
        state: its last state.
        values: its outputs.
        outputs: the same as JSON values by name.
        log: the file with what its last attempt wrote; None for a DAG and for what never started.
        error: what went wrong, with the step's own traceback.
        attempt: the attempt that ran last, from 1; 0 for what never started.
        cache: what the cache had for it, as `TaskRecord.cache`; None for what runs no container.
    """

    state: State
    values: Values = msgspec.field(default_factory=Values)
    outputs: Mapping[str, Any] = msgspec.field(default_factory=dict)
    log: Path | None = None
    error: str | None = None
    attempt: int = 0
    cache: Mapping[str, Any] | None = None


class RunResult(msgspec.Struct, frozen=True):
    """How a run ended.

    Args:
        run_id: the run's identifier.
        state: SUCCEEDED, FAILED or CANCELED.
        values: the pipeline's outputs.
        outputs: the same as JSON values by name; an artifact is a mapping with name, type, uri and metadata.
        tasks: by the path of task names, joined by `/`; DAGs inside the pipeline included.
        error: what went wrong: each failed task's name and its step's own traceback.
        signal: the number of the signal that canceled the run, None for any other end.
    """

    run_id: str
    state: State
    values: Values = msgspec.field(default_factory=Values)
    outputs: Mapping[str, Any] = msgspec.field(default_factory=dict)
    tasks: Mapping[str, TaskResult] = msgspec.field(default_factory=dict)
    error: str | None = None
    signal: int | None = None


def plain_outputs(component: ComponentSpec, values: Values) -> dict[str, Any]:
    """Return a component's outputs as JSON values by name, in the order of its definitions.

    Args:
        component: says which artifacts are lists.
        values: the outputs.
    """
    plain: dict[str, Any] = {}
    for name in component.output_definitions.parameters:
        if name in values.parameters:
            plain[name] = values.parameters[name]
    for name, definition in component.output_definitions.artifacts.items():
        group = [artifact.to_json() for artifact in values.artifacts.get(name, ())]
        if definition.is_artifact_list:
            plain[name] = group
        elif group:
            plain[name] = group[0]
    return plain


def kept_outputs(component: ComponentSpec, plain: Mapping[str, Any]) -> Values:
    """Return the outputs that `plain_outputs` made JSON values of."""
    parameters = {name: plain[name] for name in component.output_definitions.parameters if name in plain}
    artifacts: dict[str, tuple[Artifact, ...]] = {}
    for name, definition in component.output_definitions.artifacts.items():
        if definition.is_artifact_list:
            artifacts[name] = tuple(map(Artifact.from_json, plain.get(name, ())))
        elif name in plain:
            artifacts[name] = (Artifact.from_json(plain[name]),)
    return Values(parameters, artifacts)
