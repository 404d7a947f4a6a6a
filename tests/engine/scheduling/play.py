"""A run for the scheduler's tests: a tree of DAGs, and a world that ends its steps, cancels it and kills its engine."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from kfp.engine.scheduling.graph import Graph, Vertex
from kfp.engine.scheduling.resources import NOTHING, UNBOUNDED, Request
from kfp.engine.scheduling.schedule import (
    ROOT,
    Action,
    Cancel,
    CancelRequested,
    Close,
    Due,
    Ended,
    Event,
    Finish,
    Key,
    Open,
    Opened,
    Skip,
    Start,
    Wait,
    Weigh,
    Weighed,
)
from kfp.engine.scheduling.scheduler import advance, begin
from kfp.engine.states import State

Path = tuple[int, ...]
Disturbance = Literal["cancel", "crash"]


@dataclass(frozen=True)
class Tree:
    """A DAG: its graph, the DAGs inside it, and what becomes of its tasks.

    Args:
        graph: its tasks.
        inner: the DAGs that its tasks open into, by position.
        failures: how many attempts of a step fail; of a DAG any number says that it cannot be opened.
        unwanted: the tasks whose condition does not hold.
        limit: that of a loop, None for a DAG.
        requests: what the steps ask for whose vertices do not say so.
    """

    graph: Graph
    inner: Mapping[int, Tree] = field(default_factory=dict)
    failures: Mapping[int, int] = field(default_factory=dict)
    unwanted: frozenset[int] = frozenset()
    limit: int | None = None
    requests: Mapping[int, Request] = field(default_factory=dict)

    def outcome(self) -> State:
        """What becomes of it when nobody disturbs it."""
        states: list[State] = []
        for index, vertex in enumerate(self.graph.vertices):  # needs come first
            if index in self.unwanted or not (
                vertex.always or all(states[need] is State.SUCCEEDED for need in vertex.needs)
            ):
                states.append(State.SKIPPED)
            elif vertex.is_dag and index not in self.failures:
                states.append(self.inner[index].outcome())
            else:
                fails = self.failures.get(index, 0) > vertex.retries
                states.append(State.FAILED if fails else State.SUCCEEDED)
        return State.FAILED if State.FAILED in states else State.SUCCEEDED


@dataclass(frozen=True)
class Place:
    """An opened DAG: the task that opened it, what it is, and the positions down to it."""

    owner: Key
    tree: Tree
    path: Path


def first(_: int) -> int:
    """The one that has run longest ends first."""
    return 0


class Play:
    """Runs a tree; what must hold at every moment is asserted here.

    Args:
        tree: the pipeline.
        limit: how many steps may run at the same time.
        capacity: what the machine has.
        pick: chooses which of so many running steps ends next.
        disturbances: what happens in place of so manieth end of a step.
    """

    def __init__(
        self,
        tree: Tree,
        limit: int = 2,
        pick: Callable[[int], int] = first,
        disturbances: Mapping[int, Disturbance] | None = None,
        capacity: Request = UNBOUNDED,
    ) -> None:
        self.tree, self.limit, self.pick, self.capacity = tree, limit, pick, capacity
        self.disturbances = dict(disturbances or {})
        self.done: set[Path] = set()
        self.ran: list[tuple[int, Key, int]] = []
        self.most_running = self.happened = self.cancels = self.goes = 0
        self.begin()

    def begin(self) -> None:
        """Start the engine; what it has done before is on record."""
        self.goes += 1
        self.started: list[tuple[Key, int]] = []
        self.attempts: Counter[Key] = Counter()
        self.begun: set[Key] = set()
        self.ended: dict[Key, State] = {}
        self.places: dict[int, Place] = {}
        self.numbers: dict[Key, int] = {}
        self.under_way: Counter[int] = Counter()
        self.running: list[tuple[Key, int]] = []
        self.requests: dict[Key, Request] = {}
        self.paused: list[Key] = []
        self.stopped: set[Key] = set()
        self.news: deque[Event] = deque()
        self.state: State | None = None
        self.schedule, self.actions = begin(self.limit, self.capacity)
        self.cancels = 0

    def run(self) -> Play:
        while True:
            for action in self.actions:
                assert self.state is None
                self.do(action)
            self.check_now()
            if self.state is not None:
                self.check_end()
                return self
            event = self.news.popleft() if self.news else self.outside()
            if event is not None:
                self.happens(event)

    def happens(self, event: Event) -> None:
        if isinstance(event, Opened):
            place = self.places.get(event.key.scope)
            path = (*place.path, event.key.position) if place is not None else ()
            tree = place.tree.inner[event.key.position] if place is not None else self.tree
            self.numbers[event.key] = len(self.schedule.scopes)
            self.places[self.numbers[event.key]] = Place(event.key, tree, path)
        self.schedule, self.actions = advance(self.schedule, event)
        if isinstance(event, Ended) and not any(isinstance(action, Wait) for action in self.actions):
            self.end(event.key, event.state)

    def do(self, action: Action) -> None:
        if isinstance(action, Start):
            self.start(action)
        elif isinstance(action, Open):
            self.open(action.key)
        elif isinstance(action, Weigh):
            self.requests[action.key] = self.places[action.key.scope].tree.requests[action.key.position]
            self.news.append(Weighed(action.key, self.requests[action.key]))
        elif isinstance(action, Wait):
            self.paused.append(action.key)
        elif isinstance(action, Close):
            states = [self.ended[key] for key in self.tasks_of(action.key)]
            bad = [state for state in states if state in (State.FAILED, State.CANCELED)]
            assert action.state is State.CANCELED or (action.state is State.FAILED) == bool(bad)
            assert action.state is not State.CANCELED or self.cancels
            self.news.append(Ended(action.key, action.state))
        elif isinstance(action, Skip):
            assert action.key not in self.begun
            self.end(action.key, State.SKIPPED)
        elif isinstance(action, Cancel):
            assert action.key not in self.stopped
            self.stopped.add(action.key)
            if action.key not in [key for key, _ in self.running]:
                self.paused = [key for key in self.paused if key != action.key]
                self.news.append(Ended(action.key, State.CANCELED))
        else:
            assert isinstance(action, Finish)
            self.state = action.state

    def start(self, action: Start) -> None:
        key, place = action.key, self.places[action.key.scope]
        self.attempts[key] += 1
        assert action.attempt == self.attempts[key] <= place.tree.graph.vertices[key.position].retries + 1
        self.check_needs(key)
        if action.attempt == 1:
            self.note(key)
        self.started.append((key, action.attempt))
        self.running.append((key, action.attempt))
        self.most_running = max(self.most_running, len(self.running))
        path = (*place.path, key.position)
        if key.position in place.tree.unwanted:
            self.news.append(Ended(key, State.SKIPPED, final=True))
        elif path in self.done and action.attempt == 1:
            self.news.append(Ended(key, State.SUCCEEDED))
        else:
            self.forget(key)
            self.ran.append((self.goes, key, action.attempt))

    def open(self, key: Key) -> None:
        if key == ROOT:
            self.news.append(Opened(ROOT, self.tree.graph, self.tree.limit))
            return
        self.check_needs(key)
        self.note(key)
        tree = self.places[key.scope].tree
        if key.position in tree.unwanted:
            self.news.append(Ended(key, State.SKIPPED))
        elif key.position in tree.failures:
            self.news.append(Ended(key, State.FAILED, final=True))
        else:
            inner = tree.inner[key.position]
            self.news.append(Opened(key, inner.graph, inner.limit))

    def note(self, key: Key) -> None:
        """A task begins: for the first time, and in a loop no more of them than its limit."""
        assert key not in self.begun
        assert not self.cancels or self.is_spared(key)
        self.begun.add(key)
        self.under_way[key.scope] += 1
        limit = self.places[key.scope].tree.limit
        assert not limit or self.under_way[key.scope] <= limit

    def end(self, key: Key, state: State) -> None:
        assert key not in self.ended
        self.ended[key] = state
        if key == ROOT:
            return
        if key in self.begun:
            self.under_way[key.scope] -= 1
        self.running = [each for each in self.running if each[0] != key]
        place = self.places[key.scope]
        if state is State.SUCCEEDED and not place.tree.graph.vertices[key.position].is_dag:
            self.done.add((*place.path, key.position))

    def forget(self, key: Key) -> None:
        """A step runs: what stands after it on record holds no longer, nor what stands after the DAGs around it."""
        while key != ROOT and self.goes > 1:
            place = self.places[key.scope]
            todo, seen = [key.position], set[int]()
            while todo:
                at = todo.pop()
                seen.add(at)
                todo.extend(set(place.tree.graph.dependents[at]) - seen)
            gone = {(*place.path, each) for each in seen - {key.position}}
            if gone:
                self.done = {path for path in self.done if path[: len(place.path) + 1] not in gone}
            key = place.owner

    def outside(self) -> Event | None:
        """What comes from outside next: an end, the time for another attempt, a cancellation, or the engine's end."""
        self.happened += 1
        disturbance = self.disturbances.get(self.happened)
        if disturbance == "crash":
            self.begin()
            return None
        if disturbance == "cancel":
            self.cancels += 1
            return CancelRequested()
        assert self.running or self.paused, "nothing will ever happen again"
        number = self.pick(len(self.running) + len(self.paused))
        if number >= len(self.running):
            return Due(self.paused.pop(number - len(self.running)))
        key, attempt = self.running.pop(number)
        if key in self.stopped:
            return Ended(key, State.CANCELED)
        failing = attempt <= self.places[key.scope].tree.failures.get(key.position, 0)
        return Ended(key, State.FAILED if failing else State.SUCCEEDED)

    def is_spared(self, key: Key) -> bool:
        """Whether a task may begin after a cancellation: an exit task whose scope had begun, what is inside of one."""
        while key != ROOT:
            if self.vertex(key).at_exit:
                scopes = [Key(key.scope, need) for need in self.vertex(key).needs]
                return self.cancels == 1 and (key in self.begun or all(scope in self.begun for scope in scopes))
            key = self.places[key.scope].owner
        return False

    # ---- what must hold ----------------------------------------------------------------------------------------------

    def tasks_of(self, owner: Key) -> list[Key]:
        """The tasks of the DAG that a task has opened."""
        number = self.numbers[owner]
        return [Key(number, index) for index in range(len(self.places[number].tree.graph.vertices))]

    def vertex(self, key: Key) -> Vertex:
        return self.places[key.scope].tree.graph.vertices[key.position]

    def request(self, key: Key) -> Request:
        request = self.vertex(key).request
        return (self.requests[key] if request is None else request).within(self.capacity)

    def check_needs(self, key: Key) -> None:
        for need in self.vertex(key).needs:
            state = self.ended[Key(key.scope, need)]
            assert state is State.SUCCEEDED or self.vertex(key).always

    def check_now(self) -> None:
        assert len(self.running) == self.schedule.running <= self.limit
        used = NOTHING
        for key, _ in self.running:
            used = used.plus(self.request(key))
        assert used.fits(self.capacity)

    def check_end(self) -> None:
        assert not self.running
        assert not self.paused
        assert not self.news
        counts = (self.schedule.running, self.schedule.lined, self.schedule.opening, self.schedule.used)
        assert counts == (0, 0, 0, NOTHING)
        assert all(scope is None for number, scope in enumerate(self.schedule.scopes) if number)
        for owner in [place.owner for place in self.places.values()]:
            assert all(key in self.ended for key in self.tasks_of(owner))
