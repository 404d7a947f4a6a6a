"""A disk that is full: the run says so, and with room again it goes on where it was."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kfp.engine.records.recorder import StoreRecorder
from kfp.engine.states import State
from kfp.errors import RunError
from kfp.ir.spec import Document
from tests.engine import everything
from tests.engine.homes import Home


@pytest.fixture(scope="module")
def compiled() -> Document:
    return everything.document()


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory, compiled: Document) -> dict[str, Any]:
    home = Home(tmp_path_factory.mktemp("calm"), compiled)
    return home.told(home.run())


@contextlib.contextmanager
def disk(path: Path, kilobytes: int) -> Iterator[None]:
    """Have a file system of a size at a directory."""
    path.mkdir()
    made = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(path)]
    if os.geteuid() != 0 or subprocess.run(made, capture_output=True, check=False).returncode != 0:
        pytest.skip("makes a file system")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def grow(path: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=64m", str(path)], check=True)


@pytest.mark.parametrize("kilobytes", [60, 100, 140, 180, 220, 260, 300, 400])
def test_a_full_disk(tmp_path: Path, compiled: Document, calm: dict[str, Any], kilobytes: int) -> None:
    home = Home(tmp_path / "home", compiled)
    with disk(home.path, kilobytes):
        refused = None
        try:
            assert home.run().state is State.FAILED
        except RunError as error:
            refused = f"{error.message} {error.hint}"
        assert refused is None or "No space left" in refused or "the disk is full" in refused
        grow(home.path)
        home.ran()
        try:
            done = home.done()
        except ValueError:  # the run was not accepted
            result = home.run()
        else:
            result = home.retry()
            assert done & set(home.ran()) <= {"note", "exit-handler-1/clean"}
        assert home.told(result) == calm


class FullRecorder(StoreRecorder):
    """Has a store that cannot grow beyond some pages."""

    def __init__(self, home: Path, pages: int) -> None:
        super().__init__(home)
        self._store._database.connection.execute(f"PRAGMA max_page_count = {pages}")


@pytest.mark.parametrize("pages", range(9, 14))
def test_a_store_that_takes_no_more(tmp_path: Path, compiled: Document, calm: dict[str, Any], pages: int) -> None:
    home = Home(tmp_path / "home", compiled)
    with pytest.raises(RunError, match=r"runs\.db, cannot be used: database or disk is full") as told:
        home.run(recorder=FullRecorder(home.path, pages))
    assert told.value.hint is not None
    home.ran()
    with contextlib.suppress(ValueError):  # it was not accepted
        done = home.done()
        assert home.state() is State.FAILED
        result = home.retry()
        assert done.isdisjoint(home.ran())
        assert home.told(result) == calm
