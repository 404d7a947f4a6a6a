"""A document as a graph: pipelines in pipelines become boxes, and edges go to the tasks inside them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from kfp.graph.model import Box, Graph, Node, NodeKind
from kfp.graph.naming import (
    UNNAMED,
    box_detail,
    box_kind,
    box_label,
    escaped,
    executor_detail,
    is_channel,
    short,
)
from kfp.graph.wiring import INPUT, Edges, Origin
from kfp.ir import spec as ir
from kfp.ir.header import type_name

MAX_NODES = 5000
"""How many nodes are unfolded; a pipeline in a pipeline beyond that is drawn as one node.

A component that holds another ten times, which holds another ten times, and so on, is a short document of a vast graph.
"""
MAX_DEPTH = 40
"""How many pipelines in pipelines are unfolded."""

_EVEN_AFTER_FAILURE = "ALL_UPSTREAM_TASKS_COMPLETED"


@dataclass
class _Scope:
    """One DAG in its place: where its inputs come from, and the DAGs that were unfolded in it."""

    component: ir.ComponentSpec
    id: str | None
    parent: _Scope | None = None
    task: ir.PipelineTaskSpec | None = None
    inner: dict[str, _Scope] = field(default_factory=dict)
    depth: int = 0

    def path(self, name: str) -> str:
        return escaped(name) if self.id is None else f"{self.id}/{escaped(name)}"

    @property
    def dag(self) -> ir.DagSpec:
        return self.component.dag or ir.DagSpec()


def read(document: ir.Document) -> Graph:
    """Return the graph of a document.

    Args:
        document: a pipeline that was checked (`kfp.ir.files` checks what it reads).
    """
    return _Reader(document.spec).graph()


class _Reader:
    def __init__(self, spec: ir.PipelineSpec) -> None:
        self._spec = spec
        self._nodes: dict[str, Node] = {}
        self._boxes: dict[str, Box] = {}
        self._edges = Edges()
        self._unfolded = len(spec.root.dag.tasks) if spec.root.dag is not None else 0

    def graph(self) -> Graph:
        root = _Scope(self._spec.root, None)
        self._unfold(root)
        self._connect(root)
        self._outputs(root)
        edges = self._edges.all()
        used = {edge.source for edge in edges}
        inputs = [node for node in self._inputs() if node.id in used]
        return Graph(
            title=self._spec.pipeline_info.display_name or self._spec.pipeline_info.name,
            nodes=(*inputs, *self._nodes.values()),
            boxes=tuple(self._boxes.values()),
            edges=edges,
        )

    def _unfold(self, root: _Scope) -> None:
        """Make nodes and boxes, outer ones first, so that the inner ones are those that are left out."""
        waiting = deque([root])
        while waiting:
            scope = waiting.popleft()
            for name, task in scope.dag.tasks.items():
                component = self._spec.components[task.component_ref.name]
                path = scope.path(name)
                label = task.task_info.name or name
                if component.dag is not None and self._fits(scope, component.dag):
                    kind = box_kind(name, task)
                    self._boxes[path] = Box(path, box_label(name, task), kind, box_detail(task), scope.id)
                    scope.inner[name] = _Scope(component, path, scope, task, depth=scope.depth + 1)
                    waiting.append(scope.inner[name])
                elif component.dag is not None:
                    count = len(component.dag.tasks)
                    self._nodes[path] = Node(path, label, "pipeline", f"{count} task{'s' * (count != 1)}", scope.id)
                else:
                    executor = self._spec.deployment_spec.executors[component.executor_label or ""]
                    node_kind: NodeKind = "importer" if executor.importer is not None else "task"
                    self._nodes[path] = Node(path, label, node_kind, executor_detail(executor), scope.id)

    def _fits(self, scope: _Scope, dag: ir.DagSpec) -> bool:
        """Tell whether a DAG is unfolded, and count its tasks if so."""
        if not dag.tasks or scope.depth >= MAX_DEPTH or self._unfolded + len(dag.tasks) > MAX_NODES:
            return False
        self._unfolded += len(dag.tasks)
        return True

    def _connect(self, root: _Scope) -> None:
        """Connect tasks; then boxes with what no task inside takes; then those that only wait for others."""
        places = [(scope, name, task) for scope in _all(root) for name, task in scope.dag.tasks.items()]
        for scope, name, task in places:
            asked = _asked(task) if name in scope.inner else None
            for origin, key in self._sources(scope, task):
                if asked is None or key in asked:
                    self._edges.data(origin, scope.path(name), None if asked else _purpose(task, key))
        for scope, name, task in places:
            for origin, key in self._sources(scope, task) if name in scope.inner else []:
                if not self._edges.flows(origin.id, scope.path(name)):
                    self._edges.data(origin, scope.path(name), _purpose(task, key))
        for scope, name, task in places:
            is_last = task.trigger_policy is not None and task.trigger_policy.strategy == _EVEN_AFTER_FAILURE
            for before in task.dependent_tasks:
                self._edges.order(scope.path(before), scope.path(name), "always" if is_last else "")

    def _sources(self, scope: _Scope, task: ir.PipelineTaskSpec) -> list[tuple[Origin, str]]:
        """Return where each input of a task comes from, with the input's name."""
        parameters = [(self._parameter(scope, source), key) for key, source in task.inputs.parameters.items()]
        artifacts = [(self._artifact(scope, source), key) for key, source in task.inputs.artifacts.items()]
        return [(origin, key) for origins, key in parameters + artifacts for origin in origins]

    def _parameter(self, scope: _Scope, source: ir.InputParameterSpec) -> list[Origin]:
        if source.task_output_parameter is not None:
            produced = source.task_output_parameter
            return self._output(scope, produced.producer_task, produced.output_parameter_key, artifact=False)
        if source.task_final_status is not None:
            return [Origin(scope.path(source.task_final_status.producer_task), "final status")]
        if source.component_input_parameter is not None:
            return self._input(scope, source.component_input_parameter, artifact=False)
        return []

    def _artifact(self, scope: _Scope, source: ir.InputArtifactSpec) -> list[Origin]:
        if source.task_output_artifact is not None:
            produced = source.task_output_artifact
            return self._output(scope, produced.producer_task, produced.output_artifact_key, artifact=True)
        return self._input(scope, source.component_input_artifact or "", artifact=True)

    def _input(self, scope: _Scope, key: str, *, artifact: bool) -> list[Origin]:
        """Return where an input of a DAG comes from, outside of it."""
        if scope.parent is None or scope.task is None:
            return [Origin(_input_id(key), key, is_artifact=artifact)]
        inputs = scope.task.inputs
        iterator = scope.task.artifact_iterator or scope.task.parameter_iterator
        if iterator is not None and key == iterator.item_input:
            return [Origin(scope.id or "", "item", is_artifact=artifact)]
        if artifact and key in inputs.artifacts:
            return self._artifact(scope.parent, inputs.artifacts[key])
        if not artifact and key in inputs.parameters:
            return self._parameter(scope.parent, inputs.parameters[key])
        return []

    def _output(self, scope: _Scope, producer: str, key: str, *, artifact: bool) -> list[Origin]:
        """Return the tasks that give an output, inside the boxes that pass it on."""
        inner = scope.inner.get(producer)
        if inner is None:
            return [Origin(scope.path(producer), key, is_artifact=artifact)]
        outputs = inner.dag.outputs
        selectors: list[tuple[str, str]] = []
        if artifact and key in outputs.artifacts:
            selectors = [(s.producer_subtask, s.output_artifact_key) for s in outputs.artifacts[key].artifact_selectors]
        elif not artifact and key in outputs.parameters:
            given = outputs.parameters[key]
            chosen = [given.value_from_parameter] if given.value_from_parameter else []
            chosen += given.value_from_oneof.parameter_selectors if given.value_from_oneof else ()
            selectors = [(s.producer_subtask, s.output_parameter_key) for s in chosen]
        found = [origin for task, name in selectors for origin in self._output(inner, task, name, artifact=artifact)]
        is_loop = inner.task is not None and _looped(inner.task) is not None
        return [origin.collected() for origin in found] if is_loop else found

    def _inputs(self) -> list[Node]:
        ends = _ends(self._spec.root.input_definitions)
        return [Node(_input_id(key), key, "input", detail) for key, detail in ends]

    def _outputs(self, root: _Scope) -> None:
        outputs = root.dag.outputs
        for key, detail in _ends(self._spec.root.output_definitions):
            whole = _Scope(ir.ComponentSpec(), None, inner={"": root})
            node = Node(f"output:{escaped(key)}", key, "output", detail)
            self._nodes[node.id] = node
            for origin in self._output(whole, "", key, artifact=key in outputs.artifacts):
                is_told = origin.key in (key, UNNAMED)  # by the output's own name
                self._edges.data(origin, node.id, None if is_told else key)


def _all(root: _Scope) -> list[_Scope]:
    """Return all scopes, outer ones first."""
    scopes = [root]
    for scope in scopes:
        scopes.extend(scope.inner.values())
    return scopes


def _ends(definitions: ir.ComponentInputsSpec | ir.ComponentOutputsSpec) -> list[tuple[str, str]]:
    """Return the names and types of a pipeline's inputs or outputs."""
    parameters = [(key, type_name(p.parameter_type or p.type or "")) for key, p in definitions.parameters.items()]
    artifacts = [(key, short(a.artifact_type.schema_title or "")) for key, a in definitions.artifacts.items()]
    return parameters + artifacts


def _purpose(task: ir.PipelineTaskSpec, key: str) -> str:
    """Return the input that a task takes a value by; what stands within a text or list, by that one's."""
    if is_channel(key):
        for name, source in task.inputs.parameters.items():
            if source.runtime_value is not None and f"['{key}']" in str(source.runtime_value.constant):
                return name
    return key


def _asked(task: ir.PipelineTaskSpec) -> set[str]:
    """Return the inputs that a box takes itself: those of its condition, and what its loop is over.

    What else it takes passes through to the tasks inside.
    """
    condition = task.trigger_policy.condition if task.trigger_policy else ""
    asked = {key for key in task.inputs.parameters if f"['{key}']" in condition}
    return asked | {_looped(task) or ""}  # never empty: a box's own edges need no label, its title says what they bring


def _looped(task: ir.PipelineTaskSpec) -> str | None:
    """Return the input that a task iterates over, an empty text where the items are constants, None without a loop."""
    if task.parameter_iterator is not None:
        return task.parameter_iterator.items.input_parameter or ""
    if task.artifact_iterator is not None:
        return task.artifact_iterator.items.input_artifact
    return None


def _input_id(key: str) -> str:
    return f"{INPUT}{escaped(key)}"
