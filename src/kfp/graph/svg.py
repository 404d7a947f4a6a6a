"""A graph with places as an SVG image that stands alone: no script, no style sheet, no font to fetch."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from xml.sax.saxutils import escape

from kfp.graph.labels import Point
from kfp.graph.layout import (
    DETAIL_SIZE,
    LABEL_SIZE,
    MAX_TEXT,
    NAME_SIZE,
    TITLE_SIZE,
    Layout,
    PlacedEdge,
    Rectangle,
)
from kfp.graph.model import Box, Mark, Node
from kfp.graph.text import clipped, width

_MARGIN, _HEADING = 16.0, 30.0
_FONT = "font-family=\"system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif\""
_INK, _QUIET, _LINE, _PAPER = "#1f2933", "#616e7c", "#7b8794", "#ffffff"
_TITLE_SIZE = 15.0
_TITLE = f'font-size="{_TITLE_SIZE:g}" font-weight="600" fill="{_INK}"'
_FILLS = {
    "task": ("#e8f1fd", "#4a7fc1"),
    "importer": ("#e9f6ee", "#3f9464"),
    "pipeline": ("#f1ecfb", "#7a5bc0"),
    "input": ("#f5f7fa", "#9aa5b1"),
    "output": ("#f5f7fa", "#9aa5b1"),
}
_FRAMES = {
    "pipeline": ("#faf8fe", "#b3a1dd", ""),
    "condition": ("#fffaf0", "#d9a441", "5 3"),
    "branches": ("#fffdf7", "#e0c184", "2 3"),
    "loop": ("#f2fbf7", "#62b08c", "5 3"),
    "exit-handler": ("#fdf5f5", "#cf8080", "2 3"),
}
_EDGES = {"parameter": (_LINE, 1.2, ""), "artifact": ("#3f6fae", 1.9, ""), "order": (_LINE, 1.1, "4 3")}
_RADIUS = 6.0
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def svg(layout: Layout, title: str, marks: Mapping[str, Mark] | None = None) -> str:
    """Return an image of a graph.

    Args:
        layout: the graph with places.
        title: what stands above it.
        marks: by the ids of nodes and boxes.
    """
    marks = marks or {}
    shown = clipped(title, _TITLE_SIZE, max(layout.width, 2 * MAX_TEXT))
    across = math.ceil(max(layout.width, width(shown, _TITLE_SIZE)) + 2 * _MARGIN)
    down = math.ceil(layout.height + 2 * _MARGIN + _HEADING)
    heads = {kind: f"head-{kind}-{_digest(title)}" for kind in _EDGES}
    size = f'width="{across}" height="{down}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {across} {down}" role="img" {_FONT}>',
        f"<title>{_text(title)}</title>",
        "<defs>" + "".join(_marker(heads[kind], colour) for kind, (colour, _, _) in _EDGES.items()) + "</defs>",
        f'<rect {size} fill="{_PAPER}"/>',
        f'<text x="{_MARGIN:g}" y="{_MARGIN + 11:g}" {_TITLE}>{_text(shown)}</text>',
        f'<g transform="translate({_MARGIN:g} {_MARGIN + _HEADING:g})">',
        *(_frame(box, place, marks.get(box.id)) for box, place in layout.boxes),
        *(_line(edge, heads[edge.edge.kind]) for edge in layout.edges),
        *(_frame_title(box, place) for box, place in layout.boxes),
        *(_node(node, place, marks.get(node.id)) for node, place in layout.nodes),
        *(_label(edge) for edge in layout.edges if edge.anchor),
        "</g>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _marker(name: str, colour: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 8 8" refX="7.2" refY="4" markerWidth="8" markerHeight="8" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 .6 7.6 4 0 7.4z" fill="{colour}"/></marker>'
    )


def _frame(box: Box, place: Rectangle, mark: Mark | None) -> str:
    fill, stroke, dashes = _FRAMES[box.kind]
    stroke = mark.colour if mark else stroke
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<rect {_at(place)} rx="8" fill="{fill}" stroke="{stroke}"{dashed}/>'


def _frame_title(box: Box, place: Rectangle) -> str:
    fill, stroke, _ = _FRAMES[box.kind]
    room = place.width - 24
    shown = clipped(box.label, TITLE_SIZE, min(room, MAX_TEXT))
    taken = width(shown, TITLE_SIZE) * 1.06 + 6 if shown else 0.0
    detail = clipped(box.detail, TITLE_SIZE, min(room - taken, MAX_TEXT)) if box.detail else ""
    size = taken + width(detail, TITLE_SIZE) + 6
    shift = ' dx="6"' if shown else ""
    told = f'<tspan font-weight="400"{shift}>{_text(detail)}</tspan>' if detail else ""
    return (
        f"<g><title>{_text(' '.join((box.id, box.detail)).strip())}</title>"
        f'<rect x="{place.x + 6:.1f}" y="{place.y + 4:.1f}" width="{size:.1f}" height="17" rx="3" fill="{fill}"/>'
        f'<text x="{place.x + 10:.1f}" y="{place.y + 16.5:.1f}" font-size="{TITLE_SIZE:g}" font-weight="600" '
        f'fill="{_darker(stroke)}">{_text(shown)}{told}</text></g>'
    )


def _node(node: Node, place: Rectangle, mark: Mark | None) -> str:
    fill, stroke = _FILLS[node.kind]
    border = f'stroke="{mark.colour}" stroke-width="2.2"' if mark else f'stroke="{stroke}"'
    told = f"\n{mark.told}" if mark else ""
    is_end = node.kind in ("input", "output")
    radius = place.height / 2 if is_end else _RADIUS
    middle, centre = place.x + place.width / 2, place.y + place.height / 2
    room = place.width - 20
    inner = [
        f"<title>{_text(' '.join((node.id, node.detail)).strip() + told)}</title>",
        f'<rect {_at(place)} rx="{radius:g}" fill="{fill}" {border}/>',
    ]
    if node.kind == "pipeline":
        inner.append(
            f'<rect x="{place.x + 3:.1f}" y="{place.y + 3:.1f}" width="{place.width - 6:.1f}" '
            f'height="{place.height - 6:.1f}" rx="{_RADIUS - 2:g}" fill="none" stroke="{stroke}" stroke-width=".6"/>'
        )
    if is_end:
        detail = f'<tspan dx="5" fill="{_QUIET}" font-size="{DETAIL_SIZE:g}">{_text(node.detail)}</tspan>'
        name = clipped(node.label, NAME_SIZE, room - width(node.detail, DETAIL_SIZE))
        inner.append(_words(middle, centre + 4.5, NAME_SIZE, _INK, _text(name) + (detail if node.detail else "")))
    elif node.detail:
        inner.append(_words(middle, centre - 3, NAME_SIZE, _INK, _text(clipped(node.label, NAME_SIZE, room))))
        inner.append(_words(middle, centre + 13, DETAIL_SIZE, _QUIET, _text(clipped(node.detail, DETAIL_SIZE, room))))
    else:
        inner.append(_words(middle, centre + 4.5, NAME_SIZE, _INK, _text(clipped(node.label, NAME_SIZE, room))))
    return f"<g>{''.join(inner)}</g>"


def _line(placed: PlacedEdge, head: str) -> str:
    colour, thickness, dashes = _EDGES[placed.edge.kind]
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    told = f"<title>{_text(', '.join(placed.edge.labels))}</title>" if placed.edge.labels else ""
    return (
        f'<path d="{_rounded(placed.points)}" fill="none" stroke="{colour}" stroke-width="{thickness}"{dashed} '
        f'marker-end="url(#{head})">{told}</path>'
    )


def _label(placed: PlacedEdge) -> str:
    x, y = placed.anchor or (0.0, 0.0)
    across = width(placed.label, LABEL_SIZE) + 6
    return (
        f'<g><title>{_text(", ".join(placed.edge.labels))}</title><rect x="{x - across / 2:.1f}" y="{y - 7.5:.1f}" '
        f'width="{across:.1f}" height="15" rx="3" fill="{_PAPER}" fill-opacity=".88"/>'
        + _words(x, y + 3.8, LABEL_SIZE, _QUIET, _text(placed.label))
        + "</g>"
    )


def _words(x: float, y: float, size: float, colour: str, inner: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="middle" fill="{colour}">{inner}</text>'


def _rounded(points: tuple[Point, ...]) -> str:
    """Return the path through points, with rounded corners."""
    if not points:
        return ""
    path = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(_RADIUS, math.dist(before, corner) / 2, math.dist(corner, after) / 2)
        enter, leave = _towards(corner, before, radius), _towards(corner, after, radius)
        path.append(f"L{enter[0]:.1f} {enter[1]:.1f}Q{corner[0]:.1f} {corner[1]:.1f} {leave[0]:.1f} {leave[1]:.1f}")
    return "".join(path) + f"L{points[-1][0]:.1f} {points[-1][1]:.1f}"


def _towards(start: Point, end: Point, distance: float) -> Point:
    whole = math.dist(start, end)
    share = distance / whole if whole else 0.0
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _at(place: Rectangle) -> str:
    return f'x="{place.x:.1f}" y="{place.y:.1f}" width="{place.width:.1f}" height="{place.height:.1f}"'


def _darker(colour: str) -> str:
    """Return a colour that a text on a pale ground can have."""
    return "#" + "".join(f"{int(colour[index : index + 2], 16) * 6 // 10:02x}" for index in (1, 3, 5))


def _digest(text: str) -> str:
    """Return what tells the marks of this image from those of others in one page."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text), {'"': "&quot;"})
