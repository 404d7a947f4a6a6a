"""Runs a case's document on our engine, whoever compiled it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.running.host import HostExecutor
from kfp.engine.executors.process import ProcessExecutor
from kfp.engine.planning.planner import plan
from kfp.engine.records.recorder import NoRecorder
from kfp.engine.run import execute
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from kfp.engine.step import Executor
from kfp.errors import SkiffError
from kfp.ir import files
from kfp.ir.arguments import bind
from kfp.ir.spec import Document


def settings_in(folder: Path, **changes: Any) -> RunSettings:
    """Return settings of a run that leaves everything below a directory."""
    workspace = folder / "workspace"
    workspace.mkdir(exist_ok=True)
    made = {"home": folder / "home", "pipeline_root": folder / "root", "workspace": workspace, "parallelism": 4}
    return RunSettings(**{**made, **changes})


def outcome(
    text: str, arguments: Mapping[str, Any], settings: RunSettings, executor: Executor | None = None
) -> dict[str, Any]:
    """Run a document.

    Args:
        text: the document.
        arguments: the run's.
        settings: the run's.
        executor: runs the steps; None runs Python steps as processes, and the commands of containers likewise.

    Returns:
        `error`, `outputs`, `skipped` (paths; a skipped group stands for what is in it), `made` and `attempts` by path.
    """
    try:
        return outcome_of(files.loads(text), arguments, settings, executor or HostExecutor(ProcessExecutor(settings)))
    except SkiffError as error:
        return {"error": str(error), "outputs": {}, "skipped": [], "made": {}, "attempts": {}}


def outcome_of(
    document: Document, arguments: Mapping[str, Any], settings: RunSettings, executor: Executor
) -> dict[str, Any]:
    """Run a document that was read.

    Raises:
        SkiffError: it cannot start.
    """
    planned = plan(document.spec, document.platforms)
    bound = bind(document.spec, arguments)
    result = execute(planned, bound, executor, settings=settings, recorder=NoRecorder())
    plain = {path: task.values.to_json() for path, task in result.tasks.items()}
    return {
        "error": result.error,
        "outputs": dict(result.outputs),
        "skipped": [path for path, task in result.tasks.items() if task.state is State.SKIPPED],
        "made": {path: {**values["parameters"], **values["artifacts"]} for path, values in plain.items()},
        "attempts": {path: task.attempt for path, task in result.tasks.items()},
    }
