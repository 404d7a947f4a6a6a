from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

import pytest

from kfp.build.stat_cache import StatCache

LONG_AGO = time.time() - 3600


def digest(cache: StatCache, path: Path) -> str:
    return cache.digest(path, path.name, path.lstat())


@pytest.fixture
def settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that nothing has touched for an hour, as far as the cache can tell."""
    path = tmp_path / "file"
    path.write_bytes(b"contents")
    os.utime(path, (LONG_AGO, LONG_AGO))
    now = time.time_ns()
    monkeypatch.setattr("kfp.build.stat_cache.time.time_ns", lambda: now + 3_600_000_000_000)
    return path


def test_a_known_file_is_not_read_again(settled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = StatCache(tmp_path / "cache.json")
    assert digest(first, settled) == hashlib.sha256(b"contents").hexdigest()
    first.save()
    monkeypatch.setattr("kfp.build.stat_cache._sha256", lambda _: pytest.fail("read again"))
    assert digest(StatCache(tmp_path / "cache.json"), settled) == hashlib.sha256(b"contents").hexdigest()


def test_a_changed_file_is_read_again_whatever_its_times_say(settled: Path, tmp_path: Path) -> None:
    first = StatCache(tmp_path / "cache.json")
    digest(first, settled)
    first.save()
    settled.write_bytes(b"CONTENTS")
    os.utime(settled, (LONG_AGO, LONG_AGO))
    assert digest(StatCache(tmp_path / "cache.json"), settled) == hashlib.sha256(b"CONTENTS").hexdigest()


def test_a_file_that_has_just_changed_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    changed = path.stat().st_ctime_ns
    monkeypatch.setattr("kfp.build.stat_cache.time.time_ns", lambda: changed + 1_000_000_000)
    cache = StatCache(tmp_path / "cache.json")
    digest(cache, path)
    cache.save()
    assert not (tmp_path / "cache.json").exists()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"file": 3}', '{"file": [1, 2, 3, 4, null]}'])
def test_a_damaged_cache_is_no_cache(settled: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "cache.json").write_text(text)
    cache = StatCache(tmp_path / "cache.json")
    assert digest(cache, settled) == hashlib.sha256(b"contents").hexdigest()
    cache.save()
    assert list(json.loads((tmp_path / "cache.json").read_text())) == ["file"]
