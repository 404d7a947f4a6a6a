"""A run's tree as rows: one a task, one a loop, and what failed steps said below theirs."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, NamedTuple

from kfp.cli.cells import Line, Span, plain
from kfp.cli.runs.failures import gist
from kfp.cli.runs.signs import Signs, bar
from kfp.engine.states import State
from kfp.units import duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kfp.cli.runs.tree import Node

INDENT = "  "
UNUSUAL = (State.FAILED, State.CANCELED, State.SKIPPED)
_QUIET = (State.SUCCEEDED, State.SKIPPED)
_BAR_CELLS = 10
_MINUTE = 60


class Detail(enum.IntEnum):
    """How much is told: the less, the fewer rows.

    FULL: every task, and what failed steps said. BRIEF: every task. FOLDED: what has ended well stands in one row
    with its neighbours, and so does what waits.
    """

    FOLDED = 0
    BRIEF = 1
    FULL = 2


class Row(NamedTuple):
    """A task: how deep it lies, its sign, its name, how long it has taken, and what else there is to say."""

    depth: int
    sign: Span
    name: Span
    time: str = ""
    note: Line = []  # noqa: RUF012 nobody changes it


class Frame(NamedTuple):
    """How a tree is looked at: when, in what detail, with which signs, and whether it is told why caching did what."""

    now: float
    detail: Detail
    signs: Signs
    explains: bool = False


def rows(dag: Node, frame: Frame, depth: int = 0) -> Iterator[Row | Line]:
    """Yield what there is to show of the tasks in a DAG, in their order; lines belong to the row above them.

    Args:
        dag: the pipeline, or a DAG inside it.
        frame: how to look at it.
        depth: how deep its tasks lie.
    """
    tasks = dag.children.values()
    if frame.detail is not Detail.FOLDED:
        for task in tasks:
            yield from _task(task, frame, depth)
        return
    for state in _QUIET:
        yield from _folded([task for task in tasks if task.state is state], state.value, frame, depth)
    for task in tasks:
        if task.state not in _QUIET and not _waits(task):
            yield from _task(task, frame, depth)
    yield from _folded([task for task in tasks if _waits(task)], "waiting", frame, depth)


def _waits(task: Node) -> bool:
    return task.state is State.PENDING and task.due is None


def _folded(alike: list[Node], word: str, frame: Frame, depth: int) -> Iterator[Row | Line]:
    """Yield one row for tasks that are in the same state."""
    if len(alike) == 1:
        yield from _task(alike[0], frame, depth)
    elif alike:
        yield Row(depth, _sign(alike[0], frame), (f"{len(alike)} {word.lower()}", "dim"))


def _task(node: Node, frame: Frame, depth: int) -> Iterator[Row | Line]:
    """Yield a task's row, and below it what is in it."""
    yield _row(node, node.title, frame, depth)
    if node.iterations is not None:
        yield from _failures(node, len(node.path) + 1, frame, depth + 1, set())
    elif node.is_dag:
        yield from rows(node, frame, depth + 1)
    elif frame.detail is Detail.FULL:
        yield from _said(node, depth)


def _failures(dag: Node, beginning: int, frame: Frame, depth: int, errors: set[str]) -> Iterator[Row | Line]:
    """Yield the steps that failed in a loop, by their paths in it; equal errors are told once."""
    for node in dag.children.values():
        if node.children:
            yield from _failures(node, beginning, frame, depth, errors)
        elif node.state is State.FAILED:
            yield _row(node, node.path[beginning:], frame, depth)
            if frame.detail is Detail.FULL and (error := _error_of(node)) not in errors:
                errors.add(error)
                yield from _said(node, depth)


def _error_of(node: Node) -> str:
    """Return a failure without what the step wrote before, which differs from iteration to iteration."""
    return "\n".join(text for text, _ in node.told if text.startswith((" ", "Traceback")))


def _said(node: Node, depth: int) -> Iterator[Line]:
    """Yield what a failed step said last, and its traceback."""
    for text, style in node.told:
        yield [(INDENT * (depth + 1), ""), (plain(text), style)]


# ---- what a row says -------------------------------------------------------------------------------------------------


def _row(node: Node, name: str, frame: Frame, depth: int) -> Row:
    return Row(depth, _sign(node, frame), (plain(name), ""), _time(node, frame.now), _note(node, frame))


def _sign(node: Node, frame: Frame) -> Span:
    signs = frame.signs
    if node.state.ended:
        return signs.of(node.state)
    if node.due is not None:
        return signs.again, "yellow"
    if node.state is State.PENDING:
        return signs.waiting, "dim"
    moves = not node.is_dag or node.active
    return (signs.busy[int(frame.now * 10) % len(signs.busy)] if moves else signs.waiting), "cyan"


def _time(node: Node, now: float) -> str:
    if node.state.ended:
        is_known = node.seconds is not None and node.state is not State.SKIPPED
        return duration(node.seconds) if is_known and node.seconds is not None else ""
    return going(now - node.since) if node.state is State.RUNNING and node.since is not None else ""


def going(seconds: float) -> str:
    """Return for how long something has been going on, without digits that nobody can read."""
    return f"{max(0.0, seconds):.1f} s" if seconds < _MINUTE else duration(seconds)


def _note(node: Node, frame: Frame) -> Line:
    """Return what there is to say beside a task's name and time."""
    words: list[Line] = []
    if node.iterations is not None:
        words.append([*bar(node.ended, node.iterations, _BAR_CELLS, frame.signs), (f" {_counts(node)}", "")])
    if node.due is not None:
        words.append([(f"attempt {node.attempt + 1} in {going(node.due - frame.now)}", "yellow")])
    elif node.attempt > 1:
        words.append([(f"attempt {node.attempt}", "yellow")])
    if node.kept:
        words.append([("done before", "dim")])
    elif node.cache is not None and node.cache.get("state") == "hit":
        words.append([("cached", "cyan"), (_reason(node.cache, frame), "dim")])
    if node.state in (State.SKIPPED, State.CANCELED):
        words.append([(node.state.value.lower(), "dim")])
    if node.error and node.state in (State.FAILED, State.PENDING):
        words.append([(plain(gist(node.error)), "red" if node.state is State.FAILED else "dim")])
    if node.said is not None and node.state is State.RUNNING:
        path, line = node.said
        words.append([(line if path == node.path else f"{path[len(node.path) + 1 :]}: {line}", "dim")])
    if node.cache is not None and node.cache.get("state") != "hit" and _reason(node.cache, frame):
        words.append([(f"not cached{_reason(node.cache, frame)}", "dim")])
    return _joined(words)


def _reason(cache: Mapping[str, Any], frame: Frame) -> str:
    """Return why caching did what it did, where that is asked for."""
    return plain(f": {cache['reason']}") if frame.explains and cache.get("reason") else ""


def _counts(loop: Node) -> str:
    """Return how far a loop is: `12/200, 2 failed, 4 running`."""
    parts = [f"{sum(loop.ended.values())}/{loop.iterations}"]
    parts += [f"{loop.ended[state]} {state.value.lower()}" for state in UNUSUAL if loop.ended[state]]
    parts += [f"{len(loop.active)} running"] if loop.active else []
    parts += [f"{loop.cached} cached"] if loop.cached else []
    return ", ".join([*parts, *([f"{loop.earlier} done before"] if loop.earlier else [])])


def _joined(words: Iterable[Line]) -> Line:
    line: Line = []
    for word in words:
        line += [(INDENT, ""), *word] if line else word
    return line
