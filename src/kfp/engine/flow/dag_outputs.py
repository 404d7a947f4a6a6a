"""What leaves a DAG: outputs of its tasks, or of the first of several branches that ran (`DagOutputsSpec`).

A task that was skipped gives nothing, and what would have come from it does not leave the DAG either: a task outside
that needs it says so, or takes its default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kfp.engine.flow.values import Artifact, Values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kfp.ir.spec import DagOutputParameterSpec, DagOutputsSpec, ParameterSelectorSpec

_NOTHING = Values()


def dag_outputs(outputs: DagOutputsSpec, by_task: Mapping[str, Values]) -> Values:
    """Pick a DAG's outputs from those of its tasks.

    Args:
        outputs: what leaves the DAG, and where it comes from; of several sources the first that ran counts.
        by_task: the outputs of the DAG's tasks that have succeeded.

    Returns:
        The outputs whose source has run.
    """
    parameters: dict[str, Any] = {}
    artifacts: dict[str, tuple[Artifact, ...]] = {}
    for name, source in outputs.parameters.items():
        for selector in selectors(source):
            given = by_task.get(selector.producer_subtask, _NOTHING).parameters
            if selector.output_parameter_key in given:
                parameters[name] = given[selector.output_parameter_key]
                break
    for name, choice in outputs.artifacts.items():
        for pick in choice.artifact_selectors:
            groups = by_task.get(pick.producer_subtask, _NOTHING).artifacts
            if pick.output_artifact_key in groups:
                artifacts[name] = groups[pick.output_artifact_key]
                break
    return Values(parameters, artifacts)


def selectors(source: DagOutputParameterSpec) -> Iterable[ParameterSelectorSpec]:
    """Return where a DAG's output parameter may come from, in the order of preference."""
    if source.value_from_oneof is not None:
        return source.value_from_oneof.parameter_selectors
    return (source.value_from_parameter,) if source.value_from_parameter is not None else ()
