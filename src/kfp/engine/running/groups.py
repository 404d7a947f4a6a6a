"""The DAGs and loops of a run: opened when their inputs are there, closed when all that is in them has ended."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kfp.engine import events
from kfp.engine.flow.iterations import iterations_graph
from kfp.engine.flow.values import Values
from kfp.engine.scheduling import schedule
from kfp.engine.scheduling.schedule import ROOT
from kfp.engine.states import State

if TYPE_CHECKING:
    from kfp.engine.planning.plan import Plan
    from kfp.engine.running.outbox import Outbox
    from kfp.engine.running.underway import Underway
    from kfp.engine.scheduling.schedule import Key


class Groups:
    """Opens and closes DAGs; each method returns what the scheduler is to be told.

    Args:
        planned: the plan.
        underway: what has started.
        outbox: takes what is recorded and told.
    """

    def __init__(self, planned: Plan, underway: Underway, outbox: Outbox) -> None:
        self._plan, self._underway, self._outbox = planned, underway, outbox
        self.outputs = Values()
        """What the pipeline has made, once its own DAG is closed."""

    def open(self, key: Key) -> schedule.Event:
        """Give a DAG or a loop its inputs, and tell its graph."""
        if key == ROOT:
            self._outbox.tell(events.DagStarted("", self._plan.name, self._plan.root.names))
            return schedule.Opened(key, self._plan.root.graph)
        started = self._underway.take(key)
        state = self._underway.admit(key)
        if state is not None:
            return schedule.Ended(key, state, final=True)
        done = self._underway.recall(key)
        if done is not None:
            started.record = done  # it holds unless one of its tasks has to run again
        else:
            started.record = replace(started.record, state=State.RUNNING, started_at=time.time())
            self._outbox.record(started.record)
        task = started.task
        if task.iterator is not None:
            count = len(started.items)
            names = task.dag.names if task.dag is not None else ()
            self._outbox.tell(events.DagStarted(started.name, task.display_name, names, count))
            return schedule.Opened(key, iterations_graph(task, count), task.iterator.limit)
        if task.dag is None:
            return schedule.Ended(key, State.FAILED, final=True)
        self._outbox.tell(events.DagStarted(started.name, task.display_name, task.dag.names))
        return schedule.Opened(key, task.dag.graph)

    def close(self, key: Key, state: State) -> schedule.Event:
        """Collect what a DAG or a loop has made."""
        dag = self._underway.close(key)
        values = dag.made() if state is State.SUCCEEDED else Values()
        if key == ROOT:
            self.outputs = values
        else:
            started = self._underway.started(key)
            started.values, started.inside = values, dag.failure() if state is State.FAILED else None
            started.kept = started.record.state is State.SUCCEEDED and not dag.renewed
        return schedule.Ended(key, state)
