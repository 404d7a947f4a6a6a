"""The state of a run as the scheduler sees it, what can happen to it, and what is to be done: values, all of them.

A run is a tree of scopes. A scope is one opened DAG: a `Graph` and a `Node` for each of its tasks. A task is named by
its `Key`: the number of its scope and its position in the scope's graph. The root DAG is the only task of scope 0.
"""

from __future__ import annotations

import enum
from typing import NamedTuple, TypeAlias

import msgspec

from kfp.engine.scheduling.graph import Graph
from kfp.engine.scheduling.line import Line
from kfp.engine.scheduling.resources import NOTHING, UNBOUNDED, Request
from kfp.engine.scheduling.vector import Vector
from kfp.engine.states import State


class Key(NamedTuple):
    """A task of a run."""

    scope: int
    position: int


ROOT = Key(0, 0)


class Phase(enum.Enum):
    """Where a task stands."""

    WAITING = "waiting for what it needs"
    READY = "in line"
    WEIGHING = "in line, and its request is being found out"
    OPENING = "a DAG whose graph is being found out"
    RUNNING = "running"
    PAUSING = "waiting to be tried again"
    ENDED = "ended"


class Node(NamedTuple):
    """One task's standing.

    Args:
        phase: where it stands.
        waiting: how many of its needs have not ended yet.
        attempt: the attempt that runs or ran, 0 before the first.
        request: what it asks for, where its vertex does not know.
    """

    phase: Phase
    waiting: int
    attempt: int = 0
    request: Request | None = None


class Scope(NamedTuple):
    """One opened DAG.

    Args:
        owner: the task that opened it.
        graph: its tasks.
        nodes: how they stand.
        left: how many have not ended.
        failed: whether one of them has failed.
        canceled: whether a cancellation came upon it.
        last: whether it belongs to an exit task, which the first cancellation spares.
        limit: of a loop, how many of its iterations may be under way at the same time, 0 for any number; else None.
        under_way: how many are.
        next: the first iteration that may not have begun.
        depth: how many loops it is inside of, itself included.
    """

    owner: Key
    graph: Graph
    nodes: Vector[Node]
    left: int
    failed: bool = False
    canceled: bool = False
    last: bool = False
    limit: int | None = None
    under_way: int = 0
    next: int = 0
    depth: int = 0


class Opened(msgspec.Struct, frozen=True):
    """Event: a DAG's inputs are bound and this is its graph.

    For a loop `limit` says how many iterations may be under way at the same time, 0 for any number; they need nothing.
    """

    key: Key
    graph: Graph
    limit: int | None = None


class Weighed(msgspec.Struct, frozen=True):
    """Event: this is what a step asks for."""

    key: Key
    request: Request


class Ended(msgspec.Struct, frozen=True):
    """Event: a step or a DAG has ended, SKIPPED where it did not want to run.

    `final` says that another attempt would be pointless.
    """

    key: Key
    state: State
    final: bool = False


class Due(msgspec.Struct, frozen=True):
    """Event: the time has come to try a step again."""

    key: Key


class CancelRequested(msgspec.Struct, frozen=True):
    """Event: the user wants the run to stop. The first time exit tasks are spared, the second time nothing is."""


class Start(msgspec.Struct, frozen=True):
    """Action: run this step; attempts count from 1."""

    key: Key
    attempt: int


class Weigh(msgspec.Struct, frozen=True):
    """Action: find out what this step asks for, then answer `Weighed`."""

    key: Key


class Wait(msgspec.Struct, frozen=True):
    """Action: answer `Due` when it is time for this attempt of a step that has failed."""

    key: Key
    attempt: int


class Open(msgspec.Struct, frozen=True):
    """Action: bind this DAG's inputs, then answer `Opened`, or `Ended` where that fails."""

    key: Key


class Close(msgspec.Struct, frozen=True):
    """Action: every task of this DAG has ended; collect its outputs, then answer `Ended`."""

    key: Key
    state: State


class Skip(msgspec.Struct, frozen=True):
    """Action: record that this task will never start."""

    key: Key


class Cancel(msgspec.Struct, frozen=True):
    """Action: stop this step, which runs or waits to be tried again; it answers `Ended` like any other."""

    key: Key


class Finish(msgspec.Struct, frozen=True):
    """Action: the run is over."""

    state: State


Event: TypeAlias = "Opened | Weighed | Ended | Due | CancelRequested"
Action: TypeAlias = "Start | Weigh | Wait | Open | Close | Skip | Cancel | Finish"


class Schedule(msgspec.Struct, frozen=True):
    """The state of a run, a value.

    Args:
        limit: how many steps may run at the same time.
        capacity: what the machine has.
        scopes: every opened DAG; None once it has ended.
        line: the steps that are free to start.
        lined: how many those are.
        running: how many steps run.
        used: what they take of the machine.
        opening: how many DAGs are about to open.
        loops: those that can begin another iteration, the innermost first: the negative depth and number of a scope.
        canceled: whether the user wants the run to stop.
        halted: whether that is meant for exit tasks too.
    """

    limit: int
    capacity: Request = UNBOUNDED
    scopes: Vector[Scope | None] = msgspec.field(default_factory=Vector)
    line: Line = Line()
    lined: int = 0
    running: int = 0
    used: Request = NOTHING
    opening: int = 0
    loops: tuple[tuple[int, int], ...] = ()
    canceled: bool = False
    halted: bool = False
