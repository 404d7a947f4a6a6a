"""The state of a run as the scheduler sees it, what can happen to it, and what is to be done: values, all of them.

A run is a tree of scopes. A scope is one opened DAG: a `Graph` and a `Node` for each of its tasks. A task is named by
its `Key`: the number of its scope and its position in the scope's graph. The root DAG is the only task of scope 0.
"""

from __future__ import annotations

import enum
from typing import NamedTuple, TypeAlias

import msgspec

from kfp.engine.graph import Graph
from kfp.engine.states import State
from kfp.engine.vector import Vector


class Key(NamedTuple):
    """A task of a run."""

    scope: int
    position: int


ROOT = Key(0, 0)


class Phase(enum.Enum):
    """Where a task stands."""

    WAITING = "waiting"
    READY = "ready"
    RUNNING = "running"
    ENDED = "ended"


class Node(NamedTuple):
    """One task's standing: its phase, how many needs have not ended yet, and the attempt that runs or ran."""

    phase: Phase
    waiting: int
    attempt: int = 0


class Scope(NamedTuple):
    """One opened DAG: `left` counts the tasks that have not ended.

    With a `limit` above 0, the tasks that need nothing are let go one after the other; `next` is the first one left.
    """

    owner: Key
    graph: Graph
    nodes: Vector[Node]
    left: int
    failed: bool = False
    limit: int = 0
    next: int = 0


class Opened(msgspec.Struct, frozen=True):
    """Event: a DAG's inputs are bound and this is its graph.

    A `limit` above 0 says how many of the tasks that need nothing (iterations) may be under way at the same time.
    """

    key: Key
    graph: Graph
    limit: int = 0


class Ended(msgspec.Struct, frozen=True):
    """Event: a step or a DAG has ended, SKIPPED where it did not want to run.

    `final` says that another attempt would be pointless.
    """

    key: Key
    state: State
    final: bool = False


class CancelRequested(msgspec.Struct, frozen=True):
    """Event: the user wants the run to stop."""


class Start(msgspec.Struct, frozen=True):
    """Action: run this step; attempts count from 1."""

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
    """Action: stop this running step; it answers `Ended` like any other."""

    key: Key


class Finish(msgspec.Struct, frozen=True):
    """Action: the run is over."""

    state: State


Event: TypeAlias = "Opened | Ended | CancelRequested"
Action: TypeAlias = "Start | Open | Close | Skip | Cancel | Finish"
Chain: TypeAlias = "tuple[Key, Chain] | None"


class Schedule(msgspec.Struct, frozen=True):
    """The state of a run, a value.

    Args:
        limit: how many steps may run at the same time.
        scopes: every opened DAG; None once it has ended.
        front: free steps, first in, first out, as a linked list.
        back: the newest free steps, newest first; becomes the next front.
        running: how many steps run.
        canceled: whether the user wants the run to stop.
    """

    limit: int
    scopes: Vector[Scope | None]
    front: Chain = None
    back: Chain = None
    running: int = 0
    canceled: bool = False
