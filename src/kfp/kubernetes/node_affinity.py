"""Placement by expressions over the labels and fields of nodes."""

from __future__ import annotations

from typing import Any

from kfp.dsl.pipeline_channel import PipelineParameterChannel
from kfp.dsl.pipeline_task import PipelineTask
from kfp.errors import ArgumentTypeError, AuthoringError
from kfp.kubernetes.settings import append, json_value, settings, text, whole

_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
_AFFINITY = ("requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution")
_IN_PYTHON = (
    "required_during_scheduling_ignored_during_execution",
    "preferred_during_scheduling_ignored_during_execution",
)
"""The same keys as the Kubernetes client for Python names them, which KFP takes as well."""
_LOWEST, _HIGHEST = 1, 100


def add_node_affinity(
    task: PipelineTask,
    match_expressions: list[dict[str, Any]] | None = None,
    match_fields: list[dict[str, Any]] | None = None,
    weight: int | None = None,
) -> PipelineTask:
    """Add a term to a task's affinity to nodes: all of its requirements hold for a node, or are preferred.

    Args:
        task: the task.
        match_expressions: requirements of labels, each with `key`, `operator` (In, NotIn, Exists, DoesNotExist, Gt, Lt)
            and `values`.
        match_fields: the same of fields of the node.
        weight: 1 to 100 makes the term a preference of that weight; None makes it a requirement.

    Returns:
        The task.

    Raises:
        AuthoringError: a requirement has no key or no known operator, or the weight is out of range.
    """
    setter = "add_node_affinity"
    term: dict[str, Any] = {}
    if match_expressions:
        term["matchExpressions"] = _requirements(task, "match_expressions", match_expressions)
    if match_fields:
        term["matchFields"] = _requirements(task, "match_fields", match_fields)
    if weight is not None:
        if not _LOWEST <= whole(task, setter, "weight", weight) <= _HIGHEST:
            raise AuthoringError(f"{setter}() of task {task.name!r}: weight is 1 to 100, not {weight}")
        term["weight"] = weight
    return append(task, setter, "nodeAffinity", term)


def add_node_affinity_json(
    task: PipelineTask, node_affinity_json: PipelineParameterChannel | dict[str, Any]
) -> PipelineTask:
    """Set a task's affinity to nodes from a dictionary, which replaces the one of an earlier call.

    Args:
        task: the task.
        node_affinity_json: a `NodeAffinity` of Kubernetes, or a parameter that holds one.

    Returns:
        The task.

    Raises:
        AuthoringError: the dictionary has a key that a `NodeAffinity` does not have.
    """
    setter = "add_node_affinity_json"
    if isinstance(node_affinity_json, dict):
        unknown = [key for key in node_affinity_json if key not in _AFFINITY + _IN_PYTHON]
        if unknown:
            raise AuthoringError(
                f"{setter}() of task {task.name!r}: a NodeAffinity has no {unknown[0]!r}",
                hint=f"it has {' and '.join(_AFFINITY)}",
            )
    item = {"nodeAffinityJson": json_value(task, setter, "node_affinity_json", node_affinity_json)}
    own = settings(task, setter)
    own["nodeAffinity"] = [term for term in own.get("nodeAffinity", []) if "nodeAffinityJson" not in term]
    return append(task, setter, "nodeAffinity", item)


def _requirements(task: PipelineTask, parameter: str, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    setter = "add_node_affinity"
    if not isinstance(given, (list, tuple)) or not all(isinstance(requirement, dict) for requirement in given):
        raise ArgumentTypeError(
            f"{setter}() of task {task.name!r}: {parameter} takes a list of dictionaries, not {given!r}"
        )
    return [_requirement(task, parameter, requirement) for requirement in given]


def _requirement(task: PipelineTask, parameter: str, given: dict[str, Any]) -> dict[str, Any]:
    setter = "add_node_affinity"
    title = f"{setter}() of task {task.name!r}: {parameter}"
    for field in ("key", "operator"):
        if not given.get(field):
            raise AuthoringError(f"{title}: {given!r} has no {field!r}")
    key = text(task, setter, parameter, given["key"])
    operator = text(task, setter, parameter, given["operator"])
    if operator not in _OPERATORS:
        raise AuthoringError(f"{title}: operator {operator!r} is unknown", hint=f"it is one of {', '.join(_OPERATORS)}")
    values = given.get("values") or []
    listed = [values] if isinstance(values, str) else values
    requirement: dict[str, Any] = {"key": key, "operator": operator}
    if listed:
        requirement["values"] = [text(task, setter, parameter, value) for value in listed]
    return requirement
