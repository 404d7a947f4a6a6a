"""A pipeline drawn: its tasks, the groups that they stand in, and what flows between them.

`graph(document)` reads a compiled pipeline, by whichever compiler; the result is text for Mermaid, or an SVG image, on
which a `Mark` may say how the task with a `node_id` stands.
"""

from kfp.graph.drawing import PipelineGraph, graph
from kfp.graph.model import Mark
from kfp.graph.naming import node_id

__all__ = ["Mark", "PipelineGraph", "graph", "node_id"]
