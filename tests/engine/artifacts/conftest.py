"""What moves artifacts in these tests."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kfp.engine.artifacts.fetch import Depot
from kfp.engine.artifacts.transfer import Transfer
from kfp.engine.artifacts.upload import upload


class Mover:
    """Uploads and downloads with a cache of its own, and remembers what it told."""

    def __init__(self, home: Path) -> None:
        self.depot = Depot(home, os.environ)
        self.told: list[str] = []
        self.canceled = threading.Event()
        self.transfer = Transfer(self.told.append, self.canceled)

    def up(self, path: Path, uri: str) -> None:
        depot = self.depot
        upload(path, uri, stores=depot.stores, workers=depot.workers, transfer=self.transfer)

    def down(self, uri: str, into: Path, *, own: bool = False, fresh: bool = True) -> Path:
        self.depot.fetch(uri, into, self.transfer, own=own, fresh=fresh)
        return into


@pytest.fixture
def mover(tmp_path: Path) -> Iterator[Mover]:
    made = Mover(tmp_path / "home")
    yield made
    made.depot.close()


def tree(path: Path) -> dict[str, bytes | None]:
    """What lies at a path: the content of each file by its name, None for a directory without any."""
    if path.is_file():
        return {"": path.read_bytes()}
    found = {str(each.relative_to(path)): each.read_bytes() if each.is_file() else None for each in path.rglob("*")}
    return {name: data for name, data in found.items() if data is not None or not list(path.joinpath(name).iterdir())}
