from __future__ import annotations

from collections.abc import Callable

import pytest

from kfp.engine.scheduling.graph import Graph, Vertex
from kfp.engine.scheduling.resources import UNBOUNDED, Request
from kfp.engine.scheduling.schedule import ROOT, Close, Due, Ended, Key, Opened, Skip, Start, Wait
from kfp.engine.scheduling.scheduler import advance, begin
from kfp.engine.states import State
from kfp.errors import RunError
from tests.engine.scheduling.play import Disturbance, Play, Tree, first


def play(
    tree: Tree,
    limit: int = 2,
    pick: Callable[[int], int] = first,
    cancel_after: int | None = None,
    capacity: Request = UNBOUNDED,
) -> Play:
    disturbances: dict[int, Disturbance] = {} if cancel_after is None else {cancel_after + 1: "cancel"}
    return Play(tree, limit, pick, disturbances, capacity).run()


def chain(length: int) -> Graph:
    return Graph.of([Vertex(str(i), needs=(i - 1,) if i else ()) for i in range(length)])


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


def handled(fails: bool = False) -> Tree:
    """An exit handler around two steps, its exit task, and a task that ignores failures."""
    scope = Tree(Graph.of([Vertex("one"), Vertex("two", needs=(0,))]), failures={0: 1} if fails else {})
    vertices = [
        Vertex("scope", is_dag=True),
        Vertex("exit", needs=(0,), always=True, at_exit=True, retries=1),
        Vertex("ignoring", needs=(0,), always=True),
    ]
    return Tree(Graph.of(vertices), {0: scope})


def test_an_exit_task_runs_after_a_cancellation_and_nothing_else_does() -> None:
    log = play(handled(), cancel_after=0)
    assert [str(log.ended[Key(1, index)]) for index in range(3)] == ["CANCELED", "SUCCEEDED", "SKIPPED"]
    assert [str(log.ended[Key(2, index)]) for index in range(2)] == ["CANCELED", "SKIPPED"]
    assert log.state is State.CANCELED


def test_a_second_cancellation_stops_exit_tasks_too() -> None:
    log = Play(handled(), disturbances={1: "cancel", 3: "cancel"}).run()
    assert [str(log.ended[Key(1, index)]) for index in range(3)] == ["CANCELED", "CANCELED", "SKIPPED"]
    log = Play(handled(), disturbances={1: "cancel", 2: "cancel"}).run()
    assert [str(log.ended[Key(1, index)]) for index in range(3)] == ["CANCELED", "SKIPPED", "SKIPPED"]


def test_a_cancellation_spares_an_exit_task_that_runs() -> None:
    log = play(handled(fails=True), limit=1, cancel_after=1)
    assert [str(log.ended[Key(1, index)]) for index in range(3)] == ["FAILED", "SUCCEEDED", "SKIPPED"]
    assert log.state is State.CANCELED


def test_an_exit_task_is_tried_again_after_a_cancellation() -> None:
    tree = handled()
    log = play(Tree(tree.graph, tree.inner, {1: 1}), cancel_after=0)
    assert [attempt for key, attempt in log.started if key == Key(1, 1)] == [1, 2]


def test_what_is_in_an_exit_task_runs_after_a_cancellation_too() -> None:
    vertices = [Vertex("scope", is_dag=True), Vertex("exit", (0,), is_dag=True, always=True, at_exit=True)]
    tree = Tree(Graph.of(vertices), {0: Tree(chain(1)), 1: Tree(chain(3), failures={1: 1})})
    log = play(tree, cancel_after=0)
    assert [str(log.ended[Key(3, index)]) for index in range(3)] == ["SUCCEEDED", "FAILED", "SKIPPED"]
    log = Play(tree, disturbances={1: "cancel", 3: "cancel"}).run()
    assert [str(log.ended[Key(3, index)]) for index in range(3)] == ["CANCELED", "SKIPPED", "SKIPPED"]


def test_the_exit_task_of_a_scope_that_has_not_begun_does_not_run_after_a_cancellation() -> None:
    vertices = [Vertex("before"), Vertex("scope", (0,), is_dag=True), Vertex("exit", (1,), always=True, at_exit=True)]
    log = play(Tree(Graph.of(vertices), {1: Tree(chain(1))}), cancel_after=0)
    assert [str(log.ended[Key(1, index)]) for index in range(3)] == ["CANCELED", "SKIPPED", "SKIPPED"]


def test_a_step_that_waits_to_be_tried_again_gives_its_slot_back() -> None:
    schedule, _ = begin(1)
    schedule, _ = advance(schedule, Opened(ROOT, Graph.of([Vertex("flaky", retries=1), Vertex("b"), Vertex("c")])))
    schedule, actions = advance(schedule, Ended(Key(1, 0), State.FAILED))
    assert actions == [Wait(Key(1, 0), 2), Start(Key(1, 1), 1)]
    schedule, actions = advance(schedule, Due(Key(1, 0)))
    assert actions == []
    schedule, actions = advance(schedule, Ended(Key(1, 1), State.SUCCEEDED))
    assert actions == [Start(Key(1, 0), 2)]


def test_what_steps_ask_for_is_kept() -> None:
    machine = Request(4000, 8, 1)
    vertices = [Vertex(str(index), request=Request(2000, 1)) for index in range(6)]
    vertices += [Vertex("gpu", request=Request(0, 0, 1)), Vertex("gpu too", request=Request(0, 0, 1)), Vertex("small")]
    log = play(Tree(Graph.of(vertices)), limit=9, capacity=machine)
    assert [key.position for key, _ in log.started][:4] == [0, 1, 6, 8]
    assert log.most_running == 4


def test_a_step_that_asks_for_more_than_there_is_runs_alone() -> None:
    core = Request(1000)
    vertices = [
        Vertex("huge", request=Request(64_000, 1 << 50, 8)),
        Vertex("a", request=core),
        Vertex("b", request=core),
    ]
    log = play(Tree(Graph.of(vertices)), limit=3, capacity=Request(2000, 1 << 30, 0))
    assert log.most_running == 2
    assert [key.position for key, _ in log.started] == [0, 1, 2]


def test_a_request_that_depends_on_inputs_is_asked_for_when_it_is_a_steps_turn() -> None:
    vertices = [Vertex(str(index), request=None) for index in range(3)]
    requests = {0: Request(2000), 1: Request(2000), 2: Request(1000)}
    log = play(Tree(Graph.of(vertices), requests=requests), limit=3, capacity=Request(3000))
    assert [key.position for key, _ in log.started] == [0, 2, 1]


def test_iterations_begin_as_slots_come_free_and_inner_loops_go_first() -> None:
    inner = Tree(Graph.of([Vertex(str(index)) for index in range(5)]), limit=0)
    body = Tree(Graph.of([Vertex("loop", is_dag=True), Vertex("after", needs=(0,))]), {0: inner})
    outer = Tree(
        Graph.of([Vertex(str(index), is_dag=True) for index in range(100)]), dict.fromkeys(range(100), body), limit=0
    )
    most = 0

    class Watched(Play):
        def check_now(self) -> None:
            nonlocal most
            super().check_now()
            most = max(most, self.under_way[1])

    log = Watched(outer, limit=4).run()
    assert most <= 5
    assert log.most_running == 4
    assert log.state is State.SUCCEEDED


def test_in_a_loop_without_a_limit_a_failure_stops_no_iteration() -> None:
    graph = Graph.of([Vertex(str(index)) for index in range(5)])
    assert len(play(Tree(graph, failures={0: 1}, limit=0), limit=1).started) == 5
    assert len(play(Tree(graph, failures={0: 1}, limit=2), limit=1).started) == 1


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
