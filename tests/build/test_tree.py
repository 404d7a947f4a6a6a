from __future__ import annotations

from pathlib import Path

from kfp.build.tree import Tree, missing_directories


def test_missing_directories() -> None:
    found = missing_directories(["usr/local/src/kfp/a/b.py", "usr/local/src/kfp/c.py"], ["usr/local/src"])
    assert [entry.path for entry in found] == ["usr/local/src/kfp", "usr/local/src/kfp/a"]
    assert [entry.path for entry in missing_directories(["a/b"])] == ["a"]


def test_the_tree_follows_its_links(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    tree = Tree({"lib64": "usr/lib64"})
    tree.copy("/lib64/ld.so", tmp_path / "file", executable=True)
    tree.write("etc/passwd", b"first")
    tree.write("/etc/passwd", b"second")
    tree.directory("tmp", sticky=True)
    assert "lib64/ld.so" in tree
    entries = {entry.path: entry for entry in tree.entries()}
    assert sorted(entries) == ["etc", "etc/passwd", "lib64", "tmp", "usr", "usr/lib64", "usr/lib64/ld.so"]
    assert entries["lib64"].target == "usr/lib64"
    assert entries["etc/passwd"].size == len("first")
