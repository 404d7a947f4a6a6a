"""Equal content has equal digests wherever it lies; nothing that changed is taken for what it was."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kfp.engine.caching import contents
from kfp.engine.caching.contents import NOTHING, Content, Interrupted, content_of
from kfp.errors import RunError
from tests.parts.trees import write_tree

LARGE = b"x" * (2 << 20)
NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=8).filter(
    lambda name: name not in (".", "..") and len(name.encode()) < 100
)
TREES: Any = st.recursive(st.binary(max_size=20), lambda inner: st.dictionaries(NAMES, inner, max_size=4), max_leaves=8)


class Remembering:
    """A memory that counts how often it knew."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], Content] = {}
        self.recalled = 0

    def recall(self, path: str, signature: str) -> Content | None:
        found = self.known.get((path, signature))
        self.recalled += found is not None
        return found

    def remember(self, path: str, signature: str, content: Content) -> None:
        self.known[path, signature] = content


class Watching:
    """Waits for the reading, and may have it stop."""

    def __init__(self, *, stops: bool = False) -> None:
        self.told: list[str] = []
        self._stops = stops

    def interrupted(self) -> bool:
        return self._stops

    def tell(self, text: str) -> None:
        self.told.append(text)


def size(tree: Any) -> int:
    return len(tree) if isinstance(tree, bytes) else sum(map(size, tree.values()))


@settings(max_examples=60, deadline=None)
@given(TREES, TREES)
def test_a_digest_says_content_and_nothing_else(one: Any, other: Any) -> None:
    with tempfile.TemporaryDirectory() as directory:
        places = [Path(directory, name) for name in ("a", "long name for b", "c")]
        for place, tree in zip(places, (one, one, other), strict=True):
            write_tree(place, tree)
        for path in [places[1], *places[1].rglob("*")]:
            os.utime(path, (1, 1))
        first, second, third = map(content_of, places)
    assert first == second
    assert first.size == size(one)
    assert (first == third) == (one == other)


def test_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").write_text("")
    assert content_of(tmp_path / "missing") == content_of(tmp_path / "file/below") == NOTHING
    assert content_of(tmp_path / "empty") not in (NOTHING, content_of(tmp_path))


def test_links(tmp_path: Path) -> None:
    write_tree(tmp_path / "outside", {"data": b"1", "more": {"deep": b"2"}})
    for name in "ab":
        write_tree(tmp_path / name, {"file": b"f"})
        (tmp_path / name / "own").symlink_to(tmp_path / name / "file")
        (tmp_path / name / "up").symlink_to("..")
        (tmp_path / name / "self").symlink_to(".")
        (tmp_path / name / "nowhere").symlink_to("missing")
        (tmp_path / name / "circle").symlink_to("circle")
        (tmp_path / name / "out").symlink_to(tmp_path / "outside")
    before = content_of(tmp_path / "a")
    assert before == content_of(tmp_path / "b")
    (tmp_path / "link").symlink_to("a")
    assert content_of(tmp_path / "link") == before
    (tmp_path / "outside/more/deep").write_bytes(b"3")
    assert content_of(tmp_path / "a") != before, "what a link leads to is content"


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "null").symlink_to("/dev/zero")
    assert content_of(tmp_path) != NOTHING
    assert content_of(tmp_path / "pipe").size == content_of(Path("/dev/zero")).size == 0
    assert content_of(Path("/proc/self/status")).size == 0, "files of the system may have no end"


@pytest.mark.parametrize("is_tree", [False, True])
def test_what_is_large_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_tree: bool) -> None:
    place = tmp_path / "data"
    write_tree(place, {"a": LARGE, "b": {"c": b"1"}} if is_tree else LARGE)
    memory = Remembering()
    first = content_of(place, memory=memory)
    monkeypatch.setattr(contents, "_read", None)
    assert content_of(place, memory=memory) == first
    assert memory.recalled == 1


def test_a_change_is_seen_however_well_it_hides(tmp_path: Path) -> None:
    place, memory = tmp_path / "data", Remembering()
    place.write_bytes(LARGE)
    times = place.stat().st_atime_ns, place.stat().st_mtime_ns
    seen = set()
    for number in range(8):
        with place.open("r+b") as file:
            file.write(b"%d" % number)
        os.utime(place, ns=times)
        seen.add(content_of(place, memory=memory))
    assert len(seen) == 8


def test_what_changed_a_moment_ago_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system whose clock moves on once an hour, a change leaves no trace in the times of the file."""
    place, memory = tmp_path / "data", Remembering()
    place.write_bytes(LARGE)
    monkeypatch.setattr(contents._Survey, "settles_at", lambda survey: survey.latest + 3600 * 10**9)
    assert content_of(place, memory=memory) == content_of(place, memory=memory)
    assert memory.known == {}


def test_what_changes_all_the_time_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "data"
    place.write_bytes(LARGE)
    read = contents._read

    def changing(*arguments: Any) -> Content:
        with place.open("ab") as file:
            file.write(b"more")
        return read(*arguments)

    monkeypatch.setattr(contents, "_read", changing)
    with pytest.raises(RunError, match="changes while it is read"):
        content_of(place)


def test_directories_that_are_left_out(tmp_path: Path) -> None:
    write_tree(tmp_path / "a", {"code.py": b"1"})
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    write_tree(tmp_path / "b/.git", {"index": b"2"})
    assert content_of(tmp_path / "a") == content_of(tmp_path / "b", without=lambda entry: entry.name == ".git")


def test_it_stops_when_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(LARGE)
    watch = Watching(stops=True)
    with pytest.raises(Interrupted):
        content_of(tmp_path, watch=watch)


def test_what_takes_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").write_bytes(LARGE)
    monkeypatch.setattr(contents, "_LARGE_BYTES", len(LARGE))
    watch, memory = Watching(), Remembering()
    for _ in range(2):
        content_of(tmp_path / "data", watch=watch, memory=memory)
    assert watch.told == [f"{tmp_path / 'data'} is read, 2.1 MB, so that the cache knows it again"]
