"""Runs a pipeline: plans it, binds its arguments, and hands it to the loop."""

from __future__ import annotations

import contextlib
import time
import uuid
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from kfp.engine.executors.choice import choose_executor
from kfp.engine.interrupts import interrupts
from kfp.engine.layout import RunPaths
from kfp.engine.liveness import alive
from kfp.engine.loop import Loop
from kfp.engine.plan import Dag, Plan, Task, plan
from kfp.engine.recorder import Recorder, StoreRecorder
from kfp.engine.records import RunRecord
from kfp.engine.references import RunConstants
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from kfp.engine.values import root_values
from kfp.errors import RunError
from kfp.ir.arguments import bind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kfp.engine.events import Event
    from kfp.engine.result import RunResult
    from kfp.engine.step import Executor
    from kfp.ir.spec import Document


def run(
    document: Document,
    arguments: Mapping[str, Any],
    *,
    settings: RunSettings | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> RunResult:
    """Run a pipeline to its end.

    Ctrl-C and SIGTERM cancel the run when this is called in the main thread; a second one stops its steps at once.

    Args:
        document: the pipeline.
        arguments: JSON values by input name.
        settings: how to run it; None is `RunSettings()`.
        on_event: is told everything that happens, in this thread.

    Returns:
        How the run ended. A failed or canceled run is a result, not an exception.

    Raises:
        ArgumentsError: the arguments do not fit the pipeline's inputs.
        SpecError: the document is not a pipeline that can run.
        RunError: the run cannot start. Nothing has run when one of these three is raised.
    """
    settings = settings or RunSettings()
    planned = plan(document.spec, document.platforms)
    bound = bind(document.spec, arguments)
    executor = choose_executor(settings)
    return execute(planned, bound, executor, settings=settings, on_event=on_event)


def execute(
    planned: Plan,
    bound: Mapping[str, Any],
    executor: Executor,
    *,
    settings: RunSettings,
    on_event: Callable[[Event], None] | None = None,
    recorder: Recorder | None = None,
) -> RunResult:
    """Run a plan with an executor; see `run`.

    Args:
        planned: the plan.
        bound: a value for each input of the root.
        executor: runs the steps.
        settings: how to run it.
        on_event: is told everything that happens.
        recorder: where records go; None is the store in the home directory.
    """
    executor.check(_steps(planned.root))
    root = root_values(planned.root.component, bound)
    created = time.time()
    run_id = str(uuid.uuid4())
    stamp = datetime.fromtimestamp(created, timezone.utc)
    name = settings.run_name or f"{planned.name}-{run_id[:8]}"
    paths = RunPaths.of(settings.home, settings.artifacts, planned.name, run_id)
    try:
        paths.directory.mkdir(parents=True)
        paths.artifacts.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"the run's directory cannot be made: {error}", hint="check the disk and its rights") from error
    with contextlib.closing(executor), alive(paths.directory):
        record = RunRecord(
            run_id, name, planned.name, settings.experiment, State.RUNNING, created, dict(bound), paths.directory
        )
        constants = RunConstants(run_id, name, f"{stamp:%Y-%m-%dT%H:%M:%SZ}", paths.artifacts, settings.workspace)
        recorder = recorder or StoreRecorder(settings.home)
        try:
            loop = Loop(
                planned=planned,
                root=root,
                executor=executor,
                settings=settings,
                on_event=on_event or _silent,
                recorder=recorder,
                record=record,
                paths=paths,
                constants=constants,
            )
            with interrupts(lambda number: loop.stop("the run was canceled", number)):
                return loop.execute()
        finally:
            recorder.close()


def _steps(dag: Dag) -> Iterator[Task]:
    """Yield the tasks that run a container's command, those of each DAG component once."""
    todo, seen = [dag], {id(dag)}
    while todo:
        for task in todo.pop().tasks:
            if task.dag is None:
                if task.container is not None:
                    yield task
            elif id(task.dag) not in seen:
                seen.add(id(task.dag))
                todo.append(task.dag)


def _silent(_: Event) -> None:
    """Tell nobody."""
