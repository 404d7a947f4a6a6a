from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from kfp.engine.artifacts.cache import ArtifactCache, cache_limit, key_of
from kfp.engine.artifacts.transfer import Canceled, Transfer
from kfp.errors import RunError

TRANSFER = Transfer(lambda _: None, threading.Event())


def content(size: int, made: list[str] | None = None) -> object:
    def make(path: Path) -> None:
        if made is not None:
            made.append(path.parent.name)
        path.write_bytes(b"x" * size)

    return make


def kept(directory: Path) -> set[str]:
    return {path.parent.name for path in directory.glob("*/entry.json")}


def test_the_longest_unused_goes_first(tmp_path: Path) -> None:
    cache = ArtifactCache(tmp_path / "cache", limit=100)
    for number, name in enumerate(["a", "b", "c"]):
        cache.obtain(name, tmp_path / "out" / name, content(40), TRANSFER)
        if (tmp_path / "cache" / name).exists():
            os.utime(tmp_path / "cache" / name / "entry.json", (number, number))
    assert kept(tmp_path / "cache") == {"b", "c"}
    cache.obtain("b", tmp_path / "out" / "b", content(40), TRANSFER)
    cache.obtain("d", tmp_path / "out" / "d", content(40), TRANSFER)
    assert kept(tmp_path / "cache") == {"b", "d"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a", "b", "c", "d"}  # a step keeps what it has
    assert {path.name for path in (tmp_path / "cache" / "locks").iterdir()} == {"b", "d"}


def test_what_is_larger_than_the_cache_is_not_kept(tmp_path: Path) -> None:
    cache = ArtifactCache(tmp_path / "cache", limit=100)
    cache.obtain("big", tmp_path / "big", content(101), TRANSFER)
    assert (kept(tmp_path / "cache"), (tmp_path / "big").stat().st_size) == (set(), 101)


def test_what_is_in_use_stays(tmp_path: Path) -> None:
    cache = ArtifactCache(tmp_path / "cache", limit=50)
    cache.obtain("a", tmp_path / "a", content(40), TRANSFER)
    with cache.locked("a", TRANSFER):
        cache.obtain("b", tmp_path / "b", content(40), TRANSFER)
        assert kept(tmp_path / "cache") == {"a"}


def test_a_content_that_somebody_wrote_to_is_made_anew(tmp_path: Path) -> None:
    cache, made = ArtifactCache(tmp_path / "cache", limit=1000), []
    cache.obtain("a", tmp_path / "1", content(4, made), TRANSFER)
    cache.obtain("a", tmp_path / "2", content(4, made), TRANSFER)
    assert len(made) == 1
    written = (tmp_path / "1").stat().st_mtime_ns
    while (tmp_path / "1").stat().st_mtime_ns == written:  # the clock of the file system moves on in ticks
        (tmp_path / "1").write_bytes(b"yyyy")
    cache.obtain("a", tmp_path / "3", content(4, made), TRANSFER)
    assert (len(made), (tmp_path / "3").read_bytes()) == (2, b"xxxx")


def test_what_a_kill_has_left_goes(tmp_path: Path) -> None:
    left = tmp_path / "cache" / "a.draft"
    left.mkdir(parents=True)
    (left / "content").write_bytes(b"half")
    cache, made = ArtifactCache(tmp_path / "cache", limit=1000), []
    cache.obtain("b", tmp_path / "b", content(4, made), TRANSFER)
    assert not left.exists()
    cache.obtain("a", tmp_path / "a", content(4, made), TRANSFER)
    assert len(made) == 2


def test_what_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        path.mkdir()
        (path / "half").write_bytes(b"")
        raise OSError("no")

    cache = ArtifactCache(tmp_path / "cache", limit=1000)
    with pytest.raises(OSError, match="no"):
        cache.obtain("a", tmp_path / "a", fail, TRANSFER)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["locks"]


def test_whoever_waits_can_be_canceled(tmp_path: Path) -> None:
    cache, canceled = ArtifactCache(tmp_path / "cache", limit=1000), threading.Event()
    with cache.locked("a", TRANSFER):
        canceled.set()
        with pytest.raises(Canceled):
            cache.obtain("a", tmp_path / "a", content(4), Transfer(lambda _: None, canceled))


@pytest.mark.parametrize(
    ("text", "limit"), [("", 20 << 30), ("10", 10), ("50G", 50 << 30), ("1.5 MiB", 3 << 19), ("2tb", 2 << 40)]
)
def test_the_limit(text: str, limit: int) -> None:
    assert cache_limit({"KFP_ARTIFACT_CACHE": text}) == limit


def test_a_limit_that_is_no_size() -> None:
    with pytest.raises(RunError, match="KFP_ARTIFACT_CACHE=much is no size"):
        cache_limit({"KFP_ARTIFACT_CACHE": "much"})


def test_keys_tell_their_parts_apart() -> None:
    assert key_of("a", "b") != key_of("ab") != key_of("a", "b", "")
