from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kfp.build.bootstrap.libraries import add_libraries, needed, program_loader
from kfp.build.tree import Tree
from kfp.errors import BuildError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ELF programs are Linux's")

PYTHON = Path(sys.executable).resolve()


def test_the_loader_of_a_program() -> None:
    assert program_loader(PYTHON).is_file()
    assert "ld-" in program_loader(PYTHON).name


@pytest.mark.parametrize(
    "contents", [b"", b"#!/bin/sh\n", b"\x7fELF\x01\x01" + bytes(60), b"\x7fELF\x02\x01" + bytes(60)]
)
def test_no_program(tmp_path: Path, contents: bytes) -> None:
    (tmp_path / "file").write_bytes(contents)
    with pytest.raises(BuildError, match=str(tmp_path)):
        program_loader(tmp_path / "file")


def test_what_a_program_needs() -> None:
    found = needed(program_loader(PYTHON), PYTHON)
    assert any(name.startswith("libc.") for name in found)
    assert all(path.is_file() for path in found.values())


def test_all_libraries_lie_beside_the_c_library() -> None:
    tree = Tree({"lib": "usr/lib", "lib64": "usr/lib64"})
    add_libraries(tree, [PYTHON], [])
    places = {
        entry.path.rpartition("/")[0] for entry in tree.entries() if ".so" in entry.path and "/ld-" not in entry.path
    }
    assert len(places) == 1
    assert str(program_loader(PYTHON)) in tree
