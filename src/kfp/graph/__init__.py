"""A pipeline drawn: its tasks, the groups that they stand in, and what flows between them.

`graph(document)` reads a compiled pipeline, by whichever compiler; the result is text for Mermaid, or an SVG image.
"""

from kfp.graph.drawing import PipelineGraph, graph

__all__ = ["PipelineGraph", "graph"]
