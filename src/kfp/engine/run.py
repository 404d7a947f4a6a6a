"""Runs a pipeline: plans it, binds its arguments, and has it done."""

from __future__ import annotations

import contextlib
import time
import uuid
from typing import TYPE_CHECKING, Any

from kfp.engine.continuing.run_files import document_digest, document_text, write_files
from kfp.engine.layout import RunPaths, remove_run
from kfp.engine.planning.plan import Plan
from kfp.engine.planning.planner import plan
from kfp.engine.records.liveness import alive
from kfp.engine.records.record import RunRecord
from kfp.engine.records.recorder import Recorder, StoreRecorder
from kfp.engine.running.choice import choose_executor
from kfp.engine.running.job import Job, steps_of
from kfp.engine.settings import RunSettings, rooted
from kfp.engine.states import State
from kfp.ir.arguments import bind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
    resume: bool = False,
) -> RunResult:
    """Run a pipeline to its end.

    Ctrl-C, SIGTERM and the end of the terminal cancel the run when this is called in the main thread; a second one
    stops its steps at once.

    Args:
        document: the pipeline.
        arguments: JSON values by input name.
        settings: how to run it; None is `RunSettings()`.
        on_event: is told everything that happens, in this thread.
        resume: continue the newest run of the same document with the same arguments, and of `settings.run_name` where
            that is given, that did not succeed; a new one starts where there is none.

    Returns:
        How the run ended. A failed or canceled run is a result, not an exception.

    Raises:
        ArgumentsError: the arguments do not fit the pipeline's inputs.
        SpecError: the document is not a pipeline that can run.
        RunError: the run cannot start. Nothing has run when one of these three is raised.
    """
    settings = rooted(settings or RunSettings(), document.spec.default_pipeline_root)
    planned = plan(document.spec, document.platforms)
    bound = bind(document.spec, arguments)
    text = document_text(document)
    if resume:
        from kfp.engine.resume import resumed  # noqa: PLC0415 - most runs are new

        result = resumed(planned, document_digest(text), bound, settings=settings, on_event=on_event)
        if result is not None:
            return result
    executor = choose_executor(settings)
    return execute(planned, bound, executor, settings=settings, on_event=on_event, document=text)


def execute(
    planned: Plan,
    bound: Mapping[str, Any],
    executor: Executor,
    *,
    settings: RunSettings,
    on_event: Callable[[Event], None] | None = None,
    recorder: Recorder | None = None,
    document: str | None = None,
) -> RunResult:
    """Run a plan with an executor; see `run`.

    Args:
        planned: the plan.
        bound: a value for each input of the root.
        executor: runs the steps; it is closed at the end.
        settings: how to run it.
        on_event: is told everything that happens.
        recorder: where records go, closed at the end; None is the store in the home directory.
        document: the text of the document, without which the run cannot be continued.
    """
    with contextlib.ExitStack() as held:
        held.enter_context(contextlib.closing(executor))
        notices = executor.check(steps_of(planned.root)) or ()
        record, paths = _new(planned, bound, settings, document)
        job = Job.of(planned, settings, record, paths, notices=notices)
        job.check_places()
        try:
            job.make_places()
            if document is not None:
                write_files(paths.directory, document, settings)
            held.enter_context(alive(paths.directory))
            recorder = held.enter_context(contextlib.closing(recorder or StoreRecorder(settings.home)))
        except BaseException:  # nobody knows of the run
            with contextlib.suppress(OSError):
                remove_run(record, settings.home)
            raise
        return job.do(executor, recorder, on_event)


def _new(
    planned: Plan, bound: Mapping[str, Any], settings: RunSettings, document: str | None
) -> tuple[RunRecord, RunPaths]:
    """Return what the store is to know of a run that is about to start, and its directories."""
    run_id = str(uuid.uuid4())
    paths = RunPaths.of(settings.home, settings.artifacts, planned.name, run_id)
    record = RunRecord(
        id=run_id,
        name=settings.run_name or f"{planned.name}-{run_id[:8]}",
        pipeline=planned.name,
        experiment=settings.experiment,
        state=State.RUNNING,
        created_at=time.time(),
        arguments=dict(bound),
        directory=paths.directory,
        artifacts=paths.uri,
        document=document_digest(document) if document is not None else "",
    )
    return record, paths
