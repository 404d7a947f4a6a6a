"""Which steps the cache has nothing to do with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.engine.platforms.claims import is_claim_step

if TYPE_CHECKING:
    from kfp.engine.planning.plan import Task
    from kfp.engine.settings import RunSettings

_WORKSPACE = "{{$.workspace_path}}"


def why_off(task: Task, settings: RunSettings) -> str | None:
    """Return why a task's steps are neither looked up nor kept, None where they are.

    Args:
        task: the task.
        settings: of its run.
    """
    if not settings.caching:
        return "the run was started without the cache"
    options = task.spec.caching_options
    if options is None or not options.enable_cache:
        return "the task's caching options"
    if any(source.task_final_status is not None for source in task.spec.inputs.parameters.values()):
        return "the step is told how other tasks ended"
    if task.container is not None and is_claim_step(task.container.image):
        return "the step makes or deletes a volume"
    if _uses_workspace(task):
        return "the step uses the run's workspace, which the cache does not keep"
    return None


def _uses_workspace(task: Task) -> bool:
    """Tell whether a step is told where the workspace is; what it leaves there, later steps may look for."""
    container = task.container
    texts = [] if container is None else [container.image, *container.command, *container.args]
    texts += [] if container is None else [each.value for each in container.env]
    given = [source.runtime_value.constant for source in task.spec.inputs.parameters.values() if source.runtime_value]
    return any(_WORKSPACE in text for text in texts) or any(_WORKSPACE in str(value) for value in given)
