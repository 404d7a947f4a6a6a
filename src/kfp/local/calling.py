"""Runs what is called: compiles it, hands it to the engine, and makes Python objects of what comes back."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kfp.compiler.compile import document
from kfp.dsl.graph_component import GraphComponent
from kfp.engine import events
from kfp.engine.artifacts.results import bring_here
from kfp.engine.executors.failures import step_traceback
from kfp.engine.run import run
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from kfp.errors import StepError
from kfp.local.arguments import to_json
from kfp.local.artifacts import to_objects
from kfp.local.runners import DockerRunner, RuncRunner, SubprocessRunner
from kfp.local.sources import sources
from kfp.local.task import LocalTask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.dsl.base_component import BaseComponent
    from kfp.engine.result import RunResult
    from kfp.local.runners import Runner


def call(
    component: BaseComponent, arguments: Mapping[str, Any], settings: RunSettings, *, raise_on_error: bool
) -> LocalTask:
    """Run a component or pipeline to its end.

    Args:
        component: what was called.
        arguments: by input name; artifacts as objects.
        settings: how to run it.
        raise_on_error: raise when the run fails.

    Raises:
        InconsistentTypeException: an argument is no artifact, or one of another type, where one is wanted.
        StepError: the run failed, and `raise_on_error` is set.
        RunError: it cannot start.
    """
    given = to_json(component.interface, arguments)
    result = run(document(component), given, settings=settings, on_event=_tell)
    if result.signal is not None:
        _deliver(result.signal)
    if result.state != "SUCCEEDED" and raise_on_error:
        raise failure(component.name, result)
    run_id = result.run_id
    tasks = {
        path: LocalTask(path, each.state, to_objects(each.outputs, each.values), each.error, run_id, log=each.log)
        for path, each in result.tasks.items()
    }
    outputs = to_objects(result.outputs, bring_here(result.values, settings.home, run_id, _log))
    return LocalTask(component.name, result.state, outputs, result.error, run_id, inputs=arguments, tasks=tasks)


def run_settings(
    component: BaseComponent,
    runner: Runner,
    pipeline_root: Path | str,
    workspace: Path | None,
    cache: Path | None = None,
) -> RunSettings:
    """Return how to run a component.

    Args:
        component: what is called.
        runner: what its steps run in.
        pipeline_root: the directory that artifacts go to, or the URI of an object store.
        workspace: the directory that `dsl.WORKSPACE_PATH_PLACEHOLDER` stands for.
        cache: the directory of the cache, None for none.
    """
    in_containers = isinstance(runner, (DockerRunner, RuncRunner))
    return RunSettings(
        pipeline_root=pipeline_root,
        workspace=workspace,
        runner="runc" if isinstance(runner, RuncRunner) else "container" if in_containers else "process",
        container_options=runner.container_run_args if isinstance(runner, (DockerRunner, RuncRunner)) else {},
        reuse_interpreter=isinstance(runner, SubprocessRunner) and not runner.use_venv,
        sources={} if in_containers else sources(component),
        caching=cache is not None and isinstance(component, GraphComponent),
        cache_root=cache,
    )


def failure(name: str, result: RunResult) -> StepError:
    """Return the error of a run that failed: of its first step that did, where one did.

    Args:
        name: of what ran.
        result: how it ended.
    """
    message = result.error or f"the run of {name!r} {result.state.lower()}"
    failed = {path: each for path, each in result.tasks.items() if each.state is State.FAILED}
    for path, each in failed.items():
        if each.attempt and not any(other.startswith(f"{path}/") for other in failed):
            said = step_traceback((each.error or "").splitlines())
            return StepError(message, task=path, attempt=each.attempt, log=each.log, traceback=said)
    return StepError(message)


def _tell(event: events.Event) -> None:
    """Show on stderr what steps write and how they end."""
    if isinstance(event, events.TaskLog):
        print(f"[{event.task}] {event.line}", file=sys.stderr)
    elif isinstance(event, events.TaskNotice):
        print(f"[{event.task}] warning: {event.message}", file=sys.stderr)
    elif isinstance(event, events.RunNotice):
        print(f"warning: {event.message}", file=sys.stderr)
    elif isinstance(event, events.TaskFinished):
        cache = event.cache or {}
        how = f"taken from {cache['reason']}" if cache.get("state") == "hit" else f"in {event.seconds or 0:.2f} s"
        print(f"[{event.task}] {event.state.lower()} {how}", file=sys.stderr)


def _log(line: str) -> None:
    print(line, file=sys.stderr)


def _deliver(number: int) -> None:
    """Do what a signal would have done, now that the run it interrupted is put away."""
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    os.kill(os.getpid(), number)
