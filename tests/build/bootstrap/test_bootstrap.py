"""The packed base image, looked at from outside and run for real."""

from __future__ import annotations

import importlib.util
import json
import sys
import tarfile
from pathlib import Path

import pytest

from kfp.build.base import Base
from kfp.build.bootstrap import bootstrap
from kfp.errors import BuildError, InvalidReference
from kfp.home import kfp_home
from kfp.images.archive import save
from kfp.images.image import Image
from kfp.images.reference import Reference
from kfp.images.store import Store
from kfp.requirements import Libc
from tests.parts.engines import ContainerEngine

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"

# What a step, a package or a user's code may reach for; each line fails on its own in an image that lacks a library.
INSIDE = f"""
import bz2, ctypes, decimal, hashlib, json, locale, lzma, os, pwd, site, socket, sqlite3, ssl, subprocess, sys
import threading, uuid, zlib
assert sys.prefix == "/usr/local" and "{VERSION}" == "%d.%d" % sys.version_info[:2], sys.version
assert sqlite3.connect(":memory:").execute("select 6 * 7").fetchone() == (42,)
assert pwd.getpwuid(0).pw_name == "root" and pwd.getpwnam("nobody")
assert locale.getpreferredencoding().upper() in ("UTF-8", "ANSI_X3.4-1968")
thread = threading.Thread(target=int); thread.start(); thread.join()
assert subprocess.run(["sh", "-c", "echo $0", "shell"], capture_output=True).stdout == b"shell\\n"
import argparse, importlib.util
spec = importlib.util.find_spec("argparse")
assert os.path.exists(spec.cached), spec.cached
assert argparse.__file__ == argparse.ArgumentParser.parse_args.__code__.co_filename
for name in ("tkinter", "idlelib", "test"):
    assert importlib.util.find_spec(name) is None, name
directory = os.environ["SITE_PACKAGES"]
assert directory in sys.path, (directory, sys.path)
authorities = len(ssl.create_default_context().get_ca_certs())
print(json.dumps({{"authorities": authorities, "environment": dict(os.environ)}}))
"""


@pytest.fixture
def stored(base_image: str) -> Image:
    image = Store(kfp_home() / "images").get(Reference.parse(base_image))
    assert image is not None
    return image


def listing(image: Image) -> dict[str, tarfile.TarInfo]:
    (layer,) = image.layers
    with layer.uncompressed() as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        return {member.name: member for member in archive}


def test_the_configuration_is_that_of_an_official_image(stored: Image) -> None:
    env = stored.config.env
    assert env["PYTHON_VERSION"].startswith(f"{VERSION}.")
    assert env["PATH"].startswith("/usr/local/bin:")
    assert stored.config.cmd == ("python3",)
    assert stored.config.labels["skiff.libc"] == str(Libc.host())


def test_the_build_knows_its_python_without_reading_a_layer(stored: Image, tmp_path: Path) -> None:
    python = Base(Reference.parse("localhost/x"), stored, lambda: pytest.fail("read")).python(tmp_path)
    assert python.version == VERSION
    assert python.interpreter == f"/usr/local/bin/python{VERSION}"
    assert python.site_packages in listing(stored)


def test_the_files(stored: Image) -> None:
    files = listing(stored)
    assert files["usr/local/bin/python"].linkname == "python3"
    assert files["usr/local/bin/python3"].linkname == f"python{VERSION}"
    assert files["bin"].linkname == "usr/bin"
    assert files["tmp"].mode == 0o1777
    assert {member.mode for member in files.values() if member.isfile()} <= {0o644, 0o755}
    assert {member.mtime for member in files.values()} == {0}
    library = f"usr/local/lib/python{VERSION}"
    pyc = f"{library}/__pycache__/argparse.{sys.implementation.cache_tag}.pyc"
    assert pyc in files
    assert not [name for name in files if name.endswith(".a") or "/site-packages/" in name or "/test/" in name]
    for path in files:
        assert not path.startswith(("lib/", "bin/", "lib64/", "sbin/")), "written through a link"


def test_compiled_modules_are_trusted_without_their_source(stored: Image) -> None:
    """PEP 552: unchecked, and of the very source that lies beside it."""
    (layer,) = stored.layers
    library = f"usr/local/lib/python{VERSION}"
    wanted = {f"{library}/argparse.py", f"{library}/__pycache__/argparse.{sys.implementation.cache_tag}.pyc"}
    found = {}
    with layer.uncompressed() as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            if member.name in wanted:
                file = archive.extractfile(member)
                assert file is not None
                found[Path(member.name).suffix] = file.read()
    assert found[".pyc"][:4] == importlib.util.MAGIC_NUMBER
    assert found[".pyc"][4:8] == b"\1\0\0\0"
    assert found[".pyc"][8:16] == importlib.util.source_hash(found[".py"])


def test_packing_twice_gives_the_same_image(stored: Image, store: Store) -> None:
    again = bootstrap("localhost/again:1", store=store)
    assert again.id == stored.id
    assert again.reference == Reference.parse("localhost/again:1")
    assert again.python_version == stored.config.env["PYTHON_VERSION"]


def test_a_malformed_name(store: Store) -> None:
    with pytest.raises(InvalidReference):
        bootstrap("Not A Name", store=store)


def test_another_operating_system(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(BuildError, match="Linux"):
        bootstrap("localhost/x:1", store=store)


@pytest.mark.engine
def test_it_runs(stored: Image, container_engine: ContainerEngine, tmp_path: Path) -> None:
    reference = Reference.parse("localhost/python-base:run")
    save(stored, reference, tmp_path / "image.tar", format="docker")
    container_engine("load", "-i", str(tmp_path / "image.tar"))
    site_packages = stored.config.labels["skiff.site-packages"]
    ran = container_engine(
        "run",
        "--rm",
        "--network",
        "none",
        "-e",
        f"SITE_PACKAGES={site_packages}",
        str(reference),
        "python3",
        "-c",
        INSIDE,
    )
    told = json.loads(ran.stdout)
    assert told["environment"]["PYTHON_VERSION"] == stored.config.env["PYTHON_VERSION"]
    assert told["authorities"] > 0
    shell = (
        'set -e; d="$(mktemp -d)"; printf %s "$0" > "$d/f"; cat "$d/f"; mkdir -p "$d/a/b"; rm -r "$d"; env python3 -V'
    )
    ran = container_engine("run", "--rm", "--network", "none", str(reference), "sh", "-c", shell, "text ")
    assert ran.stdout.startswith("text Python 3.")
