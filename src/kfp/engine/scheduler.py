"""Decides what happens next in a run: `advance(state, event)` returns a new state and actions, nothing else happens.

The values are those of `schedule.py`. The rules:
- a task is free when all that it needs has succeeded; a step then waits for one of `limit` slots, a DAG opens at once;
- a scope may have a limit of its own for the tasks that need nothing: the iterations of a loop;
- a task that needs a skipped task is skipped; tasks that are skipped do not make their scope fail;
- after a failure nothing new starts in that scope, what runs there finishes, and then the scope has failed;
- a task that runs "always" only waits until what it needs has ended;
- after a cancellation nothing starts any more.
"""

from __future__ import annotations

from msgspec.structs import replace

from kfp.engine.graph import Graph, Vertex
from kfp.engine.schedule import (
    ROOT,
    Action,
    Cancel,
    Close,
    Ended,
    Event,
    Finish,
    Key,
    Node,
    Open,
    Opened,
    Phase,
    Schedule,
    Scope,
    Skip,
    Start,
)
from kfp.engine.states import State
from kfp.engine.vector import Vector


def begin(limit: int) -> tuple[Schedule, list[Action]]:
    """Return the state and the first actions of a run.

    Args:
        limit: how many steps may run at the same time, at least 1.
    """
    graph = Graph.of([Vertex("root", is_dag=True)])
    scope = Scope(ROOT, graph, Vector([Node(Phase.RUNNING, 0, 1)]), 1)
    return Schedule(max(1, limit), Vector([scope])), [Open(ROOT)]


def advance(schedule: Schedule, event: Event) -> tuple[Schedule, list[Action]]:
    """Return the state after an event, and what is to be done now, in order.

    Args:
        schedule: the state before; it stays as it was.
        event: what has happened.
    """
    turn = _Turn(schedule)
    if isinstance(event, Opened):
        turn.opened(event)
    elif isinstance(event, Ended):
        turn.ended(event)
    else:
        turn.cancel()
    turn.fill()
    return turn.result()


class _Turn:
    """One transition in the making: the only mutable thing here, and it does not outlive `advance`."""

    def __init__(self, schedule: Schedule) -> None:
        self.before = schedule
        self.scopes = schedule.scopes
        self.front, self.back = schedule.front, schedule.back
        self.running, self.canceled = schedule.running, schedule.canceled
        self.actions: list[Action] = []

    def result(self) -> tuple[Schedule, list[Action]]:
        after = replace(
            self.before,
            scopes=self.scopes,
            front=self.front,
            back=self.back,
            running=self.running,
            canceled=self.canceled,
        )
        return after, self.actions

    def opened(self, event: Opened) -> None:
        number, graph = len(self.scopes), event.graph
        nodes = Vector(Node(Phase.WAITING, len(vertex.needs)) for vertex in graph.vertices)
        self.scopes = self.scopes.append(Scope(event.key, graph, nodes, len(graph.vertices), limit=event.limit))
        if self.canceled:
            self.skip_pending(number)
        elif event.limit:
            for _ in range(min(event.limit, len(graph.vertices))):
                self.free_next(number)
        else:
            for index, vertex in enumerate(graph.vertices):
                if not vertex.needs:
                    self.free(Key(number, index))
        self.close_if_over(number)

    def ended(self, event: Ended) -> None:
        key, state = event.key, event.state
        scope = self.scope(key.scope)
        node, vertex = scope.nodes[key.position], scope.graph.vertices[key.position]
        if node.phase is not Phase.RUNNING:
            return
        if not vertex.is_dag:
            self.running -= 1
            again = state is State.FAILED and node.attempt <= vertex.retries and not event.final
            if again and not self.canceled:
                self.start(key, node)
                return
        self.settle(key, state)
        if key == ROOT:
            self.actions.append(Finish(State.CANCELED if self.canceled else state))
            return
        if state in (State.FAILED, State.CANCELED) and not self.scope(key.scope).failed:
            self.put_scope(key.scope, self.scope(key.scope)._replace(failed=True))
            self.skip_pending(key.scope)
        if self.scope(key.scope).limit and not vertex.needs:
            self.free_next(key.scope)
        self.close_if_over(key.scope)

    def cancel(self) -> None:
        if self.canceled:
            return
        self.canceled = True
        self.front = self.back = None
        for number, scope in enumerate(list(self.scopes)):
            if scope is None or number == 0:
                continue
            for index, node in enumerate(scope.nodes):
                if node.phase is Phase.RUNNING and not scope.graph.vertices[index].is_dag:
                    self.actions.append(Cancel(Key(number, index)))
            self.skip_pending(number)
            self.close_if_over(number)

    def settle(self, key: Key, state: State) -> None:
        """Mark a task as ended, and whatever follows from that for the tasks that wait for it."""
        todo = [(key.position, state)]
        while todo:
            index, outcome = todo.pop()
            scope = self.scope(key.scope)
            nodes = scope.nodes.set(index, scope.nodes[index]._replace(phase=Phase.ENDED))
            self.put_scope(key.scope, scope._replace(nodes=nodes, left=scope.left - 1))
            for dependent in scope.graph.dependents[index]:
                node = self.scope(key.scope).nodes[dependent]
                if node.phase is not Phase.WAITING:
                    continue
                node = node._replace(waiting=node.waiting - 1)
                self.put_node(Key(key.scope, dependent), node)
                spared = scope.graph.vertices[dependent].always and not self.canceled
                if outcome is not State.SUCCEEDED and not spared:
                    self.put_node(Key(key.scope, dependent), node._replace(phase=Phase.ENDED))
                    self.actions.append(Skip(Key(key.scope, dependent)))
                    todo.append((dependent, State.SKIPPED))
                elif node.waiting == 0:
                    self.free(Key(key.scope, dependent))

    def skip_pending(self, number: int) -> None:
        """End every task of a scope that has not started; after a failure those that run always are spared."""
        for index, vertex in enumerate(self.scope(number).graph.vertices):
            node = self.scope(number).nodes[index]
            if node.phase in (Phase.WAITING, Phase.READY) and (self.canceled or not vertex.always):
                self.put_node(Key(number, index), node._replace(phase=Phase.ENDED))
                self.actions.append(Skip(Key(number, index)))
                self.settle(Key(number, index), State.SKIPPED)

    def close_if_over(self, number: int) -> None:
        scope = self.scope(number)
        if scope.left:
            return
        failed = State.FAILED if scope.failed else State.SUCCEEDED
        self.scopes = self.scopes.set(number, None)
        self.actions.append(Close(scope.owner, State.CANCELED if self.canceled else failed))

    def free(self, key: Key) -> None:
        scope = self.scope(key.scope)
        node = scope.nodes[key.position]
        if scope.graph.vertices[key.position].is_dag:
            self.put_node(key, node._replace(phase=Phase.RUNNING, attempt=1))
            self.actions.append(Open(key))
        else:
            self.put_node(key, node._replace(phase=Phase.READY))
            self.back = (key, self.back)

    def free_next(self, number: int) -> None:
        """Let the next task of a limited scope go that needs nothing and has not ended."""
        scope = self.scope(number)
        for index in range(scope.next, len(scope.nodes)):
            if scope.nodes[index].phase is Phase.WAITING and not scope.graph.vertices[index].needs:
                self.put_scope(number, scope._replace(next=index + 1))
                self.free(Key(number, index))
                return
        self.put_scope(number, scope._replace(next=len(scope.nodes)))

    def fill(self) -> None:
        """Start free steps while there are slots."""
        while self.running < self.before.limit:
            if self.front is None:
                while self.back is not None:
                    self.front, self.back = (self.back[0], self.front), self.back[1]
                if self.front is None:
                    return
            key, self.front = self.front
            scope = self.scopes[key.scope]
            if scope is not None and scope.nodes[key.position].phase is Phase.READY:
                self.start(key, scope.nodes[key.position])

    def start(self, key: Key, node: Node) -> None:
        self.running += 1
        self.put_node(key, node._replace(phase=Phase.RUNNING, attempt=node.attempt + 1))
        self.actions.append(Start(key, node.attempt + 1))

    def scope(self, number: int) -> Scope:
        scope = self.scopes[number]
        if scope is None:
            raise LookupError(f"scope {number} has ended")
        return scope

    def put_scope(self, number: int, scope: Scope) -> None:
        self.scopes = self.scopes.set(number, scope)

    def put_node(self, key: Key, node: Node) -> None:
        scope = self.scope(key.scope)
        self.put_scope(key.scope, scope._replace(nodes=scope.nodes.set(key.position, node)))
