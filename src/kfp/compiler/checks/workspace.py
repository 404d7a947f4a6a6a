"""Tasks that use the workspace of a pipeline which has none."""

from __future__ import annotations

from collections.abc import Iterator

from kfp.dsl.base_component import BaseComponent
from kfp.dsl.graph_component import GraphComponent
from kfp.dsl.pipeline_task import PipelineTask
from kfp.errors import AuthoringError
from kfp.ir import spec as ir

_WORKSPACE = "{{$.workspace_path}}"


def check_no_workspace(spec: ir.PipelineSpec, component: BaseComponent) -> None:
    """Check that nothing in a pipeline without a workspace uses one.

    Args:
        spec: the compiled pipeline.
        component: what it was compiled from.

    Raises:
        AuthoringError: something does; the location is that of the task.
    """
    found = next(_users(spec), None)
    if found is None:
        return
    name, where = found
    task = next((task for task in _tasks(component) if task.name == name), None)
    raise AuthoringError(
        f"pipeline {spec.pipeline_info.name!r} has no workspace, but {where}",
        hint="@dsl.pipeline(pipeline_config=dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size='1Gi')))",
        location=None if task is None else task.place,
    )


def _users(spec: ir.PipelineSpec) -> Iterator[tuple[str, str]]:
    """Yield the name of each task that uses the workspace, and what it does with it."""
    for label, executor in spec.deployment_spec.executors.items():
        if executor.importer is not None and executor.importer.download_to_workspace:
            name = label.removeprefix("exec-")
            yield name, f"the importer {name!r} downloads into it"
    for component in (spec.root, *spec.components.values()):
        for name, task in component.dag.tasks.items() if component.dag is not None else ():
            for key, source in task.inputs.parameters.items():
                value = source.runtime_value
                if value is not None and isinstance(value.constant, str) and _WORKSPACE in value.constant:
                    yield name, f"the argument {key!r} of task {name!r} has its path"


def _tasks(component: BaseComponent) -> Iterator[PipelineTask]:
    if isinstance(component, GraphComponent):
        for task in component.pipeline.tasks.values():
            yield task
            yield from _tasks(task.component)
