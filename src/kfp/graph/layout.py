"""A graph with places: graphlay, a library for layered drawings with boxes, gives nodes and edges theirs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from kfp.errors import SkiffError
from kfp.graph.labels import HEIGHT, Point, Title, stand
from kfp.graph.model import Box, Edge, Graph, Node
from kfp.graph.text import clipped, width

NAME_SIZE, DETAIL_SIZE, LABEL_SIZE, TITLE_SIZE = 13.0, 10.5, 10.5, 11.5
MAX_TEXT = 220.0
"""The widest text on a node or edge; a longer one is cut, and whole in its tooltip."""

_TASK_HEIGHT, _PLAIN_HEIGHT, _END_HEIGHT = 44.0, 32.0, 26.0
_HEADER = 22.0
_BOLD, _TITLE_ROOM = 1.06, 30.0
_OPTIONS = {
    "direction": "topbottom",
    "spacing": {
        "layer_gap": 34.0,
        "node_gap": 28.0,
        "compound_header": _HEADER,
        "compound_padding": 16.0,
        "edge_label_margin": 10.0,
    },
    "tuning": {"labels": {"side_steps": [0.0, 0.0, 0.0, 0.0]}},  # labels stand on their edges, not beside them
}


@dataclass(frozen=True)
class Rectangle:
    """A place: its left upper corner, width and height."""

    x: float
    y: float
    width: float
    height: float

    @property
    def upper(self) -> Point:
        """The left upper corner."""
        return self.x, self.y

    @property
    def lower(self) -> Point:
        """The right lower corner."""
        return self.x + self.width, self.y + self.height


@dataclass(frozen=True)
class PlacedEdge:
    """An edge with its way from border to border, and the middle of its label."""

    edge: Edge
    points: tuple[Point, ...]
    label: str
    anchor: Point | None


@dataclass(frozen=True)
class Layout:
    """A graph with places, in pixels from the left upper corner."""

    nodes: tuple[tuple[Node, Rectangle], ...]
    boxes: tuple[tuple[Box, Rectangle], ...]
    edges: tuple[PlacedEdge, ...]
    width: float
    height: float


def place(graph: Graph) -> Layout:
    """Return a graph with places.

    Raises:
        SkiffError: the layout library is not installed, or gives up.
    """
    try:
        import graphlay  # noqa: PLC0415 - an extra, and loaded when something is drawn
    except ImportError:
        raise SkiffError(
            "drawing a pipeline needs the layout library graphlay, which is not installed",
            hint="pip install 'kfp-skiff[graph]', or take the Mermaid text, which needs nothing",
        ) from None
    sizes = {node.id: _size(node) for node in graph.nodes}
    labels = [clipped(", ".join(edge.labels), LABEL_SIZE, MAX_TEXT) for edge in graph.edges]
    try:
        laid = graphlay.layout(_request(graph, sizes, labels), options=_OPTIONS)
        if _widened(graph, sizes, [node["size"]["width"] for node in laid.nodes]):
            laid = graphlay.layout(_request(graph, sizes, labels), options=_OPTIONS)
    except graphlay.GraphlayError as error:
        raise SkiffError(f"pipeline {graph.title!r} cannot be laid out: {error}") from None
    return _placed(graph, labels, laid.nodes, laid.edges)


def title_width(box: Box) -> float:
    """Return the width that a box needs for its title."""
    name, detail = width(box.label, TITLE_SIZE) * _BOLD, width(box.detail, TITLE_SIZE)
    return math.ceil(min(name, MAX_TEXT) + min(detail, MAX_TEXT) + _TITLE_ROOM)


def _request(graph: Graph, sizes: dict[str, tuple[float, float]], labels: list[str]) -> dict[str, Any]:
    items: tuple[Box | Node, ...] = (*graph.boxes, *graph.nodes)
    numbers = {item.id: number for number, item in enumerate(items)}
    nodes = []
    for item in items:
        across, down = sizes.get(item.id, (1.0, 1.0))  # a box gets its size from what is in it
        node: dict[str, Any] = {"size": {"width": across, "height": down}, "shape": "box", "key": ""}
        if item.box is not None:
            node["parent"] = numbers[item.box]
        nodes.append(node)
    edges = []
    for edge, label in zip(graph.edges, labels, strict=True):
        request: dict[str, Any] = {"source": numbers[edge.source], "target": numbers[edge.target]}
        if label:
            request["label_size"] = {"width": math.ceil(width(label, LABEL_SIZE)) + 8, "height": HEIGHT}
        edges.append(request)
    return {"nodes": nodes, "edges": edges}


def _widened(graph: Graph, sizes: dict[str, tuple[float, float]], given: list[float]) -> bool:
    """Make a node wider in each box that is too narrow for its title; tell whether there was one."""
    first: dict[str | None, str] = {}
    items: list[Box | Node] = [*graph.nodes, *reversed(graph.boxes)]
    for item in items:
        first.setdefault(item.box, item.id)
    is_any = False
    for box, across in zip(graph.boxes, given, strict=False):
        missing = title_width(box) - across
        inner = box.id
        while inner in first:
            inner = first[inner]
        if missing > 0 and inner in sizes:
            sizes[inner] = (sizes[inner][0] + missing, sizes[inner][1])
            is_any = True
    return is_any


def _size(node: Node) -> tuple[float, float]:
    name, detail = width(node.label, NAME_SIZE), width(node.detail, DETAIL_SIZE)
    if node.kind in ("input", "output"):
        return math.ceil(min(name + (detail + 6 if node.detail else 0), MAX_TEXT) + 26), _END_HEIGHT
    across = math.ceil(max(min(max(name, detail), MAX_TEXT), 56.0) + 28)
    return across, _TASK_HEIGHT if node.detail else _PLAIN_HEIGHT


def _placed(graph: Graph, labels: list[str], nodes: list[dict[str, Any]], edges: list[dict[str, Any]]) -> Layout:
    places = [_rectangle(node) for node in nodes]
    boxes = {box.id: place for box, place in zip(graph.boxes, places, strict=False)}
    routes = []
    for edge, route in zip(graph.edges, edges, strict=True):
        points = _ended([(point["x"], point["y"]) for point in route["points"]], boxes.get(edge.target))
        routes.append(_ended(points[::-1], boxes.get(edge.source))[::-1])
    titles = [Title(place.x, place.x + place.width, place.y, place.y + _HEADER) for place in boxes.values()]
    anchors = [
        stand((anchor["x"], anchor["y"]), width(label, LABEL_SIZE) + 8, route, titles) if label and anchor else None
        for anchor, route, label in zip((edge.get("label_anchor") for edge in edges), routes, labels, strict=True)
    ]
    corners = [corner for place in places for corner in (place.upper, place.lower)]
    corners += [point for route in routes for point in route]
    for label, anchor in zip(labels, anchors, strict=True):
        if anchor is not None:
            half = width(label, LABEL_SIZE) / 2 + 4
            corners += [(anchor[0] - half, anchor[1] - 8), (anchor[0] + half, anchor[1] + 8)]
    left, top = min((x for x, _ in corners), default=0.0), min((y for _, y in corners), default=0.0)
    right, bottom = max((x for x, _ in corners), default=0.0), max((y for _, y in corners), default=0.0)

    def moved(place: Rectangle) -> Rectangle:
        return Rectangle(place.x - left, place.y - top, place.width, place.height)

    return Layout(
        nodes=tuple(zip(graph.nodes, map(moved, places[len(boxes) :]), strict=True)),
        boxes=tuple(zip(graph.boxes, map(moved, places), strict=False)),
        edges=tuple(
            PlacedEdge(
                edge,
                tuple((x - left, y - top) for x, y in route),
                label,
                (anchor[0] - left, anchor[1] - top) if anchor is not None else None,
            )
            for edge, route, label, anchor in zip(graph.edges, routes, labels, anchors, strict=True)
        ),
        width=right - left,
        height=bottom - top,
    )


def _rectangle(node: dict[str, Any]) -> Rectangle:
    centre, size = node["center"], node["size"]
    return Rectangle(centre["x"] - size["width"] / 2, centre["y"] - size["height"] / 2, size["width"], size["height"])


def _ended(route: list[Point], box: Rectangle | None) -> list[Point]:
    """Return a route that ends at a box's border, where the layout's ends below the title."""
    if box is None or len(route) < 2:  # noqa: PLR2004 - a line has two ends
        return route
    (x, y), (end_x, end_y) = route[-2:]
    (left, top), (right, bottom) = box.upper, box.lower
    if abs(end_y - y) >= abs(end_x - x):
        end_y = top if y <= top else max(end_y, bottom)
    else:
        end_x = left if x <= left else right
    return [*route[:-1], (end_x, end_y)]
