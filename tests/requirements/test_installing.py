from __future__ import annotations

import base64
import csv
import hashlib
import posixpath
from pathlib import Path

import pytest

from kfp.errors import RequirementsError
from kfp.requirements import Distribution, Layout, Target, install, lock
from tests.requirements.wheels import write_wheel

SITE = "usr/local/lib/python3.9/site-packages"
LAYOUT = Layout(SITE, "usr/local", "/usr/local/bin/python3.9")
TARGET = Target("3.9")


def installed(wheels: Path, folder: Path, *requirements: str) -> tuple[Distribution, ...]:
    locked = lock(requirements, TARGET, cache=folder / "locks")
    return install(locked.packages, TARGET, LAYOUT, staging=folder / f"staging-{wheels.name}")


def contents(distribution: Distribution) -> dict[str, bytes]:
    return {
        file.path: file.source if isinstance(file.source, bytes) else file.source.read_bytes()
        for file in distribution.files
    }


def test_files_are_placed_for_the_target(wheels: Path, tmp_path: Path) -> None:
    write_wheel(
        wheels,
        files={
            "tiny/__init__.py": "",
            "share/not_data.py": "",
            "tiny-1.0.data/scripts/run-me": "#!python\nprint(1)\n",
            "tiny-1.0.data/scripts/shell": "#!/bin/sh\ntrue\n",
            "tiny-1.0.data/data/share/tiny/t.txt": "data",
        },
        scripts={"Tiny": "tiny.cli:app.main", "extra": "tiny:run [x]"},
    )
    (distribution,) = installed(wheels, tmp_path, "tiny")
    files = contents(distribution)
    assert sorted(path for path in files if "dist-info" not in path) == [
        "usr/local/bin/Tiny",
        "usr/local/bin/extra",
        "usr/local/bin/run-me",
        "usr/local/bin/shell",
        f"{SITE}/share/not_data.py",
        f"{SITE}/tiny/__init__.py",
        "usr/local/share/tiny/t.txt",
    ]
    assert list(files) == sorted(files)
    assert files["usr/local/bin/Tiny"].startswith(b"#!/usr/local/bin/python3.9\n")
    assert b"from tiny.cli import app\n" in files["usr/local/bin/Tiny"]
    assert b"sys.exit(app.main())" in files["usr/local/bin/Tiny"]
    assert files["usr/local/bin/run-me"] == b"#!/usr/local/bin/python3.9\nprint(1)\n"
    assert files["usr/local/bin/shell"] == b"#!/bin/sh\ntrue\n"
    assert {file.path for file in distribution.files if file.executable} == {
        path for path in files if path.startswith("usr/local/bin/")
    }


def test_record_lists_exactly_what_is_there(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels, scripts={"tiny": "tiny:run"})
    (distribution,) = installed(wheels, tmp_path, "tiny")
    files = contents(distribution)
    rows = {
        posixpath.normpath(f"{SITE}/{path}"): (digest, size)
        for path, digest, size in csv.reader(files[f"{SITE}/tiny-1.0.dist-info/RECORD"].decode().splitlines())
    }
    assert set(rows) == set(files)
    for path, (digest, size) in rows.items():
        if digest:
            expected = base64.urlsafe_b64encode(hashlib.sha256(files[path]).digest()).rstrip(b"=").decode()
            assert (digest, size) == (f"sha256={expected}", str(len(files[path]))), path
    assert [path for path, (digest, _) in rows.items() if not digest] == [f"{SITE}/tiny-1.0.dist-info/RECORD"]


def test_nothing_of_this_machine_is_in_the_result(wheels: Path, tmp_path: Path) -> None:
    """Installers write this machine's interpreter into scripts, and leave locks, notes and compiled files behind."""
    write_wheel(wheels, scripts={"tiny": "tiny:run"})
    (first,) = installed(wheels, tmp_path / ("one" * 60), "tiny")
    (second,) = installed(wheels, tmp_path / "two", "tiny")
    assert contents(first) == contents(second)
    assert not any(str(tmp_path).encode() in text for text in contents(first).values())
    names = {posixpath.basename(path) for path in contents(first)}
    assert not names & {"INSTALLER", "REQUESTED", "direct_url.json", ".lock"}
    assert not any(path.endswith(".pyc") for path in contents(first))


def test_several_distributions_come_apart(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels, "one", files={"shared/one.py": "1" * 10})
    write_wheel(wheels, "two", files={"shared/two.py": "2" * 1000})
    one, two = installed(wheels, tmp_path, "one", "two")
    assert (one.name, two.name, two.version) == ("one", "two", "1.0")
    assert f"{SITE}/shared/one.py" in contents(one)
    assert f"{SITE}/shared/two.py" in contents(two)
    assert two.size > one.size


def test_a_path_of_several_wheels_has_the_contents_of_each(wheels: Path, tmp_path: Path) -> None:
    """Whichever of them uv installs last: an image would otherwise be another at every build."""
    names = [f"part{number}" for number in range(6)]
    for name in names:
        files = {f"{name}.py": "", "space/shared.py": f"{name}\n", "space/same.py": "same"}
        write_wheel(wheels, name, files=files, scripts={"same": f"{name}:run"})
    for distribution in installed(wheels, tmp_path, *names):
        files = contents(distribution)
        assert files[f"{SITE}/space/shared.py"] == f"{distribution.name}\n".encode()
        assert f"from {distribution.name} import".encode() in files["usr/local/bin/same"]


def test_another_file_than_was_locked_is_refused(wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_wheel(wheels)
    locked = lock(["tiny"], TARGET, cache=tmp_path / "locks")
    write_wheel(wheels, files={"tiny/__init__.py": "tampered"})
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "another-cache"))
    with pytest.raises(RequirementsError, match=r"tiny==1\.0"):
        install(locked.packages, TARGET, LAYOUT, staging=tmp_path / "staging")


@pytest.mark.usefixtures("no_uv")
def test_nothing_to_install_starts_no_process(tmp_path: Path) -> None:
    assert install((), TARGET, LAYOUT, staging=tmp_path) == ()


def test_no_interpreter_needs_to_be_on_the_path(wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_wheel(wheels)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    (distribution,) = installed(wheels, tmp_path, "tiny")
    assert f"{SITE}/tiny/__init__.py" in contents(distribution)
