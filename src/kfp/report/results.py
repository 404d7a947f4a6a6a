"""What the steps of a run made to be looked at: metrics, HTML and Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kfp.engine.addresses import redacted
from kfp.report.markup import Markup, element, note
from kfp.report.material import VISUAL, Material, artifacts
from kfp.report.metrics import DRAWN, SCALARS, comparison, drawing_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kfp.engine.records.record import TaskRecord

_UNFOLDED = 4


class _Made(NamedTuple):
    """An artifact and the name that it is shown by."""

    name: str
    kind: str
    uri: str
    metadata: Mapping[str, Any]


def results(tasks: Sequence[TaskRecord], material: Material) -> list[Markup]:
    """Return metrics side by side, then pictures and documents, the first few unfolded.

    Args:
        tasks: of the run.
        material: the content of the documents.
    """
    made = list(_made(tasks))
    numbers = [(each.name, each.metadata) for each in made if each.kind == SCALARS and each.metadata]
    pictures = [
        (each.name, drawing_of(each.kind, each.metadata)) for each in made if each.kind in DRAWN and each.metadata
    ]
    documents = [(each.name, _document(each, material)) for each in made if each.kind in VISUAL]
    folded = [
        element("details", element("summary", name), content, class_="task", open="" if number < _UNFOLDED else None)
        for number, (name, content) in enumerate([*pictures, *documents])
    ]
    return [comparison(numbers), *folded] if numbers else folded


def _made(tasks: Sequence[TaskRecord]) -> Iterator[_Made]:
    for task in tasks:
        if task.kind in ("dag", "loop"):
            continue  # what leaves a DAG was made by a step in it
        for artifact in artifacts(task.outputs or {}):
            name = f"{task.path}: {artifact['name']}" if artifact.get("name") else task.path
            yield _Made(name, artifact["type"].get("schemaTitle") or "", artifact["uri"], artifact["metadata"])


def _document(made: _Made, material: Material) -> Markup:
    excerpt = material.contents.get(made.uri)
    if excerpt is None:
        return note("too large for this page, or not to be had: ", element("code", redacted(made.uri)))
    if made.kind == "system.HTML":
        return element("iframe", sandbox="allow-scripts", srcdoc=excerpt.text, loading="lazy", title=redacted(made.uri))
    from markdown_it import MarkdownIt  # noqa: PLC0415 - few runs have Markdown

    renderer = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    return element("div", Markup(renderer.render(excerpt.text)), class_="markdown")
