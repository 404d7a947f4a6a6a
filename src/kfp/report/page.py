"""One HTML page that tells a run: no script, no style sheet, no image to fetch.

What a step wrote comes in as text. Markdown is rendered without the HTML in it, and an HTML artifact stands in a frame
of its own that may run its scripts and reach nothing of the page.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from kfp.engine.log_text import readable
from kfp.engine.states import State
from kfp.report.drawing import drawing
from kfp.report.markup import Markup, element, join, note
from kfp.report.results import results
from kfp.report.states import seconds
from kfp.report.timeline import timeline
from kfp.report.values import table
from kfp.units import duration, moment, utc
from kfp.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kfp.engine.records.record import RunRecord, TaskRecord
    from kfp.ir.spec import Document
    from kfp.report.material import Material

_MOST_TASKS = 500
_NOTHING_RAN = (State.SKIPPED, State.PENDING)


def page(run: RunRecord, tasks: Sequence[TaskRecord], document: Document | None, material: Material) -> str:
    """Return a run's page.

    Args:
        run: the run.
        tasks: its tasks, in the order in which they started.
        document: its pipeline; None where it is not known any more.
        material: what was read of its logs and artifacts.
    """
    title = f"{run.name}: {run.state.value.lower()}"
    shown = results(tasks, material)
    body = [
        _header(run, tasks),
        _section("Pipeline", drawing(document, tasks)) if document is not None else None,
        _section("Times", timeline(tasks)),
        _section("Results", shown) if shown else None,
        _section("Arguments", table(run.arguments, "the pipeline was given none")),
        _section("Outputs", table(run.outputs or {}, "the pipeline made none")),
        _section("Tasks", _tasks(tasks, material)),
        element("footer", f"written by kfp {__version__}; times are local"),
    ]
    head = [
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", title),
        element("style", Markup(files("kfp.report").joinpath("page.css").read_text("utf-8"))),
    ]
    return "<!doctype html>\n" + element("html", element("head", head), element("body", body), lang="en") + "\n"


def _section(title: str, *content: Markup | list[Markup]) -> Markup:
    return element("section", element("h2", title), content)


def _header(run: RunRecord, tasks: Sequence[TaskRecord]) -> Markup:
    counts = {state: sum(1 for task in tasks if task.attempt and task.state is state) for state in State}
    steps = ", ".join(f"{count:,} {state.value.lower()}" for state, count in counts.items() if count)
    took = duration(max(0.0, run.finished_at - run.created_at)) if run.finished_at is not None else "not ended"
    facts = [
        ("run", run.id),
        ("pipeline", run.pipeline),
        ("experiment", run.experiment),
        ("created", moment(utc(run.created_at))),
        ("took", took + (f", continued {run.retried} times" if run.retried else "")),
        ("steps", steps or "none has run"),
        ("files", str(run.directory)),
    ]
    return element(
        "header",
        element("h1", run.name, " ", _state(run.state)),
        element("dl", [[element("dt", name), element("dd", value)] for name, value in facts], class_="facts"),
        element("pre", run.error, class_="error") if run.error else None,
    )


def _state(state: State) -> Markup:
    return element("span", state.value, class_=f"state {state.value.lower()}")


def _tasks(tasks: Sequence[TaskRecord], material: Material) -> Markup:
    telling = sorted(tasks, key=lambda each: each.state is not State.FAILED)[:_MOST_TASKS]
    chosen = {each.path for each in telling}
    left = len(tasks) - len(chosen)
    more = note(f"and {left:,} more: `kfp run get {tasks[0].run_id}`") if left else None
    return join([[_task(each, material) for each in tasks if each.path in chosen], more])


def _task(task: TaskRecord, material: Material) -> Markup:
    inputs, cache = _inputs(task), task.cache or {}
    own_name = task.path.rpartition("/")[2]
    summary = element(
        "summary",
        element("span", task.path, class_="name"),
        element("span", task.display_name, class_="kind") if task.display_name != own_name else None,
        element("span", f"attempt {task.attempt}", class_="kind") if task.attempt > 1 else None,
        element("span", "cached", class_="kind") if cache.get("state") == "hit" else None,
        None if task.state in _NOTHING_RAN else element("span", duration(seconds(task)), class_="time"),
        _state(task.state),
    )
    content = [
        element("pre", task.error, class_="error") if task.error else None,
        [element("h4", "Inputs"), table(inputs, "")] if inputs else None,
        [element("h4", "Outputs"), table(task.outputs, "")] if task.outputs else None,
        note(f"cache: {cache.get('state')}, {cache['reason']}") if cache.get("reason") else None,
        _logs(task, material),
    ]
    return element("details", summary, content, class_="task", open="" if task.error and task.attempt else None)


def _inputs(task: TaskRecord) -> dict[str, Any]:
    given = task.inputs or {}
    groups = given.get("artifacts", {}).items()
    return {**given.get("parameters", {}), **{name: group[0] if len(group) == 1 else group for name, group in groups}}


def _logs(task: TaskRecord, material: Material) -> list[Markup]:
    shown: list[Markup] = []
    excerpts = material.logs.get(task.path, ())
    for number, excerpt in enumerate(excerpts, start=1):
        name = "Log" if len(excerpts) == 1 else f"Log of attempt {number}"
        before = f"… {excerpt.left_out:,} bytes before this\n" if excerpt.left_out else ""
        shown.append(element("h4", name, " ", element("code", str(excerpt.path), class_="quiet")))
        shown.append(element("pre", before, readable(excerpt.text)) if excerpt.text else note("empty"))
    return shown
