"""`pipeline.graph()`: a pipeline's graph, and its forms."""

from __future__ import annotations

import html
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.errors import SkiffError
from kfp.graph.mermaid import mermaid
from kfp.graph.model import Graph, Mark
from kfp.graph.reading import read
from kfp.ir import spec as ir

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.graph.layout import Layout

_SHOWN_NODES = 1000
"""The largest graph that a notebook shows unasked: a second of work, a megabyte of image."""


class PipelineGraph:
    """A pipeline's graph; a notebook shows it as an image.

    Args:
        model: nodes, boxes and edges.
    """

    def __init__(self, model: Graph) -> None:
        self.model = model

    def mermaid(self) -> str:
        """Return a Mermaid flowchart, for Markdown."""
        return mermaid(self.model)

    def svg(self, marks: Mapping[str, Mark] | None = None) -> str:
        """Return an SVG image.

        Args:
            marks: what to say of single nodes and boxes, by their ids.

        Raises:
            SkiffError: the layout library is not installed.
        """
        from kfp.graph.svg import svg  # noqa: PLC0415 - Mermaid needs none

        return svg(self._layout, self.model.title, marks)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the graph to a file.

        Args:
            path: ends in `.svg`, or in `.mmd` or `.mermaid`.

        Raises:
            SkiffError: it ends in something else, or cannot be written.
        """
        target = Path(path)
        if target.suffix not in (".svg", ".mmd", ".mermaid"):
            raise SkiffError(f"{os.fspath(path)}: a graph's file ends in .svg or .mmd")
        text = self.svg() if target.suffix == ".svg" else self.mermaid()
        try:
            target.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise SkiffError(f"cannot write {os.fspath(path)}: {error.strerror or error}") from None

    @cached_property
    def _layout(self) -> Layout:
        from kfp.graph.layout import place  # noqa: PLC0415 - Mermaid needs no places

        return place(self.model)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the image, or the Mermaid text where there is no layout library."""
        if len(self.model.nodes) > _SHOWN_NODES:
            return f"<p>{html.escape(repr(self))}: too large to show here; write('graph.svg') draws it</p>"
        try:
            return f'<div style="overflow:auto">{self.svg()}</div>'
        except SkiffError as error:
            return f"<p>{html.escape(str(error))}</p><pre>{html.escape(self.mermaid())}</pre>"

    def __repr__(self) -> str:
        return f"<graph of {self.model.title!r}: {len(self.model.nodes)} nodes, {len(self.model.edges)} edges>"


def graph(document: ir.Document) -> PipelineGraph:
    """Return the graph of a compiled pipeline."""
    return PipelineGraph(read(document))
