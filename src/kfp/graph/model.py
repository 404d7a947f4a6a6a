"""What is drawn: nodes, boxes around them, and edges, without places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

NodeKind = Literal["task", "importer", "pipeline", "input", "output"]
BoxKind = Literal["pipeline", "condition", "branches", "loop", "exit-handler"]
EdgeKind = Literal["parameter", "artifact", "order"]


@dataclass(frozen=True)
class Node:
    """A task, or an input or output of the pipeline.

    Args:
        id: unique in the graph, boxes included: the task's path, such as `for-loop-1/train`.
        label: the name that people know it by.
        kind: what it is; `pipeline` is a pipeline that is not unfolded.
        detail: what runs in it, or its type; may be empty.
        box: the id of the box that it stands in, or None.
    """

    id: str
    label: str
    kind: NodeKind
    detail: str = ""
    box: str | None = None


@dataclass(frozen=True)
class Box:
    """A group of tasks: a pipeline in a pipeline, a condition, a loop.

    Args:
        id: unique in the graph: the path of its task.
        label: the name that people know it by; may be empty where there is a detail.
        kind: what it is.
        detail: the condition, or what the loop is over; may be empty.
        box: the id of the box that it stands in, or None.
    """

    id: str
    label: str
    kind: BoxKind
    detail: str = ""
    box: str | None = None


@dataclass(frozen=True)
class Edge:
    """What flows from one node or box to another, or only their order.

    Args:
        source: the id of the node or box that it leaves.
        target: the id of the one that it enters.
        kind: `artifact` where at least one artifact flows, `order` where nothing does.
        labels: the names of what flows.
    """

    source: str
    target: str
    kind: EdgeKind
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Graph:
    """A pipeline's nodes, boxes and edges; a box stands before what is in it.

    Args:
        title: the pipeline's name.
        nodes: in the order of the document.
        boxes: likewise.
        edges: likewise.
    """

    title: str
    nodes: tuple[Node, ...]
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True)
class Mark:
    """What a picture of a run says of a node or box: the colour of its border, and a line in its tooltip."""

    colour: str
    told: str
