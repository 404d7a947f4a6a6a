from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from kfp.build.generated import signed
from kfp.build.source import Context, read_context
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


SECRETS = dict.fromkeys(
    (
        ".docker/config.json",
        ".env",
        ".env.test",
        ".pypirc",
        "deep/.netrc",
        "deep/er/server.key",
        "id_rsa",
        "id_rsa.pub",
    ),
    "",
) | {"keys/server.pem": ""}


def context(folder: Path) -> Context:
    return read_context(folder, StatCache(folder.parent / "cache.json"))


def test_what_looks_like_a_secret_stays_out_and_is_told(source: Write) -> None:
    found = context(source({"a.py": "", ".env.example": "", "keys.py": "", ".docker/else": "", **SECRETS}))
    assert [file.path for file in found.files] == [".docker/else", ".env.example", "a.py", "keys.py"]
    assert found.secrets == tuple(sorted(SECRETS))


def test_directories_of_secrets_are_told_whole(source: Write) -> None:
    found = context(source({"a.py": "", ".git/HEAD": "", ".git/objects/pack": "", "deep/.aws/credentials": ""}))
    assert [file.path for file in found.files] == ["a.py"]
    assert found.secrets == (".git/", "deep/.aws/")


def test_the_key_of_a_service_account_is_told_by_what_it_holds(source: Write) -> None:
    key = {"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\n" + "A" * 1600}
    found = context(source({"a.py": "", "conf/innocent.json": json.dumps(key), "data.json": "[" + "1," * 800 + "1]"}))
    assert [file.path for file in found.files] == ["a.py", "data.json"]
    assert found.secrets == ("conf/innocent.json",)


@pytest.mark.parametrize(
    ("lines", "taken"),
    [
        ("!.env", [".env"]),
        ("!keys/*.pem", ["keys/server.pem"]),
        ("!**/.netrc", ["deep/.netrc"]),
        ("!.docker/config.json", [".docker/config.json"]),
        ("!**", []),
        ("*\n!deep\n!.env*", [".env", ".env.test"]),
        ("!.env\n.env", []),
    ],
)
def test_a_line_that_names_a_secret_takes_it_in(source: Write, lines: str, taken: list[str]) -> None:
    """`!deep` after `*` means the directory, and not what lies in it by mistake."""
    assert paths(source({**SECRETS, ".dockerignore": lines})) == taken


def test_a_line_that_names_what_is_useless_takes_it_in(source: Write) -> None:
    folder = source(
        {
            ".git/HEAD": "",
            ".git/config": "",
            "node_modules/x.js": "",
            ".venv/x": "",
            ".dockerignore": "!.git/HEAD\n!.venv",
        }
    )
    assert paths(folder) == [".git/HEAD", ".venv/x"]


def test_what_the_user_leaves_out_is_not_told(source: Write) -> None:
    folder = source({".env": "", ".git/HEAD": "", "sub/a.pem": "", ".dockerignore": ".env\n.git\nsub\n"})
    assert (paths(folder), context(folder).secrets) == ([], ())


def test_the_dockerfiles_own_list_comes_first(source: Write) -> None:
    folder = source({"a.py": "", "b.py": "", ".dockerignore": "a.py", "Dockerfile.dockerignore": "b.py"})
    assert paths(folder) == ["a.py"]


def test_a_list_that_a_build_left_says_nothing(source: Write) -> None:
    folder = source({"a.py": "", ".env": "", ".dockerignore": signed("*\n!.env\n").decode()})
    assert (paths(folder), context(folder).secrets) == (["a.py"], (".env",))


def test_lists_of_other_systems(source: Write) -> None:
    """With a byte order mark, Windows' line ends, and bytes that are no UTF-8."""
    folder = source({"a.py": "", "b.py": "", "c.py": ""})
    (folder / ".dockerignore").write_bytes(b"\xef\xbb\xbfa.py\r\nb.py\r\n\xff\r\n")
    assert paths(folder) == ["c.py"]


def test_a_directory_that_is_left_out_is_not_entered(source: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = source({"a.py": "", "data/deep/x": "", "node_modules/deep/x": "", ".venv/lib/x": "", "env/pyvenv.cfg": ""})
    (folder / ".dockerignore").write_text("data\n!*.md\n!other/**\n")
    entered: list[str] = []
    scan = os.scandir

    def scandir(path: str) -> Any:
        entered.append(os.path.relpath(path, folder))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert paths(folder) == ["a.py"]
    assert entered == ["."]


def test_hard_links_become_files(source: Write) -> None:
    folder = source({"a.py": "x"})
    os.link(folder / "a.py", folder / "b.py")
    assert [(file.path, file.target) for file in context(folder).files] == [("a.py", ""), ("b.py", "")]


def test_names_that_an_image_cannot_hold(source: Write) -> None:
    """`.wh.` would delete a file of the layer below; a name that is no text has no place in a tar archive."""
    for name, told in ((b".wh.a", "'.wh.'"), (b"\xff", "UTF-8")):
        folder = source({"a.py": ""})
        place = folder / os.fsdecode(name)
        place.touch()
        with pytest.raises(BuildError, match=told):
            paths(folder)
        place.unlink()


def test_what_cannot_be_read(source: Write) -> None:
    folder = source({"a.py": ""})

    class Denied(StatCache):  # root, who runs tests in places, may read everything
        def digest(self, *_: object) -> str:
            raise PermissionError(13, "Permission denied")

    with pytest.raises(BuildError, match=r"a\.py cannot be read: Permission denied") as caught:
        read_context(folder, Denied(folder / "cache"))
    assert ".dockerignore" in str(caught.value.hint)


def test_a_pipe_is_refused(source: Write) -> None:
    folder = source({"a.py": ""})
    os.mkfifo(folder / "pipe")
    with pytest.raises(BuildError, match="neither a file") as caught:
        paths(folder)
    assert ".dockerignore" in str(caught.value.hint)
    (folder / ".dockerignore").write_text("pipe")
    assert paths(folder) == ["a.py"]


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
