"""Graphs of compiled pipelines: what becomes a node, a box, an edge; and that no document breaks a form."""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as Xml

import pytest

from kfp import components, dsl
from kfp.errors import SkiffError
from kfp.graph import PipelineGraph, graph
from kfp.graph.layout import Rectangle, place
from kfp.graph.reading import MAX_DEPTH, MAX_NODES, read
from kfp.graph.svg import svg
from kfp.ir import files
from kfp.ir.convert import to_spec
from kfp.ir.spec import Document

DOCUMENTS = Path(__file__).parent / "documents"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def training() -> PipelineGraph:
    return graph(files.read(DOCUMENTS / "training.yaml"))


def made(tasks: dict[str, Any], components: dict[str, Any], name: str = "p", **root: Any) -> Document:
    """Give a document; a component is a DAG's tasks, or None for a container."""
    whole = {key: {"executorLabel": "e"} if dag is None else {"dag": {"tasks": dag}} for key, dag in components.items()}
    spec = {
        "pipelineInfo": {"name": name},
        "root": {"dag": {"tasks": tasks}, **root},
        "components": whole,
        "deploymentSpec": {"executors": {"e": {"container": {"image": "image"}}}},
    }
    return Document(spec=to_spec(spec))


def task(component: str, **more: Any) -> dict[str, Any]:
    return {"componentRef": {"name": component}, **more}


def test_nodes_and_boxes(training: PipelineGraph) -> None:
    boxes = {box.id: (box.kind, box.label, box.detail) for box in training.model.boxes}
    assert boxes["exit-handler-1"] == ("exit-handler", "exit handler", "")
    assert boxes["exit-handler-1/for-loop-2"] == ("loop", "", "for each of rates")
    assert boxes["exit-handler-1/for-loop-2/fit"] == ("pipeline", "fit", "")
    assert [box[2] for box in boxes.values() if box[0] == "condition"] == ["if score > 0.9", "elif score > 0.5", "else"]
    nodes = {node.id: node for node in training.model.nodes}
    assert nodes["exit-handler-1/fetch"].detail == "python:3.11"
    assert nodes["exit-handler-1/importer"].kind == "importer"
    assert nodes["exit-handler-1/evaluate"].label == "evaluate baseline"
    assert {node.id for node in training.model.nodes if node.kind == "input"} == {
        "input:mail",
        "input:rates",
        "input:url",
    }


@pytest.mark.parametrize(
    ("source", "target", "kind", "labels"),
    [
        ("input:url", "fetch", "parameter", ()),
        ("fetch", "split", "artifact", ("raw",)),
        ("split", "for-loop-2/fit/train", "artifact", ("train",)),
        ("for-loop-2/fit/evaluate", "best", "parameter", ("scores[]",)),
        ("input:rates", "for-loop-2", "parameter", ()),
        ("best", "tidy", "order", ()),
        ("", "notify", "parameter", ("final status",)),
    ],
)
def test_edges(training: PipelineGraph, source: str, target: str, kind: str, labels: tuple[str, ...]) -> None:
    def full(path: str) -> str:
        free = path.startswith("input") or path == "notify"
        return path if free else f"exit-handler-1/{path}".rstrip("/")

    edges = {(edge.source, edge.target): edge for edge in training.model.edges}
    edge = edges[full(source), full(target)]
    assert (edge.kind, edge.labels) == (kind, labels)


def test_each_branch_flows_on(training: PipelineGraph) -> None:
    sources = {edge.source.rpartition("/")[2] for edge in training.model.edges if edge.target.endswith("/report")}
    assert sources == {"publish", "publish-2", "reject"}


def test_outputs_of_a_pipeline_are_nodes() -> None:
    @dsl.component
    def one(a: int) -> int:
        return a

    @dsl.pipeline
    def p(x: int) -> int:
        return one(a=one(a=x).output).output

    drawn = p.graph()
    assert [(node.label, node.kind) for node in drawn.model.nodes] == [
        ("x", "input"),
        ("one", "task"),
        ("one-2", "task"),
        ("Output", "output"),
    ]
    assert [(edge.source, edge.target, edge.labels) for edge in drawn.model.edges] == [
        ("input:x", "one", ("a",)),
        ("one", "one-2", ("a",)),
        ("one-2", "output:Output", ()),
    ]
    assert "</svg>" in (p._repr_html_() or "")
    assert one._repr_html_() is None
    assert "one" in one.graph().mermaid()


@dsl.component
def three() -> NamedTuple("Three", [("score", float), ("names", list[str])]):  # type: ignore[misc]
    return 1.0, ["a"]


@dsl.component
def say(text: str) -> str:
    return text


def test_channels_are_named_as_authors_name_them() -> None:
    @dsl.pipeline
    def p(rates: list[float]) -> NamedTuple("P", [("score", float), ("said", str)]):  # type: ignore[misc]
        made = three()
        with dsl.ParallelFor(made.outputs["names"]) as name, dsl.If(name != "b"):
            say(text=f"{name}!")
        with dsl.ParallelFor([{"a": 1, "b": "x"}]) as item, dsl.If(item.a == 1):
            say(text=item.b)
        with dsl.If(made.outputs["score"] > 0.5):
            said = say(text="yes")
        with dsl.Else():
            unsaid = say(text="no")
        choice = dsl.OneOf(said.output, unsaid.output)
        with dsl.If(choice == "yes"):
            say(text=f"{made.outputs['score']} of {choice}")
        return namedtuple("P", "score said")(made.outputs["score"], choice)

    model = p.graph().model
    assert {box.detail for box in model.boxes if box.detail} == {
        "for each of three.names",
        "if item != 'b'",
        'for each of [{"a": 1, "b": "x"}]',
        "if item.a == 1",
        "if three.score > 0.5",
        "else",
        "if one of the branches == 'yes'",
    }
    flows = {(edge.source.rpartition("/")[2], edge.target.rpartition("/")[2]): edge.labels for edge in model.edges}
    assert flows["three", "say-5"] == ("score",)
    assert flows["say-3", "say-5"] == ("text",)  # the input whose text holds it
    assert flows["three", "output:score"] == ()  # the output's own name
    assert [node.detail for node in model.nodes if node.kind == "output"] == ["float", "str"]


def test_a_loaded_pipeline_shows_itself() -> None:
    loaded = components.load_component_from_file(DOCUMENTS / "training.yaml")
    assert "Training &amp; release" in str(loaded._repr_html_())


def test_mermaid(training: PipelineGraph) -> None:
    assert training.mermaid() == (DOCUMENTS / "training.mmd").read_text()


def overlap(one: Rectangle, other: Rectangle) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def inside(inner: Rectangle, outer: Rectangle) -> bool:
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.width <= outer.x + outer.width
        and inner.y + inner.height <= outer.y + outer.height
    )


def test_nothing_overlaps_and_all_is_in_its_box(training: PipelineGraph) -> None:
    layout = place(training.model)
    boxes = {box.id: where for box, where in layout.boxes}
    nodes = [(node.id, node.box, where) for node, where in layout.nodes]
    for position, (_, box, where) in enumerate(nodes):
        assert box is None or inside(where, boxes[box])
        assert not any(overlap(where, other) for _, _, other in nodes[position + 1 :])
    for item, where in layout.boxes:
        assert item.box is None or inside(where, boxes[item.box])
    whole = Rectangle(0, 0, layout.width, layout.height)
    for edge in layout.edges:
        assert len(edge.points) >= 2
        assert all(inside(Rectangle(x, y, 0, 0), whole) for x, y in edge.points)


def texts(image: str) -> list[str]:
    return ["".join(element.itertext()) for element in Xml.fromstring(image).iter(f"{SVG}text")]  # noqa: S314 - ours


def test_the_image_is_xml_that_stands_alone(training: PipelineGraph) -> None:
    image = training.svg()
    shown = texts(image)
    assert {"Training & release", "fetch", "evaluate baseline", "elif score > 0.5", "scores[]"} <= set(shown)
    assert not re.search(r"(?:href|src)=|<script|<style|<foreignObject", image)
    assert training.svg() == svg(place(training.model), training.model.title)


HOSTILE = [
    "</text><script>alert(1)</script>",
    '"] click n0 "javascript:alert(1)"',
    "a & b < c > d 'e'",
    "nul \x00 and \ud800 and \x1b[31m",
    "two\nlines\r\nend",
    "%%{init: {}}%%",
    "x" * 10_000,
    "模型",
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_no_name_breaks_out(name: str) -> None:
    drawn = graph(
        made({"a": task("c", taskInfo={"name": name}), "b": task("d")}, {"c": None, "d": {name: task("c")}}, name)
    )
    Xml.fromstring(drawn.svg().encode())  # noqa: S314 - ours
    assert "<script" not in drawn.svg() + drawn._repr_html_()
    lines = drawn.mermaid().splitlines()
    assert [line.split("[")[0].split()[0] for line in lines] == ["flowchart", "subgraph", "n2", "end", "n1"]
    assert all(line.count('"') in (0, 2) for line in lines)


def nested(levels: int, width: int) -> Document:
    components: dict[str, Any] = {"c0": None}
    for level in range(1, levels + 1):
        components[f"c{level}"] = {f"t{number}": task(f"c{level - 1}") for number in range(width)}
    return made({"all": task(f"c{levels}")}, components)


@pytest.mark.parametrize(("levels", "width"), [(8, 10), (400, 1), (2, 100)])
def test_what_unfolds_without_end_is_folded(levels: int, width: int) -> None:
    model = read(nested(levels, width))
    assert len(model.nodes) + len(model.boxes) <= MAX_NODES
    assert max(node.id.count("/") for node in model.nodes) <= MAX_DEPTH
    folded: Iterable[str] = {node.detail for node in model.nodes if node.kind == "pipeline"}
    assert folded == {f"{width} task{'s' * (width > 1)}"}


def test_a_task_takes_the_place_of_no_other() -> None:
    tasks = {
        "a/b": task("c"),
        "a": task("d"),
        "output:x": task("c"),
        "input:y": task("c"),
        "a~1b": task("c"),
        "": task("d"),
    }
    model = read(made(tasks, {"c": None, "d": {"b": task("c")}}))
    assert len({item.id for item in (*model.nodes, *model.boxes)}) == len(tasks) + 2


def test_an_empty_graph() -> None:
    drawn = graph(made({}, {}))
    assert drawn.mermaid() == "flowchart TB\n"
    assert texts(drawn.svg()) == ["p"]


def test_without_the_layout_library(training: PipelineGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "graphlay", None)
    fresh = PipelineGraph(training.model)
    with pytest.raises(SkiffError, match=r"needs the layout library graphlay[\s\S]*kfp-skiff\[graph\]"):
        fresh.svg()
    assert "<pre>flowchart TB" in fresh._repr_html_()


def test_a_notebook_does_not_show_what_is_too_large() -> None:
    drawn = graph(made({f"t{number}": task("c") for number in range(1001)}, {"c": None}))
    assert drawn._repr_html_().startswith("<p>&lt;graph of &#x27;p&#x27;: 1001 nodes, 0 edges&gt;: too large")


def test_edges_end_at_the_borders_of_boxes(training: PipelineGraph) -> None:
    layout = place(training.model)
    boxes = {box.id: where for box, where in layout.boxes}
    ends = [(edge.points[-1], boxes[edge.edge.target]) for edge in layout.edges if edge.edge.target in boxes]
    assert len(ends) == 4
    assert all(y == pytest.approx(box.y) and box.x <= x <= box.x + box.width for (x, y), box in ends)


def test_files(training: PipelineGraph, tmp_path: Path) -> None:
    training.write(tmp_path / "g.svg")
    training.write(tmp_path / "g.mmd")
    assert (tmp_path / "g.svg").read_text() == training.svg()
    assert (tmp_path / "g.mmd").read_text() == training.mermaid()
    for name, message in (("g.png", r"ends in \.svg or \.mmd"), ("no/g.svg", "cannot write")):
        with pytest.raises(SkiffError, match=message):
            training.write(tmp_path / name)
