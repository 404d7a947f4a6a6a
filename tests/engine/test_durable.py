"""What has changed in a directory that several steps write to is on the disk."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from kfp.engine import durable


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    paths: list[Path] = []
    monkeypatch.setattr(durable, "sync", lambda path: paths.append(Path(path)))
    monkeypatch.setattr(os, "sync", lambda: paths.append(Path("everything")))
    return paths


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    folder = tmp_path / "shared"
    folder.mkdir()
    return folder


def test_what_changed_and_the_directories_that_lead_to_it(shared: Path, synced: list[Path]) -> None:
    deep = shared / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "file").touch()
    (shared / "file").touch()
    (shared / "link").symlink_to(deep)
    changed = (deep / "file").stat().st_ctime
    durable.sync_changes(shared, changed)
    assert set(synced[:2]) == {shared / "file", deep / "file"}
    assert synced[2:] == [deep, shared / "a", shared]
    synced.clear()
    durable.sync_changes(shared, changed + 60)
    assert synced == []


def test_a_directory_that_is_not_there(tmp_path: Path, synced: list[Path]) -> None:
    durable.sync_changes(tmp_path / "absent", 0)
    assert synced == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is nothing that waits for the whole disk")
def test_a_large_directory_is_not_looked_through(
    shared: Path, synced: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "_LARGE", 3)
    for number in range(2):
        (shared / str(number)).touch()
    durable.sync_changes(shared, 0)
    assert len(synced) == 3
    (shared / "one more").touch()
    synced.clear()
    durable.sync_changes(shared, 0)
    assert synced == [Path("everything")]
