"""The pipeline's graph with the state of each task on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.errors import SkiffError
from kfp.graph import Mark, graph, node_id
from kfp.report.markup import Markup, element, note
from kfp.report.states import colour, standings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kfp.engine.records.record import TaskRecord
    from kfp.ir.spec import Document

_LARGEST = 1500  # nodes; a larger drawing is no picture


def drawing(document: Document, tasks: Sequence[TaskRecord]) -> Markup:
    """Return the graph as an SVG image, or why there is none, and what says as much in text.

    Args:
        document: the pipeline.
        tasks: of the run.
    """
    picture = graph(document)
    if len(picture.model.nodes) > _LARGEST:
        return note(f"{len(picture.model.nodes):,} tasks: too many to draw")
    marks = {node_id(names): Mark(colour(each.state), each.told) for names, each in standings(tasks).items()}
    try:
        return element("div", Markup(picture.svg(marks)), class_="graph")
    except SkiffError as error:
        text = element("details", element("summary", "the graph as Mermaid text"), element("pre", picture.mermaid()))
        return element("div", note("; ".join(str(error).splitlines())), text)
