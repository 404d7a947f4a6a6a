"""A graph as Mermaid's flowchart text, which GitHub, GitLab and notebooks draw."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kfp.graph.model import Box, Edge, Graph, Node

_SHAPES = {
    "task": ("[", "]"),
    "importer": ("[(", ")]"),
    "pipeline": ("[[", "]]"),
    "input": ("([", "])"),
    "output": ("([", "])"),
}
_ARROWS = {"parameter": "-->", "artifact": "==>", "order": "-.->"}
_SPECIAL = re.compile(r"[^\w\s.,:/+*=()!?-]")


def mermaid(graph: Graph) -> str:
    """Return a graph as a Mermaid flowchart: text with a final newline.

    Artifacts flow along thick edges, mere order is dotted.
    """
    items: list[Box | Node] = [*graph.boxes, *graph.nodes]
    ids = {item.id: f"n{number}" for number, item in enumerate(items)}
    inside: dict[str | None, list[Box | Node]] = {}
    for item in items:
        inside.setdefault(item.box, []).append(item)
    lines = ["flowchart TB", *_members(None, inside, ids, "    ")]
    lines += [_edge(edge, ids) for edge in graph.edges]
    return "\n".join(lines) + "\n"


def _members(
    box: str | None, inside: dict[str | None, list[Box | Node]], ids: dict[str, str], indent: str
) -> Iterator[str]:
    for item in inside.get(box, []):
        if isinstance(item, Box):
            title = ": ".join(text for text in (item.label, item.detail) if text)
            yield f"{indent}subgraph {ids[item.id]}[{_quoted(title)}]"
            yield from _members(item.id, inside, ids, indent + "    ")
            yield f"{indent}end"
        else:
            left, right = _SHAPES[item.kind]
            yield f"{indent}{ids[item.id]}{left}{_quoted(item.label)}{right}"


def _edge(edge: Edge, ids: dict[str, str]) -> str:
    label = f"|{_quoted(', '.join(edge.labels))}|" if edge.labels else ""
    return f"    {ids[edge.source]} {_ARROWS[edge.kind]}{label} {ids[edge.target]}"


def _quoted(text: str) -> str:
    """Quote a text; all that could mean something to Mermaid or HTML becomes the number of its character."""
    plain = " ".join(text.split())
    return '"' + _SPECIAL.sub(lambda match: f"#{ord(match.group())};", plain) + '"'
