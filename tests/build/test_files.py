from __future__ import annotations

import os
from pathlib import Path

import pytest

from kfp.build.files import check_writable, write_atomically
from kfp.errors import BuildError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    made.mkdir()
    return made


def test_a_file_is_written_once(folder: Path) -> None:
    path = folder / "file"
    assert write_atomically(path, b"one")
    os.utime(path, (1, 1))
    assert not write_atomically(path, b"one")
    assert path.stat().st_mtime == 1
    assert write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(folder.iterdir()) == [path]


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_permissions_follow_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "file", b"")
        assert os.umask(umask) == umask
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_failure_leaves_nothing(folder: Path) -> None:
    (folder / "file").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_atomically(folder / "file", b"")
    assert [path.name for path in folder.iterdir()] == ["file"]


def test_check_writable(tmp_path: Path) -> None:
    check_writable(tmp_path / "not/there/yet")
    assert not (tmp_path / "not").exists()
    (tmp_path / "file").touch()
    with pytest.raises(BuildError, match=str(tmp_path / "file")):
        check_writable(tmp_path / "file/below")
