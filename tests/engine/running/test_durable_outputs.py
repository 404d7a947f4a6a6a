"""What a step made is on the disk before anybody hears of its end."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from kfp.engine.continuing.run_files import write_files
from kfp.engine.layout import RunPaths
from kfp.engine.running.durable_outputs import DurableArtifacts
from kfp.engine.settings import RunSettings
from kfp.engine.step import StepEnd


class Report:
    def __init__(self) -> None:
        self.ends: list[StepEnd] = []

    def line(self, text: str) -> None:
        raise AssertionError(text)

    def ended(self, end: StepEnd) -> None:
        self.ends.append(end)


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which files were synced, in order; the system cannot be asked."""
    paths: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        paths.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    return paths


def paths(folder: Path) -> RunPaths:
    return RunPaths.of(folder, folder / "root", "pipeline", "run")


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="names files by their descriptors")
def test_every_file_before_its_directory_and_all_directories_that_may_be_new(tmp_path: Path, synced: list[str]) -> None:
    run = paths(tmp_path)
    step = run.step(("dag", "make"), 1)
    step.make("{}")
    step.executor_output.write_text("{}")
    tree = step.artifact("tree") / "below"
    tree.mkdir(parents=True)
    (tree / "file").touch()
    (tree / "link").symlink_to("file")
    step.artifact("single").touch()
    report, artifacts = Report(), DurableArtifacts(run)
    artifacts.sync_files()
    synced.clear()
    artifacts.report(report, step).ended(StepEnd())
    assert report.ends == [StepEnd()]
    root = tmp_path / "root"
    files, directories = {step.artifact("single"), tree / "file"}, [tree, tree.parent, step.artifacts]
    above = [root / "pipeline/run/dag", root / "pipeline/run", root / "pipeline", root]
    assert set(synced[:2]) == set(map(str, files))
    assert synced[2:] == [str(each) for each in (*directories, *above)]
    beside = run.step(("dag", "beside"), 1)  # only its own entry is new
    beside.make("{}")
    beside.artifact("data").touch()
    synced.clear()
    artifacts.report(report, beside).ended(StepEnd())
    assert synced == [str(each) for each in (beside.artifact("data"), beside.artifacts, above[0])]


@pytest.mark.parametrize("end", [StepEnd(error="it broke"), StepEnd(canceled=True), StepEnd()])
def test_nothing_is_synced_where_there_is_nothing_to_keep(tmp_path: Path, synced: list[str], end: StepEnd) -> None:
    run = paths(tmp_path)
    step = run.step(("make",), 1)
    step.make("{}")
    step.executor_output.write_text("{}")
    if end != StepEnd():
        step.artifact("data").touch()
    artifacts, report = DurableArtifacts(run), Report()
    artifacts.sync_files()
    synced.clear()
    artifacts.report(report, step).ended(end)
    assert (report.ends, synced) == ([end], [])


def test_a_run_keeps_what_it_is_continued_with_before_a_step_has_ended_well(tmp_path: Path, synced: list[str]) -> None:
    run = paths(tmp_path)
    step = run.step(("make",), 1)
    step.make("{}")
    write_files(run.directory, "{}", RunSettings(home=tmp_path))
    report = Report()
    DurableArtifacts(run).report(report, step).ended(StepEnd())
    kept = [run.directory / "pipeline.json", run.directory / "settings.json", run.directory, tmp_path / "runs"]
    assert (report.ends, synced) == ([StepEnd()], [str(path) for path in kept])


def test_what_a_step_changed_in_the_workspace(tmp_path: Path, synced: list[str]) -> None:
    run, shared = paths(tmp_path), tmp_path / "shared"
    step = run.step(("make",), 1)
    step.make("{}")
    (shared / "below").mkdir(parents=True)
    old, new = shared / "old", shared / "below" / "new"
    old.touch()
    artifacts, report = DurableArtifacts(run, shared), Report()
    artifacts.sync_files()
    while time.time() - old.stat().st_ctime < 3:
        time.sleep(0.1)
    reporting = artifacts.report(report, step)
    new.touch()
    synced.clear()
    reporting.ended(StepEnd())
    assert synced == [str(path) for path in (new, new.parent, shared)]


def test_many_files_are_synced_at_once(tmp_path: Path, synced: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    run = paths(tmp_path)
    step = run.step(("make",), 1)
    step.make("{}")
    for number in range(300):
        step.artifact(str(number)).touch()
    monkeypatch.setattr(os, "sync", lambda: synced.append("everything"))
    artifacts, report = DurableArtifacts(run), Report()
    artifacts.sync_files()
    synced.clear()
    artifacts.report(report, step).ended(StepEnd())
    assert synced == ["everything"]


def test_what_cannot_be_kept_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = paths(tmp_path)
    step = run.step(("make",), 1)
    step.make("{}")
    step.artifact("data").touch()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    report = Report()
    DurableArtifacts(run).report(report, step).ended(StepEnd())
    (end,) = report.ends
    assert end.error == "the step's artifacts cannot be kept: [Errno 28] No space left on device"


def test_what_may_not_be_opened_and_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    run = paths(tmp_path)
    step = run.step(("make",), 1)
    step.make("{}")
    os.mkfifo(step.artifact("pipe"))
    step.artifact("closed").touch()
    step.artifact("closed").chmod(0)
    report = Report()
    DurableArtifacts(run).report(report, step).ended(StepEnd())
    assert report.ends == [StepEnd()]
    assert stat.S_ISFIFO(step.artifact("pipe").stat().st_mode)
