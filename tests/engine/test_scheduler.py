from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfp.engine.graph import Graph, Vertex
from kfp.engine.schedule import (
    ROOT,
    Action,
    Cancel,
    CancelRequested,
    Close,
    Due,
    Ended,
    Event,
    Key,
    Open,
    Opened,
    Skip,
    Start,
    Wait,
)
from kfp.engine.scheduler import advance, begin
from kfp.engine.states import State
from kfp.errors import RunError


@dataclass(frozen=True)
class Tree:
    """A DAG for the tests: its graph, the DAGs inside it, and which of its steps fail how often.

    `unwanted` are the tasks whose condition does not hold, `limit` is that of a loop.
    """

    graph: Graph
    inner: dict[int, Tree] = field(default_factory=dict)
    failures: dict[int, int] = field(default_factory=dict)
    unwanted: frozenset[int] = frozenset()
    limit: int | None = None


class Play:
    """Runs a tree with an executor that ends the running steps in the order that `pick` chooses."""

    def __init__(self, tree: Tree, limit: int, pick: Callable[[int], int], cancel_after: int | None) -> None:
        self.tree, self.pick, self.cancel_after = tree, pick, cancel_after
        self.started: list[tuple[Key, int]] = []
        self.ended: dict[Key, State] = {}
        self.most_running = 0
        self.trees: dict[int, tuple[Key, Tree]] = {}
        self.state: State | None = None
        self.under_way: dict[int, set[int]] = {}
        self.running: list[tuple[Key, int]] = []
        self.canceled: set[Key] = set()
        self.events: deque[Event] = deque()
        self.steps = 0
        self.schedule, self.actions = begin(limit)

    def run(self) -> Play:
        while True:
            for action in self.actions:
                assert self.state is None
                self.do(action)
            if self.state is not None:
                assert not self.running
                return self
            event = self.events.popleft() if self.events else self.next_event()
            self.schedule, self.actions = advance(self.schedule, event)
            if isinstance(event, Ended) and not any(isinstance(action, Wait) for action in self.actions):
                self.ended[event.key] = event.state
                self.under_way[event.key.scope].discard(event.key.position)

    def note(self, key: Key) -> None:
        """A task is under way; a loop's limit is kept."""
        beside = self.under_way.setdefault(key.scope, set())
        beside.add(key.position)
        limit = self.trees[key.scope][1].limit if key != ROOT else 0
        assert not limit or len(beside) <= limit

    def do(self, action: Action) -> None:
        if isinstance(action, (Start, Open)):
            self.note(action.key)
        if isinstance(action, Start):
            self.running.append((action.key, action.attempt))
            self.started.append((action.key, action.attempt))
            self.most_running = max(self.most_running, len(self.running))
        elif isinstance(action, Open):
            is_root = action.key == ROOT
            if not is_root and action.key.position in self.trees[action.key.scope][1].unwanted:
                self.events.append(Ended(action.key, State.SKIPPED))
                return
            tree = self.tree if is_root else self.trees[action.key.scope][1].inner[action.key.position]
            self.trees[len(self.trees) + 1] = (action.key, tree)
            self.events.append(Opened(action.key, tree.graph, tree.limit))
        elif isinstance(action, Close):
            self.events.append(Ended(action.key, action.state))
        elif isinstance(action, Wait):
            self.events.append(Due(action.key))
        elif isinstance(action, Skip):
            assert action.key not in self.ended
            self.ended[action.key] = State.SKIPPED
        elif isinstance(action, Cancel):
            self.canceled.add(action.key)
        else:
            self.state = action.state

    def next_event(self) -> Event:
        if self.steps == self.cancel_after:
            self.cancel_after = None
            return CancelRequested()
        self.steps += 1
        key, attempt = self.running.pop(self.pick(len(self.running)))
        if key.position in self.trees[key.scope][1].unwanted:
            return Ended(key, State.SKIPPED, final=True)
        failing = attempt <= self.trees[key.scope][1].failures.get(key.position, 0)
        return Ended(key, State.CANCELED if key in self.canceled else State.FAILED if failing else State.SUCCEEDED)


def first(_: int) -> int:
    return 0


def play(tree: Tree, limit: int = 2, pick: Callable[[int], int] = first, cancel_after: int | None = None) -> Play:
    return Play(tree, limit, pick, cancel_after).run()


def chain(length: int) -> Graph:
    return Graph.of([Vertex(str(i), needs=(i - 1,) if i else ()) for i in range(length)])


@st.composite
def trees(draw: st.DrawFn, depth: int = 2) -> Tree:
    size = draw(st.integers(0, 7))
    limit = draw(st.none() | st.integers(0, 3))  # a loop's iterations need nothing
    vertices, inner, failures = [], {}, {}
    for index in range(size):
        needs = tuple(sorted(draw(st.sets(st.integers(0, index - 1), max_size=3)))) if index and limit is None else ()
        is_dag = depth > 0 and draw(st.integers(0, 3)) == 0
        retries = draw(st.integers(0, 2))
        vertices.append(Vertex(str(index), needs, is_dag, draw(st.integers(0, 4)) == 0, 0 if is_dag else retries))
        if is_dag:
            inner[index] = draw(trees(depth - 1))
        elif draw(st.integers(0, 3)) == 0:
            failures[index] = draw(st.integers(1, 3))
    unwanted = draw(st.frozensets(st.integers(0, 6), max_size=2))
    return Tree(Graph.of(vertices), inner, failures, unwanted, limit)


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


def test_a_task_that_is_not_wanted_skips_what_needs_it_and_nothing_fails() -> None:
    vertices = [Vertex("if"), Vertex("then", needs=(0,)), Vertex("after", needs=(1,)), Vertex("beside")]
    vertices.append(Vertex("always", needs=(2,), always=True))
    log = play(Tree(Graph.of(vertices), unwanted=frozenset({0})))
    assert sorted(key.position for key, _ in log.started) == [0, 3, 4]
    assert [str(log.ended[Key(1, i)]) for i in range(5)] == ["SKIPPED"] * 3 + ["SUCCEEDED"] * 2
    assert log.state is State.SUCCEEDED


@pytest.mark.parametrize("limit", [1, 3, 20])
def test_a_loop_is_as_wide_as_its_limit(limit: int) -> None:
    log = play(Tree(Graph.of([Vertex(str(i)) for i in range(20)]), limit=limit), limit=20)
    assert log.most_running == limit
    assert [key.position for key, _ in log.started] == list(range(20))


def test_in_a_loop_too_what_runs_always_runs_after_a_failure() -> None:
    log = play(
        Tree(Graph.of([Vertex("bad"), Vertex("never"), Vertex("always", always=True)]), failures={0: 1}, limit=1)
    )
    assert [key.position for key, _ in log.started] == [0, 2]


def test_a_loop_of_dags_opens_as_many_as_its_limit() -> None:
    count, body = 10_000, Tree(chain(2))
    graph = Graph.of([Vertex(str(i), is_dag=True) for i in range(count)])
    log = play(Tree(graph, dict.fromkeys(range(count), body), limit=3), limit=20)
    assert log.most_running == 3
    assert len(log.started) == 2 * count


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
