"""Tells once for a run which settings of platforms do nothing on this machine, and for which tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kfp.engine.planning.plan import Task
    from kfp.ir.spec import PipelineConfig

_MOST = 3
_OF_PIPELINES = {
    "ttl_seconds_after_finished": "resource_ttl_on_completion",
    "ttl_seconds_after_success": "resource_ttl_on_success",
    "ttl_seconds_after_failure": "resource_ttl_on_failure",
}


def unread_notice(tasks: Iterable[Task], config: PipelineConfig, *, in_containers: bool) -> str | None:
    """Return the notice, None where every setting comes true.

    Args:
        tasks: the tasks of the plan that run a container's command.
        config: the settings of the whole pipeline.
        in_containers: whether every step runs in a container.
    """
    found: dict[str, dict[str, None]] = {}
    for task in tasks:
        unread = list(_unread(task))
        if task.platform is not None and task.platform.user and not in_containers:
            unread.append("set_security_context")
        for setting in (*unread, *(f"all of platform {platform!r}" for platform in task.ignored)):
            found.setdefault(setting, {})[task.name] = None
    told = [f"{setting} (of {_names(list(names))})" for setting, names in found.items()]
    told += [f"PipelineConfig({name})" for name, field in _OF_PIPELINES.items() if getattr(config, field)]
    return f"these settings do nothing on this machine: {'; '.join(told)}" if told else None


def _unread(task: Task) -> tuple[str, ...]:
    if task.platform is None or not task.platform.unread:
        return ()
    from kfp.engine.platforms.passing import own_settings  # noqa: PLC0415 - few tasks have such settings

    return own_settings(task, task.platform).unread


def _names(tasks: list[str]) -> str:
    more = len(tasks) - _MOST
    return ", ".join(tasks[:_MOST]) + (f" and {more} more tasks" if more > 0 else "")
