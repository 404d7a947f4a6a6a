"""One transition of the scheduler in the making: where scopes and nodes are kept meanwhile, and what starts.

Who may start is decided in `scheduler.py`; here, who does: steps in the order of the line while there are slots, and
iterations of loops while there are too few steps for these.
"""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kfp.engine.scheduling.line import Unfit, draw
from kfp.engine.scheduling.resources import NOTHING
from kfp.engine.scheduling.schedule import Action, Key, Node, Open, Phase, Schedule, Scope, Start, Weigh

if TYPE_CHECKING:
    from kfp.engine.scheduling.graph import Vertex
    from kfp.engine.scheduling.resources import Request

IN_LINE = (Phase.READY, Phase.WEIGHING)
_LOOK_AHEAD = 64


class Turn:
    """One transition in the making: the only mutable thing of the scheduler's, and it does not outlive `advance`.

    Args:
        schedule: the state before.
    """

    def __init__(self, schedule: Schedule) -> None:
        self.before = schedule
        self.scopes, self.line, self.lined = schedule.scopes, schedule.line, schedule.lined
        self.running, self.used, self.opening = schedule.running, schedule.used, schedule.opening
        self.loops = schedule.loops
        self.canceled, self.halted = schedule.canceled, schedule.halted
        self.changed: dict[int, Scope | None] = {}
        self.actions: list[Action] = []

    def result(self) -> tuple[Schedule, list[Action]]:
        """Return the state after it, and what is to be done."""
        for number, scope in self.changed.items():
            self.scopes = self.scopes.set(number, scope)
        after = replace(
            self.before,
            scopes=self.scopes,
            line=self.line,
            lined=self.lined,
            running=self.running,
            used=self.used,
            opening=self.opening,
            loops=self.loops,
            canceled=self.canceled,
            halted=self.halted,
        )
        return after, self.actions

    # ---- what starts -------------------------------------------------------------------------------------------------

    def free(self, key: Key) -> None:
        """Let a task go that needs nothing any more: a step joins the line, a DAG opens."""
        scope = self.scope(key.scope)
        node = scope.nodes[key.position]
        if scope.graph.vertices[key.position].is_dag:
            self.put_node(key, node._replace(phase=Phase.OPENING, attempt=1))
            self.opening += 1
            self.actions.append(Open(key))
        else:
            self.put_node(key, node._replace(phase=Phase.READY))
            self.line, self.lined = self.line.join(key), self.lined + 1

    def offer(self, number: int) -> None:
        """Note that a loop can begin another iteration, where it can."""
        scope = self.scope(number)
        place = (-scope.depth, number)
        if scope.next < len(scope.nodes) and (not scope.limit or scope.under_way < scope.limit):
            if place not in self.loops:
                loops = list(self.loops)
                insort(loops, place)
                self.loops = tuple(loops)
        elif place in self.loops:
            self.loops = tuple(each for each in self.loops if each != place)

    def begin_iteration(self) -> None:
        """Begin the next iteration of the first loop that has one."""
        number = self.loops[0][1]
        scope = self.find(number)
        if scope is None:
            self.loops = self.loops[1:]
            return
        index = scope.next
        self.put_scope(number, scope._replace(next=index + 1))
        if scope.nodes[index].phase is Phase.WAITING:
            self.put_scope(number, self.scope(number)._replace(under_way=scope.under_way + 1))
            self.free(Key(number, index))
        self.offer(number)

    def fill(self) -> None:
        """Start steps while there are slots, and begin iterations while there are too few steps for them."""
        while True:
            while self.lined and self.running < self.before.limit and self.start():
                pass
            enough = self.before.limit + (_LOOK_AHEAD if self.line.lots else 0)
            if not self.loops or self.running + self.lined + self.opening >= enough:
                return
            self.begin_iteration()

    def start(self) -> bool:
        """Start the step that is next, or have it weighed; return whether another one may start now."""
        self.line, key = draw(self.line, self.before.capacity.minus(self.used), self.ask)
        if key is None:
            return False
        scope = self.scope(key.scope)
        node, vertex = scope.nodes[key.position], scope.graph.vertices[key.position]
        if node.request is None and vertex.request is None:
            if node.phase is Phase.READY:
                self.put_node(key, node._replace(phase=Phase.WEIGHING))
                self.actions.append(Weigh(key))
            return False
        self.lined -= 1
        self.running += 1
        self.used = self.used.plus(self.request(node, vertex))
        self.put_node(key, node._replace(phase=Phase.RUNNING, attempt=node.attempt + 1))
        self.actions.append(Start(key, node.attempt + 1))
        return True

    def ask(self, key: Key) -> Request | Unfit:
        """Return what a step in the line asks for."""
        scope = self.find(key.scope)
        if scope is None or scope.nodes[key.position].phase not in IN_LINE:
            return Unfit.GONE
        node, vertex = scope.nodes[key.position], scope.graph.vertices[key.position]
        if node.request is None and vertex.request is None:
            return Unfit.UNKNOWN
        return self.request(node, vertex)

    def request(self, node: Node, vertex: Vertex) -> Request:
        """Return what a step takes of the machine: no more than there is."""
        return (node.request or vertex.request or NOTHING).within(self.before.capacity)

    # ---- scopes and nodes --------------------------------------------------------------------------------------------

    def find(self, number: int) -> Scope | None:
        """Return a scope as it is now, None where it has ended."""
        return self.changed[number] if number in self.changed else self.scopes[number]

    def scope(self, number: int) -> Scope:
        """Return a scope that has not ended.

        Raises:
            LookupError: it has.
        """
        scope = self.find(number)
        if scope is None:
            raise LookupError(f"scope {number} has ended")
        return scope

    def put_scope(self, number: int, scope: Scope) -> None:
        """Keep a scope as it is now."""
        self.changed[number] = scope

    def put_node(self, key: Key, node: Node) -> None:
        """Keep a task's standing as it is now."""
        scope = self.scope(key.scope)
        self.put_scope(key.scope, scope._replace(nodes=scope.nodes.set(key.position, node)))
