"""One real package for a machine that is not this one."""

from __future__ import annotations

import struct
from pathlib import Path

from kfp.requirements import Layout, Libc, Target, install, lock
from tests.parts.processes import require_pypi

AARCH64 = 183
LAYOUT = Layout("usr/local/lib/python3.9/site-packages", "usr/local", "/usr/local/bin/python3.9")


def test_a_wheel_for_another_python_and_processor(tmp_path: Path) -> None:
    require_pypi()
    target = Target("3.9", "linux", "arm64", Libc("glibc", (2, 36)))
    locked = lock(["pyyaml==6.0.2"], target, cache=tmp_path / "locks")
    assert [str(package) for package in locked.packages] == ["pyyaml==6.0.2"]
    (distribution,) = install(locked.packages, target, LAYOUT, staging=tmp_path / "staging")
    (extension,) = [file for file in distribution.files if file.path.endswith(".so")]
    assert extension.path.endswith("_yaml.cpython-39-aarch64-linux-gnu.so")
    assert isinstance(extension.source, Path)
    assert struct.unpack_from("<H", extension.source.read_bytes(), 18) == (AARCH64,)
