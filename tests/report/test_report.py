"""Pages of runs that were made up, and what a browser would make of them."""

from __future__ import annotations

import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from kfp.dsl import ClassificationMetrics, SlicedClassificationMetrics
from kfp.engine.artifacts.store import ObjectStores
from kfp.engine.records.record import RunRecord, TaskRecord
from kfp.engine.states import State
from kfp.report import report
from kfp.report.metrics import drawing_of
from tests.parts.processes import free_port

HOSTILE = "</pre></details><script>alert(1)</script>\x00<img src=x onerror='alert(2)'>"


class Reader(HTMLParser):
    """Keeps a page's elements and text, and refuses one that is not closed."""

    VOID = frozenset({"meta", "path", "br", "hr", "rect", "polyline"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.rows: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture
def run(tmp_path: Path) -> RunRecord:
    now = time.time()
    arguments, outputs = {"rate": 0.1}, {"x": 1}
    ended = State.SUCCEEDED
    return RunRecord(
        "0b8f6d2e", "training-0b8f", "training", "Default", ended, now, arguments, tmp_path, now + 3, outputs
    )


def step(run: RunRecord, path: str, **changes: Any) -> TaskRecord:
    plain = TaskRecord(run.id, path, path.rsplit("/", 1)[-1], State.SUCCEEDED, 1, run.created_at, run.created_at + 1.5)
    return replace(plain, **changes)


def artifact(kind: str, uri: str = "/nowhere", **metadata: Any) -> dict[str, Any]:
    return {"name": "made", "type": {"schemaTitle": kind, "schemaVersion": "0.0.1"}, "uri": uri, "metadata": metadata}


def test_what_a_step_wrote_is_text(run: RunRecord, tmp_path: Path) -> None:
    log = tmp_path / "tasks" / "train" / "1" / "output.log"
    log.parent.mkdir(parents=True)
    log.write_text(HOSTILE)
    task = step(
        run,
        "train",
        log=log,
        error=HOSTILE,
        state=State.FAILED,
        inputs={"parameters": {HOSTILE: HOSTILE}, "artifacts": {"data": [artifact(HOSTILE, HOSTILE, key=HOSTILE)]}},
        outputs={"text": HOSTILE, "data": artifact("system.Metrics", accuracy=HOSTILE)},
        cache={"state": "miss", "reason": HOSTILE},
    )
    page = read(report(replace(run, name=HOSTILE, error=HOSTILE, outputs={"o": HOSTILE}), [task], None))
    assert page.named("script") == []
    assert page.named("img") == []
    assert page.text.count("alert(1)") > 8


def test_a_page_needs_nothing_from_elsewhere(run: RunRecord) -> None:
    page = read(report(run, [step(run, "train")], None))
    fetched = [attributes for _, attributes in page.tags if attributes.get("src") or attributes.get("href")]
    assert fetched == []
    assert page.named("link") == []


def test_documents_of_steps(run: RunRecord, tmp_path: Path) -> None:
    (tmp_path / "plot.html").write_text("<script>document.title = 'plot'</script>")
    (tmp_path / "notes.md").write_text("# Notes\n\n*well* <script>alert(1)</script>\n\n![x](http://example.com/x.png)")
    outputs = {
        "plot": artifact("system.HTML", str(tmp_path / "plot.html")),
        "notes": artifact("system.Markdown", str(tmp_path / "notes.md")),
        "lost": artifact("system.HTML", str(tmp_path / "lost.html")),
    }
    page = read(report(run, [step(run, "train", outputs=outputs)], None))
    (frame,) = page.named("iframe")
    assert frame["sandbox"] == "allow-scripts"
    assert frame["srcdoc"] == "<script>document.title = 'plot'</script>"
    assert page.named("script") == page.named("img") == []
    assert len(page.named("em")) == 1
    assert "not to be had" in page.text


def test_documents_in_an_object_store(run: RunRecord, s3: str, tmp_path: Path) -> None:
    texts = {"plot": "<b>plot</b>", "large": "x" * (5 << 20), "notes": "# Notes"}
    stores = ObjectStores()
    for name, text in texts.items():
        stores.put(f"{s3}/{name}", text.encode())
    kinds = {"plot": "HTML", "lost": "HTML", "large": "HTML", "notes": "Markdown"}
    outputs = {name: artifact(f"system.{kind}", f"{s3}/{name}") for name, kind in kinds.items()}
    page = read(report(run, [step(run, "train", outputs=outputs)], None))
    assert [frame["srcdoc"] for frame in page.named("iframe")] == ["<b>plot</b>"]
    assert page.text.count("not to be had") == 2
    assert len(page.named("h1")) == 2, "the run's name and Notes"


def test_an_object_store_that_cannot_be_reached_is_no_error(run: RunRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ENDPOINT_URL": f"http://127.0.0.1:{free_port()}", "ACCESS_KEY_ID": "a"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden-secret")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    outputs = {name: artifact("system.HTML", f"s3://bucket/{name}") for name in "abc"}
    text = report(run, [step(run, "train", outputs=outputs)], None)
    assert text.count("not to be had") == 3
    assert "hidden-secret" not in text


def test_passwords_of_uris_are_not_shown(run: RunRecord) -> None:
    uri = "https://ada:pa55word@host/data?token=pa55word"
    outputs = {"data": artifact("system.Dataset", uri, source=uri), "page": artifact("system.HTML", uri), "text": uri}
    text = report(replace(run, arguments={"uri": uri, "more": [uri]}), [step(run, "get", outputs=outputs)], None)
    assert "pa55word" not in text
    assert "https://***@host/data?token=***" in text


def test_what_leaves_a_dag_is_shown_once(run: RunRecord) -> None:
    outputs = {"m": artifact("system.Metrics", accuracy=0.75)}
    tasks = [step(run, "inner", kind="dag", outputs=outputs, attempt=0), step(run, "inner/train", outputs=outputs)]
    assert read(report(run, tasks, None)).text.count("accuracy") == 1 + 2  # a result; the metadata of both outputs


def test_the_log_of_every_attempt(run: RunRecord, tmp_path: Path) -> None:
    for attempt in (1, 2):
        log = tmp_path / "tasks" / "train" / str(attempt) / "output.log"
        log.parent.mkdir(parents=True)
        log.write_text(f"attempt {attempt} speaks\n" + "x" * 100_000 * (attempt - 1))
    page = read(report(run, [step(run, "train", attempt=2, log=log)], None)).text
    assert "attempt 1 speaks" in page
    assert "attempt 2 speaks" not in page
    assert "bytes before this" in page


def test_a_log_is_told_as_a_terminal_showed_it(run: RunRecord, tmp_path: Path) -> None:
    log = tmp_path / "tasks" / "train" / "1" / "output.log"
    log.parent.mkdir(parents=True)
    log.write_bytes(b"\x1b[31mred\x1b[0m\r\n  1%\r 99%\r100%\r\nend\n")
    assert "red\n100%\nend\n" in read(report(run, [step(run, "train", log=log)], None)).text


def test_ten_thousand_iterations_stay_a_page(run: RunRecord) -> None:
    tasks = [step(run, "loop", kind="loop", attempt=0)]
    tasks += [step(run, f"loop/{number}") for number in range(10_000)]
    tasks.append(step(run, "loop/10000", state=State.FAILED, error="ValueError: the last"))
    page = report(run, tasks, None)
    assert len(page) < 1_000_000
    assert "ValueError: the last" in page
    assert "more: `kfp run get 0b8f6d2e`" in page


@pytest.mark.parametrize("state", list(State))
def test_every_state(run: RunRecord, state: State) -> None:
    ended = replace(run, state=state, finished_at=None)
    page = read(report(ended, [step(run, "train", state=state, finished_at=None)], None))
    assert page.text.count(state.value) >= 2


def test_a_step_that_runs_has_taken_until_now(run: RunRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    began = now - 90
    running = step(run, "train", state=State.RUNNING, started_at=began, finished_at=None)
    page = read(report(replace(run, state=State.RUNNING, finished_at=None), [running], None))
    assert "1 min 30 s" in page.text
    bars = [each["style"] for each in page.named("i")]
    assert bars == ["left:0.00%;width:max(3px,100.00%)"]


def test_a_run_of_nothing(run: RunRecord) -> None:
    assert "no step has started" in read(report(replace(run, arguments={}, outputs=None), [], None)).text


def test_metrics_of_several_steps_stand_side_by_side(run: RunRecord) -> None:
    tasks = [
        step(run, f"loop/{number}/train", outputs={"m": artifact("system.Metrics", accuracy=0.5 + number / 3, **extra)})
        for number, extra in enumerate([{}, {"loss": 0.1}])
    ]
    page = read(report(run, tasks, None))
    assert page.rows[:3] == [
        ["step", "accuracy", "loss"],
        ["loop/0/train: made", "0.5", "-"],
        ["loop/1/train: made", "0.833333", "0.1"],
    ]


def test_many_metrics_of_few_steps_stand_below_each_other(run: RunRecord) -> None:
    values = {f"m{number}": number + 0.5 for number in range(30)}
    tasks = [step(run, name, outputs={"m": artifact("system.Metrics", **values)}) for name in ("a", "b")]
    page = read(report(run, tasks, None))
    assert page.rows[:2] == [["metric", "a: made", "b: made"], ["m0", "0.5", "0.5"]]
    assert ["m29", "29.5", "29.5"] in page.rows


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234567.0, "1234567"), (1234567.25, "1.23457e+06"), (0.1 + 0.2, "0.3"), (-0.0, "-0"), (1e300, "1e+300")],
)
def test_numbers(run: RunRecord, value: float, text: str) -> None:
    page = read(report(run, [step(run, "a", outputs={"m": artifact("system.Metrics", value=value)})], None))
    assert page.rows[1] == ["a: made", text]


def test_counts_of_a_confusion_matrix_keep_their_digits() -> None:
    made = ClassificationMetrics()
    made.log_confusion_matrix(["cat", "dog"], [[12_345_678, 2], [0, 0]])
    assert read(drawing_of(made.schema_title, made.metadata)).rows[1] == ["cat", "12345678", "2"]


def test_a_confusion_matrix() -> None:
    made = ClassificationMetrics()
    made.log_confusion_matrix(["cat", "dog"], [[8, 2], [0, 4]])
    page = read(drawing_of(made.schema_title, made.metadata))
    shares = [each["style"] for each in page.named("td")]
    assert shares == ["--share:1.000", "--share:0.250", "--share:0.000", "--share:0.500"]


def test_a_roc_curve_and_the_area_under_it() -> None:
    made = ClassificationMetrics()
    made.log_roc_curve([0.0, 0.5, 1.0], [0.0, 1.0, 1.0], [float("inf"), 0.5, 0.0])
    page = read(drawing_of(made.schema_title, made.metadata))
    assert "area 0.750" in page.text
    (curve,) = page.named("polyline")
    assert len((curve["points"] or "").split()) == 3


def test_slices() -> None:
    made = SlicedClassificationMetrics()
    made.load_confusion_matrix("young", ["a", "b"], [[1, 0], [0, 1]])
    made.load_confusion_matrix("old", ["a", "b"], [[1, 0], [0, 1]])
    page = read(drawing_of(made.schema_title, made.metadata))
    assert len(page.named("table")) == 2
    assert "slice young" in page.text


@pytest.mark.parametrize(
    "metadata",
    [
        {"confusionMatrix": {"annotationSpecs": [{"displayName": "a"}], "rows": []}},
        {"confusionMatrix": {"annotationSpecs": "ab", "rows": [{"row": ["x"]}]}},
        {"confusionMatrix": {}},
        {"confidenceMetrics": [{"recall": 1}]},
        {"confidenceMetrics": [{"recall": 3, "falsePositiveRate": -1}]},
        {"confidenceMetrics": ["nonsense"]},
        {"evaluationSlices": "nonsense"},
    ],
)
@pytest.mark.parametrize("kind", ["system.ClassificationMetrics", "system.SlicedClassificationMetrics"])
def test_metrics_of_another_form_are_shown_as_they_are(kind: str, metadata: dict[str, Any]) -> None:
    page = read(drawing_of(kind, metadata))
    assert page.named("polyline") == []
    assert page.text
