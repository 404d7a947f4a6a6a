"""Continues a run that did not succeed: what had succeeded stays, and only what had not is done.

The run keeps its identifier, its directories and its time of creation. See `continuing/earlier.py` for what stays.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from kfp.engine.commands import recognise
from kfp.engine.continuing.earlier import Earlier
from kfp.engine.continuing.ending import end_steps
from kfp.engine.continuing.run_files import read_document, read_settings
from kfp.engine.continuing.stop_request import StopRequest
from kfp.engine.layout import RunPaths
from kfp.engine.planning.plan import Plan
from kfp.engine.planning.planner import plan
from kfp.engine.records.liveness import alive
from kfp.engine.records.record import Removed, RunRecord
from kfp.engine.records.recorder import StoreRecorder
from kfp.engine.records.rows import arguments_text
from kfp.engine.records.store import Store
from kfp.engine.running.choice import choose_executor
from kfp.engine.running.job import Job, steps_of
from kfp.engine.states import State
from kfp.errors import RunError
from kfp.home import kfp_home

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kfp.engine.events import Event
    from kfp.engine.records.recorder import Recorder
    from kfp.engine.result import RunResult
    from kfp.engine.settings import RunSettings
    from kfp.engine.step import Executor


def retry(
    run_id: str,
    *,
    home: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    on_event: Callable[[Event], None] | None = None,
    executor: Executor | None = None,
    recorder: Recorder | None = None,
) -> RunResult:
    """Continue a run that failed, was canceled, or whose process was killed.

    Args:
        run_id: the run's identifier, or an unambiguous beginning of it.
        home: the directory of the runs; None is `kfp_home()`.
        overrides: fields of `RunSettings` that are to be others than the run was started with.
        on_event: is told what happens, what had ended before included.
        executor: runs the steps; None takes what the settings say.
        recorder: where records go; None is the store in the home directory.

    Returns:
        How the run ended, with the results of all its tasks.

    Raises:
        RunError: there is no such run, it has succeeded, it is running, or it keeps no document.
    """
    home = home if home is not None else kfp_home()
    with contextlib.closing(Store(home)) as store:
        record = store.run(run_id)
    if record is None:
        raise RunError(f"there is no run {run_id}", hint="`kfp run list` shows the runs of this machine")
    if record.state is State.SUCCEEDED:
        raise RunError(f"run {record.id} has succeeded: there is nothing to retry", hint="run its pipeline anew")
    document = read_document(record.directory)
    settings = read_settings(record.directory, home, overrides or {})
    return _go_on(
        record,
        plan(document.spec, document.platforms),
        settings,
        executor=executor,
        on_event=on_event,
        recorder=recorder,
    )


def resumed(
    planned: Plan,
    document: str,
    bound: Mapping[str, Any],
    *,
    settings: RunSettings,
    on_event: Callable[[Event], None] | None = None,
    executor: Executor | None = None,
) -> RunResult | None:
    """Continue the newest run of a document with the same arguments that did not succeed; None where there is none.

    Args:
        planned: the document's plan.
        document: its digest.
        bound: the arguments.
        settings: how to go on; a `run_name` is one that the run must have.
        on_event: is told what happens.
        executor: runs the steps; None takes what the settings say.

    Raises:
        RunError: the run is running.
    """
    with contextlib.closing(Store(settings.home)) as store:
        record = store.unfinished(document, arguments_text(bound), settings.run_name)
    if record is None or not record.directory.is_dir():  # somebody has removed its files
        return None
    return _go_on(record, planned, settings, executor=executor, on_event=on_event)


def _go_on(
    record: RunRecord,
    planned: Plan,
    settings: RunSettings,
    *,
    executor: Executor | None,
    on_event: Callable[[Event], None] | None,
    recorder: Recorder | None = None,
) -> RunResult:
    with contextlib.ExitStack() as held:
        held.enter_context(alive(record.directory))
        executor = held.enter_context(contextlib.closing(executor or choose_executor(settings)))
        notices = executor.check(steps_of(planned.root)) or ()
        recorder = held.enter_context(contextlib.closing(recorder or StoreRecorder(settings.home)))
        with contextlib.closing(Store(settings.home)) as store:
            current = store.run(record.id)
            if current is None or current.state is State.SUCCEEDED:
                raise RunError(f"run {record.id} has been deleted or continued meanwhile", hint="see `kfp run list`")
            store.archive(record.id, archived=False)
            earlier = Earlier.of(store.tasks(record.id))
        end_steps(record.id, containers=_has_containers(planned, settings))
        StopRequest(record.directory).clear()
        again = replace(
            current, state=State.RUNNING, retried=current.retried + 1, finished_at=None, outputs=None, error=None
        )
        paths = RunPaths.at(record.directory, record.artifacts)
        job = Job.of(planned, settings, again, paths, notices=notices, earlier=earlier)
        job.check_places()
        job.make_places()
        recorder.add(Removed(record.id))  # what did not succeed is done anew
        return job.do(executor, recorder, on_event)


def _has_containers(planned: Plan, settings: RunSettings) -> bool:
    """Tell whether steps may have run in containers of an engine; the settings may have been others before."""
    steps = [task.container for task in steps_of(planned.root)]
    own = any(each is not None and recognise(each.command, each.args) is None for each in steps)
    return own or settings.runner == "container"
