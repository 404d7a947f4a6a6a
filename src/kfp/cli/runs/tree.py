"""A run as a tree of its tasks, kept up to date by the run's events.

An event costs the same however large the run is. What lies inside a loop is there only while it runs or where it
failed; the loop counts the rest, so that a loop of any width stays small.
"""

from __future__ import annotations

from collections import Counter, deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kfp.cli.cells import Line, plain
from kfp.cli.runs.failures import told
from kfp.cli.runs.paths import general
from kfp.engine import events
from kfp.engine.states import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_KEPT_LINES = 60
_KEPT_FAILURES = 20
_KEPT_NOTICES = 20


class Node(msgspec.Struct, eq=False):
    """A task, an iteration of a loop, or the pipeline itself.

    Args:
        name: what tells it from its neighbours.
        title: what a person calls it.
        path: the names of the tasks down to it, joined by `/`.
        parent: the DAG that it is in; None for the pipeline.
        loop: the outermost loop that it is in.
        units: how many steps it counts for until it is known to be a DAG.
        state: PENDING until it starts.
        attempt: the attempt that runs or ran last, 0 before the first.
        since: when that attempt started, on the view's clock.
        due: when the next attempt follows, where one does.
        seconds: how long the last attempt took, once it is over.
        error: what went wrong, in the last attempt that has ended.
        log: the file with what its last attempt wrote.
        cache: what caching came to.
        kept: whether it had ended before this go of the run.
        said: the last line that it wrote, or that was written in it, with its writer's path in it.
        tail: the last lines that it wrote, while it runs.
        told: what there is to show of a failure, lines with their styles.
        is_dag: whether it has opened.
        iterations: how many a loop has.
        body: how many steps an iteration counts for.
        children: the tasks in it by name; for a loop, those iterations that run or failed.
        active: those of them in which something has started and not ended, by name.
        ended: how many of its tasks or iterations have ended, by state.
        earlier: how many of them had ended before this go of the run.
        cached: how many steps in this loop took their outputs from an earlier run.
        failures: how many failed steps are kept in this loop.
    """

    name: str
    title: str
    path: str
    parent: Node | None
    loop: Node | None = None
    units: int = 1
    state: State = State.PENDING
    attempt: int = 0
    since: float | None = None
    due: float | None = None
    seconds: float | None = None
    error: str | None = None
    log: Path | None = None
    cache: Mapping[str, Any] | None = None
    kept: bool = False
    said: tuple[str, str] | None = None
    tail: deque[str] | None = None
    told: Line = msgspec.field(default_factory=list)
    is_dag: bool = False
    iterations: int | None = None
    body: int = 1
    children: dict[str, Node] = msgspec.field(default_factory=dict)
    active: dict[str, Node] = msgspec.field(default_factory=dict)
    ended: Counter[State] = msgspec.field(default_factory=Counter)
    earlier: int = 0
    cached: int = 0
    failures: int = 0


class Tree:
    """The pipeline's tasks and what is known of the run as a whole.

    Attributes:
        root: the pipeline; its state is the run's.
        run_id: the run's identifier.
        title: the pipeline's name.
        known: how many steps there are, as far as can be told by now.
        ended: how many of them have ended, by state.
        cached: how many of these took their outputs from an earlier run.
        running: the steps that run, by path.
        canceling: why the run is being stopped, while it is.
        at_once: whether its steps are given no time for that.
        is_ours: whether this process runs the run, so that Ctrl-C reaches it.
        notices: what users should know, without repetitions, and how often each came.
    """

    def __init__(self, *, is_ours: bool = True) -> None:
        self.is_ours = is_ours
        self.root = Node("", "", "", None)
        self.run_id = self.title = ""
        self.known = self.cached = 0
        self.running: dict[str, Node] = {}
        self.ended: Counter[State] = Counter()
        self.canceling: str | None = None
        self.at_once = False
        self.notices: Counter[str] = Counter()
        self._nodes = {"": self.root}
        self._takers: dict[type, Callable[[Any, float], None]] = {
            events.RunStarted: self._run_started,
            events.DagStarted: self._dag_started,
            events.TaskStarted: self._task_started,
            events.TaskLog: self._task_log,
            events.TaskNotice: self._task_notice,
            events.TaskRetried: self._task_retried,
            events.TaskFinished: self._task_finished,
            events.RunNotice: self._run_notice,
            events.RunCanceling: self._run_canceling,
            events.RunFinished: self._run_finished,
        }

    def take(self, event: events.Event, at: float) -> None:
        """Take an event in.

        Args:
            event: what happened.
            at: when, in seconds of any clock that `at` is told from each time.
        """
        self._takers[type(event)](event, at)

    # ---- the run -----------------------------------------------------------------------------------------------------

    def _run_started(self, event: events.RunStarted, at: float) -> None:
        self.run_id, self.title = event.run_id, event.pipeline
        self.root.state, self.root.since = State.RUNNING, at

    def _run_notice(self, event: events.RunNotice, _: float) -> None:
        self._notice(event.message)

    def _run_canceling(self, event: events.RunCanceling, _: float) -> None:
        self.canceling, self.at_once = event.reason, event.at_once
        self.root.state = State.CANCELING

    def _run_finished(self, event: events.RunFinished, _: float) -> None:
        self.root.state, self.root.seconds, self.root.error = event.state, event.seconds, event.error

    def _notice(self, text: str) -> None:
        if text in self.notices or len(self.notices) < _KEPT_NOTICES:
            self.notices[text] += 1

    # ---- tasks -------------------------------------------------------------------------------------------------------

    def _dag_started(self, event: events.DagStarted, at: float) -> None:
        node = self._node(event.task)
        units = node.units if node.parent is not None else 0
        node.is_dag, node.iterations = True, event.iterations
        _call(node, event.display_name)
        if node.state is State.PENDING:
            node.state, node.since = State.RUNNING, at
        if event.iterations is not None:
            node.body = max(1, len(event.tasks))
            self.known += event.iterations * node.body - units
            return
        self.known += len(event.tasks) - units
        if node.loop is None:
            for name, title in event.tasks:
                self._add(node, name, title)

    def _task_started(self, event: events.TaskStarted, at: float) -> None:
        node = self._node(event.task)
        self.running[node.path] = node
        _call(node, event.display_name)
        node.state, node.attempt, node.since, node.log = State.RUNNING, event.attempt, at, event.log
        node.due = node.seconds = None
        node.tail = deque(maxlen=_KEPT_LINES)
        self._activate(node)

    def _task_log(self, event: events.TaskLog, _: float) -> None:
        node = self._nodes.get(event.task)
        if node is not None and node.tail is not None:
            node.tail.append(self.say(node, event.line))

    def _task_notice(self, event: events.TaskNotice, _: float) -> None:
        self._notice(f"{general(event.task)}: {event.message}")

    def _task_retried(self, event: events.TaskRetried, at: float) -> None:
        node = self._node(event.task)
        self.running.pop(node.path, None)
        node.state, node.due, node.error = State.PENDING, at + event.delay, event.error
        node.attempt = max(node.attempt, event.attempt - 1)
        self._activate(node)

    def _task_finished(self, event: events.TaskFinished, _: float) -> None:
        node = self._node(event.task)
        parent = node.parent
        if parent is None:
            return
        self.running.pop(node.path, None)
        node.state, node.seconds, node.due = event.state, event.seconds, None
        node.error, node.log, node.cache, node.kept = event.error, event.log, event.cache, event.kept
        parent.active.pop(node.name, None)
        parent.ended[event.state] += 1
        parent.earlier += event.kept
        if not node.is_dag:
            self.ended[event.state] += node.units
            is_hit = event.cache is not None and event.cache.get("state") == "hit"
            self.cached += is_hit
            if node.loop is not None:
                node.loop.cached += is_hit
        if event.state is State.FAILED and event.error:
            node.told = list(told(event.error, node.tail or ()))
        node.tail = None
        if node.loop is not None and not self._is_worth_keeping(node):
            self._drop(node)

    def _is_worth_keeping(self, node: Node) -> bool:
        """Tell whether something in a loop stays after its end: a step that failed, and what leads to one."""
        if node.state is not State.FAILED or node.loop is None:
            return False
        if node.children:
            return True
        node.loop.failures += 1
        return node.loop.failures <= _KEPT_FAILURES

    def say(self, node: Node, written: str) -> str:
        """Show a line as the last one that a step wrote, and return how it is shown."""
        line = plain(written)
        if line.strip():
            node.said = (node.path, line)
            if node.loop is not None:
                node.loop.said = node.said
        return line

    def find(self, path: str) -> Node | None:
        """Return a task by its path, None where there is none; the pipeline's is empty."""
        return self._nodes.get(path)

    # ---- the tree ----------------------------------------------------------------------------------------------------

    def _node(self, path: str) -> Node:
        """Return a task, which is added where it is not known yet."""
        node = self._nodes.get(path)
        if node is None:
            above = path.rpartition("/")[0]
            parent = self._node(above)
            name = path[len(above) + 1 :] if above else path
            node = self._add(parent, name, name)
        return node

    def _add(self, parent: Node, name: str, title: str) -> Node:
        path = f"{parent.path}/{name}" if parent.path else name
        node = Node(name, title, path, parent)
        if parent.iterations is not None:
            node.loop, node.units = parent.loop or parent, parent.body
        else:
            node.loop = parent.loop
        parent.children[name] = self._nodes[path] = node
        return node

    def _activate(self, node: Node) -> None:
        """Note in all DAGs above that something happens there."""
        while node.parent is not None and node.name not in node.parent.active:
            node.parent.active[node.name] = node
            node = node.parent

    def _drop(self, node: Node) -> None:
        if node.parent is not None:
            node.parent.children.pop(node.name, None)
        for each in _below(node):
            self._nodes.pop(each.path, None)


def _call(node: Node, title: str) -> None:
    """Give a task the name that a person calls it; iterations are called by their numbers."""
    if node.parent is None or node.parent.iterations is None:
        node.title = title


def _below(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children.values():
        yield from _below(child)
