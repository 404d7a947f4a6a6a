from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from kfp.build.source import read_context
from kfp.build.stat_cache import StatCache
from kfp.errors import BuildError
from tests.build.conftest import Write


def paths(folder: Path) -> list[str]:
    return [file.path for file in read_context(folder, StatCache(folder.parent / "cache.json")).files]


def test_what_belongs_into_the_image(source: Write) -> None:
    folder = source(
        {
            "a.py": "",
            "pack/b.py": "",
            "data/model.bin": "x",
            "__pycache__/a.cpython-311.pyc": "",
            ".git/HEAD": "",
            "pack/.venv/x": "",
            "env/pyvenv.cfg": "",
            "env/lib/x.py": "",
            "component_metadata/add.yaml": "",
            "kfp_config.ini": "",
            "runtime-requirements.txt": "",
            "Dockerfile": "",
            ".kfp_runtime/kfp/__init__.py": "",
            "notes.md": "",
            "pack/Dockerfile": "",
            ".dockerignore": "*.md\n!Dockerfile\n",
        }
    )
    assert paths(folder) == ["a.py", "data/model.bin", "pack/Dockerfile", "pack/b.py"]


def test_what_looks_like_a_secret_stays_out_and_is_told(source: Write) -> None:
    folder = source({"a.py": "", ".env": "", "keys/server.pem": "", "keys/public.pem": "", ".env.test": ""})
    (folder / ".dockerignore").write_text("!keys/public.pem\n.env.test\n")
    context = read_context(folder, StatCache(folder.parent / "cache.json"))
    assert [file.path for file in context.files] == ["a.py", "keys/public.pem"]
    assert context.secrets == (".env", "keys/server.pem")


def test_the_key_tells_contents_names_modes_and_links(source: Write) -> None:
    folder = source({"a.py": "1"})

    def key() -> str:
        return read_context(folder, StatCache(folder.parent / "none.json")).key

    keys = [key()]
    (folder / "a.py").write_text("2")
    keys.append(key())
    (folder / "a.py").chmod(0o755)
    keys.append(key())
    (folder / "a.py").rename(folder / "b.py")
    keys.append(key())
    (folder / "c.py").symlink_to("b.py")
    keys.append(key())
    assert len(set(keys)) == len(keys)
    os.utime(folder / "b.py", (1, 1))
    (folder / "b.py").chmod(0o711)
    (folder / "empty").mkdir()
    assert key() == keys[-1]


def test_links_inside_stay_links(source: Write) -> None:
    folder = source({"pack/real.py": "x"})
    (folder / "pack/link.py").symlink_to("real.py")
    (folder / "folder").symlink_to("pack")
    files = {file.path: file.target for file in read_context(folder, StatCache(folder / "cache")).files}
    assert files == {"folder": "pack", "pack/link.py": "real.py", "pack/real.py": ""}


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside", "pack/../../outside"])
def test_links_that_leave_the_directory(source: Write, target: str) -> None:
    folder = source({"a.py": ""})
    (folder / "link").symlink_to(target)
    with pytest.raises(BuildError, match=f"link.*{target}"):
        paths(folder)
    (folder / ".dockerignore").write_text("link\n")
    assert paths(folder) == ["a.py"]


def test_a_socket_is_refused(source: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = source({"a.py": ""})
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
        with pytest.raises(BuildError, match="neither a file"):
            paths(folder)
