"""`kfp run report`: a page of a real run, at the place that was named."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Kfp

PIPELINE = """\
from kfp import dsl
from kfp.dsl import Metrics, Output

@dsl.component
def train(rate: float, metrics: Output[Metrics]) -> float:
    print("training with", rate)
    metrics.log_metric("accuracy", 1 - rate)
    return rate

@dsl.pipeline(name="training")
def training(rate: float = 0.25):
    train(rate=rate)
"""


def ran(kfp: Kfp, tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(PIPELINE)
    assert kfp("dsl", "compile", "--py", str(tmp_path / "p.py"), "--output", str(tmp_path / "p.yaml")).code == 0
    assert kfp("run", "create", "-f", str(tmp_path / "p.yaml")).code == 0


def test_a_page_of_a_run(kfp: Kfp, tmp_path: Path) -> None:
    ran(kfp, tmp_path)
    target = tmp_path / "page.html"
    told = kfp("run", "report", "latest", "-o", str(target))
    assert (told.code, told.out) == (0, f"{target}\n")
    page = target.read_text()
    assert "training with 0.25" in page
    assert '<th scope="col">accuracy</th>' in page
    assert "<svg" in page
    assert kfp("run", "report", "latest", "-o", "-").out == page


def test_what_cannot_be_written(kfp: Kfp, tmp_path: Path) -> None:
    ran(kfp, tmp_path)
    told = kfp("run", "report", "latest", "-o", str(tmp_path / "absent" / "page.html"))
    assert told.code == 1
    assert "cannot write" in told.err
    assert "another file with -o" in told.err


def test_a_run_of_an_earlier_version_has_no_document(kfp: Kfp, kfp_home: Path, tmp_path: Path) -> None:
    ran(kfp, tmp_path)
    (document,) = (kfp_home / "runs").glob("*/pipeline.json")
    document.unlink()
    told = kfp("run", "report", "latest", "-o", "-")
    assert told.code == 0
    assert "<svg" not in told.out
