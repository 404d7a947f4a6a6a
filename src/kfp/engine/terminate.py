"""Stops a run that another process runs, or that nobody runs any more."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from kfp.engine.continuing.ending import end_steps
from kfp.engine.continuing.stop_request import REASON, StopRequest
from kfp.engine.records.liveness import alive, is_alive
from kfp.engine.records.store import DIED, Store
from kfp.engine.states import State
from kfp.errors import RunError
from kfp.home import kfp_home

if TYPE_CHECKING:
    from pathlib import Path

    from kfp.engine.records.record import RunRecord


def terminate(run_id: str, *, home: Path | None = None, force: bool = False) -> RunRecord:
    """Have a run canceled.

    The process that runs it looks for the request twice a second: its steps are asked to stop, and exit tasks run. The
    run has ended when its state says so. Where that process is gone, the run is canceled when this returns, and what
    was left of its steps has ended.

    Args:
        run_id: the run's identifier, or an unambiguous beginning of it.
        home: the directory of the runs; None is `kfp_home()`.
        force: have its steps stop at once, and no exit tasks run.

    Returns:
        The run as it is then.

    Raises:
        RunError: there is no such run, it has ended, or its directory cannot be written.
    """
    with contextlib.closing(Store(home if home is not None else kfp_home())) as store:
        record = store.run(run_id, as_it_is=True)
        if record is None:
            raise RunError(f"there is no run {run_id}", hint="`kfp run list` shows the runs of this machine")
        if record.state.ended and record.error != DIED:
            raise RunError(f"run {record.id} has ended already: {record.state}")
        if record.state.ended or not is_alive(record.directory):
            return _end(store, record)
        try:
            StopRequest(record.directory).ask(force=force)
        except OSError as error:
            raise RunError(f"run {record.id} cannot be asked to stop: {error}", hint="check the disk") from error
        return record


def _end(store: Store, record: RunRecord) -> RunRecord:
    """End what is left of a run whose process is gone."""
    with contextlib.ExitStack() as held:
        if record.directory.is_dir():
            held.enter_context(alive(record.directory))
        end_steps(record.id)
        return store.end(record, State.CANCELED, REASON)
