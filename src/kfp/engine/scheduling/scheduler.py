"""Decides what happens next in a run: `advance(state, event)` returns a new state and actions, nothing else happens.

The values are those of `schedule.py`. The rules:
- a task is free when all that it needs has succeeded; a step then joins the line (`line.py`) for one of `limit` slots
  and for what it asks of the machine, a DAG opens at once;
- the iterations of a loop begin as slots come free, so that few of many are open at a time, and in a loop with a limit
  no more than that; what is begun goes before what is not, and so the inner loop before the outer one;
- a step that is to be tried again gives its slot back until then, and is then ahead of those that have not been first;
- a task that needs a skipped task is skipped; tasks that are skipped do not make their scope fail;
- after a failure nothing new starts in that scope, what runs there finishes, and then the scope has failed; all
  iterations of a loop without a limit count as begun, those of a loop with one when they begin;
- a task that runs "always" only waits until what it needs has ended;
- after a cancellation nothing starts any more but exit tasks whose scope had begun, and what is inside of them; after
  a second one nothing at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.engine.scheduling.graph import Graph, Vertex
from kfp.engine.scheduling.resources import UNBOUNDED
from kfp.engine.scheduling.schedule import (
    ROOT,
    Action,
    Cancel,
    Close,
    Due,
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
    Wait,
    Weighed,
)
from kfp.engine.scheduling.turn import IN_LINE, Turn
from kfp.engine.scheduling.vector import Vector
from kfp.engine.states import State

if TYPE_CHECKING:
    from kfp.engine.scheduling.resources import Request

_PENDING = (Phase.WAITING, Phase.READY, Phase.WEIGHING)


def begin(limit: int, capacity: Request = UNBOUNDED) -> tuple[Schedule, list[Action]]:
    """Return the state and the first actions of a run.

    Args:
        limit: how many steps may run at the same time, at least 1.
        capacity: what the machine has; a step that asks for more gets all of it.
    """
    graph = Graph.of([Vertex("root", is_dag=True)])
    scope = Scope(ROOT, graph, Vector([Node(Phase.OPENING, 0, 1)]), 1)
    return Schedule(max(1, limit), capacity, Vector([scope]), opening=1), [Open(ROOT)]


def advance(schedule: Schedule, event: Event) -> tuple[Schedule, list[Action]]:
    """Return the state after an event, and what is to be done now, in order.

    Args:
        schedule: the state before; it stays as it was.
        event: what has happened.
    """
    turn = _Transition(schedule)
    if isinstance(event, Opened):
        turn.opened(event)
    elif isinstance(event, Ended):
        turn.ended(event)
    elif isinstance(event, Weighed):
        turn.weighed(event)
    elif isinstance(event, Due):
        turn.due(event.key)
    else:
        turn.cancel()
    turn.fill()
    return turn.result()


class _Transition(Turn):
    """What an event brings about."""

    # ---- events ------------------------------------------------------------------------------------------------------

    def opened(self, event: Opened) -> None:
        outer = self.scope(event.key.scope)
        owner, vertex = outer.nodes[event.key.position], outer.graph.vertices[event.key.position]
        if owner.phase is not Phase.OPENING:
            return
        self.opening -= 1
        self.put_node(event.key, owner._replace(phase=Phase.RUNNING))
        number, graph, last = len(self.scopes), event.graph, outer.last or vertex.at_exit
        fresh = {count: Node(Phase.WAITING, count) for count in {len(each.needs) for each in graph.vertices}}
        scope = Scope(
            event.key,
            graph,
            Vector(fresh[len(each.needs)] for each in graph.vertices),
            len(graph.vertices),
            canceled=self.halted or (self.canceled and not last),
            last=last,
            limit=event.limit,
            depth=outer.depth + (event.limit is not None),
        )
        self.scopes = self.scopes.append(scope)
        if scope.canceled:
            self.skip_pending(number)
        elif event.limit is not None:
            self.offer(number)
        else:
            for index, each in enumerate(graph.vertices):
                if not each.needs:
                    self.free(Key(number, index))
        self.close_if_over(number)

    def weighed(self, event: Weighed) -> None:
        scope = self.find(event.key.scope)
        if scope is not None and scope.nodes[event.key.position].phase is Phase.WEIGHING:
            node = scope.nodes[event.key.position]
            self.put_node(event.key, node._replace(phase=Phase.READY, request=event.request))

    def ended(self, event: Ended) -> None:
        key, state = event.key, event.state
        scope = self.scope(key.scope)
        node, vertex = scope.nodes[key.position], scope.graph.vertices[key.position]
        if node.phase is Phase.OPENING:
            self.opening -= 1
        elif node.phase is Phase.RUNNING and not vertex.is_dag:
            self.running -= 1
            self.used = self.used.minus(self.request(node, vertex))
            again = state is State.FAILED and node.attempt <= vertex.retries and not event.final
            if again and not self.is_stopped(scope, vertex):
                self.put_node(key, node._replace(phase=Phase.PAUSING))
                self.actions.append(Wait(key, node.attempt + 1))
                return
        elif node.phase not in (Phase.RUNNING, Phase.PAUSING):
            return
        self.settle(key, state)
        if key == ROOT:
            self.actions.append(Finish(State.CANCELED if self.canceled else state))
            return
        scope = self.scope(key.scope)
        if scope.limit is not None:
            self.put_scope(key.scope, scope._replace(under_way=scope.under_way - 1))
        if state in (State.FAILED, State.CANCELED) and not scope.failed:
            self.put_scope(key.scope, self.scope(key.scope)._replace(failed=True))
            if scope.limit != 0:
                self.skip_pending(key.scope)
        if scope.limit is not None:
            self.offer(key.scope)
        self.close_if_over(key.scope)

    def due(self, key: Key) -> None:
        scope = self.find(key.scope)
        if scope is None or scope.nodes[key.position].phase is not Phase.PAUSING:
            return
        if not self.is_stopped(scope, scope.graph.vertices[key.position]):
            self.put_node(key, scope.nodes[key.position]._replace(phase=Phase.READY))
            self.line, self.lined = self.line.rejoin(key), self.lined + 1

    def cancel(self) -> None:
        if self.halted:
            return
        self.halted, self.canceled = self.canceled, True
        for number in range(1, len(self.scopes)):
            before = self.find(number)
            if before is None or (before.last and not self.halted):
                continue
            self.put_scope(number, before._replace(canceled=True))
            for index, (node, vertex) in enumerate(zip(before.nodes, before.graph.vertices, strict=True)):
                told_already = before.canceled and not vertex.at_exit
                if vertex.is_dag or not node.attempt or told_already or not self.is_stopped(self.scope(number), vertex):
                    continue
                if node.phase in IN_LINE:
                    self.put_node(Key(number, index), node._replace(phase=Phase.PAUSING))
                    self.lined -= 1
                if node.phase is not Phase.ENDED:
                    self.actions.append(Cancel(Key(number, index)))
            self.skip_pending(number)
            self.close_if_over(number)

    # ---- what follows ------------------------------------------------------------------------------------------------

    def settle(self, key: Key, state: State) -> None:
        """Mark a task as ended, and whatever follows from that for the tasks that wait for it."""
        todo = [(key.position, state)]
        while todo:
            index, outcome = todo.pop()
            scope = self.scope(key.scope)
            node = scope.nodes[index]
            if node.phase in IN_LINE:
                self.lined -= 1
            nodes = scope.nodes.set(index, node._replace(phase=Phase.ENDED))
            scope = scope._replace(nodes=nodes, left=scope.left - 1)
            self.put_scope(key.scope, scope)
            for dependent in scope.graph.dependents[index]:
                scope = self.scope(key.scope)
                node = scope.nodes[dependent]
                if node.phase is not Phase.WAITING:
                    continue
                node = node._replace(waiting=node.waiting - 1)
                self.put_node(Key(key.scope, dependent), node)
                if outcome is not State.SUCCEEDED and not self.is_spared(scope, dependent):
                    self.put_node(Key(key.scope, dependent), node._replace(phase=Phase.ENDED))
                    self.actions.append(Skip(Key(key.scope, dependent)))
                    todo.append((dependent, State.SKIPPED))
                elif node.waiting == 0:
                    self.free(Key(key.scope, dependent))

    def skip_pending(self, number: int) -> None:
        """End every task of a scope that has not begun and is not spared."""
        for index in range(len(self.scope(number).graph.vertices)):
            scope = self.scope(number)
            node = scope.nodes[index]
            if node.phase in _PENDING and not node.attempt and not self.is_spared(scope, index):
                self.actions.append(Skip(Key(number, index)))
                self.settle(Key(number, index), State.SKIPPED)

    def is_spared(self, scope: Scope, index: int) -> bool:
        """Whether a task that has not begun may still run after a failure or a cancellation in its scope."""
        vertex = scope.graph.vertices[index]
        if not vertex.always or not scope.canceled:
            return vertex.always
        return not self.is_stopped(scope, vertex) and all(scope.nodes[need].attempt for need in vertex.needs)

    def is_stopped(self, scope: Scope, vertex: Vertex) -> bool:
        """Whether a cancellation is meant for a task too."""
        return scope.canceled and (self.halted or not vertex.at_exit)

    def close_if_over(self, number: int) -> None:
        scope = self.scope(number)
        if scope.left:
            return
        ended = State.FAILED if scope.failed else State.SUCCEEDED
        self.changed[number] = None
        self.actions.append(Close(scope.owner, State.CANCELED if scope.canceled else ended))
