from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfp.engine.graph import Graph, Vertex
from kfp.engine.scheduler import (
    ROOT,
    Cancel,
    CancelRequested,
    Close,
    Ended,
    Event,
    Finish,
    Key,
    Open,
    Opened,
    Skip,
    Start,
    advance,
    begin,
)
from kfp.engine.states import State
from kfp.errors import RunError


@dataclass(frozen=True)
class Tree:
    """A DAG for the tests: its graph, the DAGs inside it, and which of its steps fail how often."""

    graph: Graph
    inner: dict[int, Tree] = field(default_factory=dict)
    failures: dict[int, int] = field(default_factory=dict)


@dataclass
class Log:
    started: list[tuple[Key, int]] = field(default_factory=list)
    ended: dict[Key, State] = field(default_factory=dict)
    most_running: int = 0
    trees: dict[int, tuple[Key, Tree]] = field(default_factory=dict)
    state: State | None = None


def play(tree: Tree, limit: int = 2, pick: Any = None, cancel_after: int | None = None) -> Log:
    """Run a tree with an executor that ends the running steps in the order that `pick` chooses."""
    log = Log()
    schedule, actions = begin(limit)
    running: list[tuple[Key, int]] = []
    events: deque[Event] = deque()
    todo: deque[Any] = deque(actions)
    canceled: set[Key] = set()
    scopes = 1
    steps = 0
    while log.state is None:
        while todo:
            action = todo.popleft()
            if isinstance(action, Start):
                assert log.state is None
                running.append((action.key, action.attempt))
                log.started.append((action.key, action.attempt))
                log.most_running = max(log.most_running, len(running))
            elif isinstance(action, Open):
                opened = tree if action.key == ROOT else log.trees[action.key.scope][1].inner[action.key.position]
                log.trees[scopes] = (action.key, opened)
                scopes += 1
                events.append(Opened(action.key, opened.graph))
            elif isinstance(action, Close):
                events.append(Ended(action.key, action.state))
            elif isinstance(action, Skip):
                assert action.key not in log.ended
                log.ended[action.key] = State.SKIPPED
            elif isinstance(action, Cancel):
                canceled.add(action.key)
            else:
                assert isinstance(action, Finish)
                log.state = action.state
        if log.state is not None:
            break
        if not events:
            if cancel_after is not None and steps == cancel_after:
                cancel_after = None
                events.append(CancelRequested())
            else:
                key, attempt = running.pop(pick(len(running)) if pick else 0)
                steps += 1
                failing = attempt <= log.trees[key.scope][1].failures.get(key.position, 0)
                state = State.CANCELED if key in canceled else State.FAILED if failing else State.SUCCEEDED
                events.append(Ended(key, state))
        event = events.popleft()
        if isinstance(event, Ended):
            log.ended[event.key] = event.state
        schedule, actions = advance(schedule, event)
        todo.extend(actions)
    assert not running
    return log


def chain(length: int) -> Graph:
    return Graph.of([Vertex(str(i), needs=(i - 1,) if i else ()) for i in range(length)])


@st.composite
def trees(draw: st.DrawFn, depth: int = 2) -> Tree:
    size = draw(st.integers(0, 7))
    vertices, inner, failures = [], {}, {}
    for index in range(size):
        needs = tuple(sorted(draw(st.sets(st.integers(0, index - 1), max_size=3)))) if index else ()
        is_dag = depth > 0 and draw(st.integers(0, 3)) == 0
        retries = draw(st.integers(0, 2))
        vertices.append(Vertex(str(index), needs, is_dag, draw(st.integers(0, 4)) == 0, 0 if is_dag else retries))
        if is_dag:
            inner[index] = draw(trees(depth - 1))
        elif draw(st.integers(0, 3)) == 0:
            failures[index] = draw(st.integers(1, 3))
    return Tree(Graph.of(vertices), inner, failures)


@given(trees(), st.integers(1, 4), st.randoms(use_true_random=False), st.none() | st.integers(0, 6))
def test_every_task_ends_once_and_never_before_what_it_needs(
    tree: Tree, limit: int, random: Any, cancel_after: int | None
) -> None:
    log = play(tree, limit, pick=random.randrange, cancel_after=cancel_after)
    assert log.most_running <= limit
    assert len(log.started) == len(set(log.started))
    order = {key: position for position, (key, _) in reversed(list(enumerate(log.started)))}
    last = dict(log.started)
    for scope, (owner, opened) in log.trees.items():
        states = [log.ended[Key(scope, index)] for index in range(len(opened.graph.vertices))]
        for index, vertex in enumerate(opened.graph.vertices):
            key = Key(scope, index)
            if key in order:
                needed = [states[need] for need in vertex.needs]
                assert vertex.always or all(state is State.SUCCEEDED for state in needed)
                for need in vertex.needs:
                    assert order.get(Key(scope, need), -1) < order[key]
                assert last[key] <= vertex.retries + 1
        if cancel_after is None:
            failed = any(state is State.FAILED for state in states)
            assert log.ended[owner] is (State.FAILED if failed else State.SUCCEEDED)
    if cancel_after is None:
        assert log.state is log.ended[ROOT]


def test_independent_tasks_run_side_by_side_up_to_the_limit() -> None:
    log = play(Tree(Graph.of([Vertex(str(i)) for i in range(9)])), limit=4)
    assert log.most_running == 4
    assert log.state is State.SUCCEEDED


def test_after_a_failure_what_runs_finishes_and_nothing_new_starts() -> None:
    graph = Graph.of([Vertex("bad"), Vertex("long"), Vertex("after long", needs=(1,)), Vertex("free")])
    log = play(Tree(graph, failures={0: 1}), limit=2)
    assert [key.position for key, _ in log.started] == [0, 1]
    assert [log.ended[Key(1, i)] for i in range(4)] == [State.FAILED, State.SUCCEEDED, State.SKIPPED, State.SKIPPED]
    assert log.state is State.FAILED


def test_a_failure_stops_only_its_own_dag() -> None:
    inner = Tree(chain(3))
    graph = Graph.of([Vertex("bad"), Vertex("dag", is_dag=True), Vertex("after", needs=(1,))])
    log = play(Tree(graph, {1: inner}, {0: 1}), limit=1)
    assert log.ended[Key(1, 1)] is State.SUCCEEDED
    assert log.ended[Key(1, 2)] is State.SKIPPED


def test_a_failed_step_is_started_again_as_often_as_its_policy_says() -> None:
    log = play(Tree(Graph.of([Vertex("flaky", retries=2)]), failures={0: 2}))
    assert log.started == [(Key(1, 0), 1), (Key(1, 0), 2), (Key(1, 0), 3)]
    assert log.state is State.SUCCEEDED
    assert play(Tree(Graph.of([Vertex("worse", retries=1)]), failures={0: 2})).state is State.FAILED


def test_a_final_failure_is_not_tried_again() -> None:
    schedule, _ = begin(1)
    schedule, actions = advance(schedule, Opened(ROOT, Graph.of([Vertex("a", retries=5)])))
    assert actions == [Start(Key(1, 0), 1)]
    schedule, actions = advance(schedule, Ended(Key(1, 0), State.FAILED, final=True))
    assert actions == [Close(ROOT, State.FAILED)]


def test_what_runs_always_runs_after_a_failure_once_all_it_needs_has_ended() -> None:
    vertices = [Vertex("bad"), Vertex("never", needs=(0,)), Vertex("exit", needs=(0, 1), always=True)]
    log = play(Tree(Graph.of(vertices), failures={0: 1}))
    assert [key.position for key, _ in log.started] == [0, 2]
    assert log.state is State.FAILED


def test_a_cancelled_run_stops_what_runs_and_starts_nothing() -> None:
    log = play(Tree(Graph.of([Vertex(str(i), always=i == 5) for i in range(6)])), limit=2, cancel_after=1)
    assert len(log.started) == 3
    assert log.state is State.CANCELED
    assert sorted(log.ended[Key(1, i)].value for i in range(6)) == ["CANCELED"] * 2 + ["SKIPPED"] * 3 + ["SUCCEEDED"]


def test_an_empty_dag_succeeds() -> None:
    assert play(Tree(Graph.of([]))).state is State.SUCCEEDED


def test_a_state_stays_as_it_was() -> None:
    schedule, _ = begin(1)
    opened, _ = advance(schedule, Opened(ROOT, chain(2)))
    first = advance(opened, Ended(Key(1, 0), State.SUCCEEDED))[1]
    other = advance(opened, Ended(Key(1, 0), State.FAILED))[1]
    assert first == [Start(Key(1, 1), 1)]
    assert other == [Skip(Key(1, 1)), Close(ROOT, State.FAILED)]
    assert advance(opened, Ended(Key(1, 0), State.SUCCEEDED))[1] == first


def test_tasks_in_a_circle_are_refused_by_name() -> None:
    with pytest.raises(RunError, match="b → c → b"):
        Graph.of([Vertex("a"), Vertex("b", needs=(2, 0)), Vertex("c", needs=(1,)), Vertex("d", needs=(2,))])
