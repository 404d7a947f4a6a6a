from __future__ import annotations

from pathlib import Path

import pytest

from kfp.images.origins import Origins
from kfp.images.reference import Reference

DIGEST = "sha256:" + "a" * 64
BASE, OTHER_BASE = Reference.parse("docker.io/library/python:3.11"), Reference.parse("docker.io/library/other:1")
MINE, YOURS = Reference.parse("localhost:5000/mine:1"), Reference.parse("localhost:5000/yours:1")


@pytest.fixture
def origins(tmp_path: Path) -> Origins:
    (tmp_path / "drafts").mkdir()
    return Origins(tmp_path / "origins", tmp_path / "drafts")


def test_nothing_is_known_at_first(origins: Origins) -> None:
    assert (origins.get(DIGEST), origins.all(DIGEST)) == (None, ())


def test_where_it_was_pushed_does_not_replace_where_it_is_fetched(origins: Origins) -> None:
    origins.record(DIGEST, BASE)
    origins.add(DIGEST, MINE)
    assert (origins.get(DIGEST), origins.all(DIGEST)) == (BASE, (BASE, MINE))


def test_one_place_in_each_registry_is_enough(origins: Origins) -> None:
    origins.add(DIGEST, MINE)
    origins.add(DIGEST, YOURS)
    assert origins.all(DIGEST) == (MINE,)


def test_a_later_origin_replaces_the_former(origins: Origins) -> None:
    origins.record(DIGEST, BASE)
    origins.add(DIGEST, MINE)
    origins.record(DIGEST, OTHER_BASE)
    assert origins.all(DIGEST) == (OTHER_BASE, MINE)


def test_a_damaged_record_is_none(origins: Origins) -> None:
    origins.record(DIGEST, BASE)
    (record,) = (path for path in origins.directory.rglob("*") if path.is_file())
    record.write_bytes(b"\xff\n")
    assert origins.all(DIGEST) == ()
