"""Random pipelines, disturbed at random: what must hold of every run. `KFP_TEST_FUZZ` is the number of examples."""

from __future__ import annotations

import os
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kfp.engine.scheduling.graph import Graph, Vertex
from kfp.engine.scheduling.resources import NOTHING, Request
from kfp.engine.scheduling.schedule import ROOT, Key
from kfp.engine.states import State
from tests.engine.scheduling.play import Disturbance, Play, Tree

EXAMPLES = int(os.environ.get("KFP_TEST_FUZZ", "300"))
CAPACITY = Request(4000, 8 << 30, 2)

requests = st.just(NOTHING) | st.builds(
    Request, st.integers(0, 6).map(lambda cores: cores * 1000), st.integers(0, 10).map(lambda gib: gib << 30),
    st.integers(0, 3),
)  # fmt: skip
seeds = st.integers(0, 1000)
disturbances = st.dictionaries(st.integers(1, 25), st.sampled_from(["cancel", "crash"]), max_size=4)


@st.composite
def trees(draw: st.DrawFn, depth: int = 2) -> Tree:
    """A DAG or a loop, with what is inside of it; an exit task needs one DAG, its scope."""
    limit = draw(st.none() | st.integers(0, 3))
    vertices: list[Vertex] = []
    inner, failures, weighed = {}, {}, {}
    for index in range(draw(st.integers(0, 6))):
        groups = [at for at, each in enumerate(vertices) if each.is_dag and not each.at_exit] if limit is None else []
        at_exit = bool(groups) and draw(st.integers(0, 2)) == 0
        needs: tuple[int, ...] = (draw(st.sampled_from(groups)),) if at_exit else ()
        if index and limit is None and not at_exit:
            needs = tuple(sorted(draw(st.sets(st.integers(0, index - 1), max_size=3))))
        is_dag = depth > 0 and draw(st.integers(0, 2)) == 0
        always = at_exit or (limit is None and draw(st.integers(0, 4)) == 0)
        request = None if is_dag else draw(st.none() | requests)
        retries = 0 if is_dag else draw(st.integers(0, 2))
        vertices.append(
            Vertex(str(index), needs, is_dag, always, retries, at_exit, NOTHING if is_dag else request)
        )  # fmt: skip
        if is_dag:
            inner[index] = draw(trees(depth - 1))
        elif request is None:
            weighed[index] = draw(requests)
        if draw(st.integers(0, 4)) == 0:
            failures[index] = draw(st.integers(1, 3))
    unwanted = draw(st.frozensets(st.integers(0, 6), max_size=2))
    return Tree(Graph.of(vertices), inner, failures, unwanted, limit, weighed)


def check_exits(play: Play) -> None:
    """Each exit task has run once where its scope had begun and nobody insisted on an end."""
    for number, place in play.places.items():
        for index, vertex in enumerate(place.tree.graph.vertices):
            key = Key(number, index)
            if vertex.at_exit and play.cancels < 2 and all(Key(number, need) in play.begun for need in vertex.needs):
                assert key in play.begun
                assert play.ended[key] is not State.CANCELED


@settings(max_examples=EXAMPLES, deadline=None)
@given(trees(), st.integers(1, 4), seeds, disturbances)
def test_fuzz_every_run_ends_as_it_must(
    tree: Tree, limit: int, seed: int, disturbances: dict[int, Disturbance]
) -> None:
    play = Play(tree, limit, Random(seed).randrange, disturbances, CAPACITY).run()
    check_exits(play)
    assert play.state is (State.CANCELED if play.cancels else tree.outcome())
    for key, state in play.ended.items():
        assert state is not State.CANCELED or play.cancels
        assert (state is State.SKIPPED) or key in play.begun or key == ROOT


@settings(max_examples=EXAMPLES // 5, deadline=None)
@given(trees(), st.integers(1, 3), seeds)
def test_fuzz_a_crash_at_any_event_changes_nothing(tree: Tree, limit: int, seed: int) -> None:
    undisturbed = Play(tree, limit, Random(seed).randrange, capacity=CAPACITY).run()
    for event in range(1, undisturbed.happened + 1):
        play = Play(tree, limit, Random(seed).randrange, {event: "crash"}, CAPACITY).run()
        assert play.goes == 2
        assert play.state is undisturbed.state
        check_exits(play)
        if undisturbed.state is State.SUCCEEDED:
            assert play.done == undisturbed.done
            assert len(play.ran) <= len(undisturbed.ran) + limit * event


@settings(max_examples=EXAMPLES // 5, deadline=None)
@given(trees(), st.integers(1, 3), seeds)
def test_fuzz_a_cancellation_at_any_event_ends_the_run(tree: Tree, limit: int, seed: int) -> None:
    undisturbed = Play(tree, limit, Random(seed).randrange, capacity=CAPACITY).run()
    for event in range(1, undisturbed.happened + 1):
        for again in (None, 0, 2):
            cancels: dict[int, Disturbance] = {event: "cancel"}
            if again is not None:
                cancels[event + 1 + again] = "cancel"
            play = Play(tree, limit, Random(seed).randrange, cancels, CAPACITY).run()
            assert play.state is State.CANCELED
            check_exits(play)


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_fuzz_slots_are_used_while_anything_waits(limit: int) -> None:
    """What asks for nothing never waits beside a free slot."""

    @settings(max_examples=EXAMPLES // 3, deadline=None, database=None)
    @given(trees(), seeds)
    def check(tree: Tree, seed: int) -> None:
        class Greedy(Play):
            def request(self, key: Key) -> Request:
                return NOTHING

            def check_now(self) -> None:
                super().check_now()
                assert self.news or not self.schedule.lined or len(self.running) == self.limit

        Greedy(lightened(tree), limit, Random(seed).randrange).run()

    check()


def lightened(tree: Tree) -> Tree:
    """The same without requests."""
    vertices = [
        Vertex(each.name, each.needs, each.is_dag, each.always, each.retries, each.at_exit)
        for each in tree.graph.vertices
    ]
    inner = {index: lightened(each) for index, each in tree.inner.items()}
    return Tree(Graph.of(vertices), inner, tree.failures, tree.unwanted, tree.limit)
