"""`kfp image`, from packing a base to removing it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from kfp.cli import image_report
from kfp.cli.values import Size
from kfp.images.image import scratch
from kfp.images.image_index import ImageIndex
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.cli.conftest import Kfp
from tests.parts.registry import RunningRegistry


def test_bootstrap_list_inspect(kfp: Kfp, kfp_home: Path) -> None:
    packed = kfp("--output", "json", "image", "bootstrap", "localhost/python:3.11")
    assert (packed.code, packed.err) == (0, "")
    data = json.loads(packed.out)
    version = ".".join(map(str, sys.version_info[:3]))
    assert (data["name"], data["python"]) == ("localhost/python:3.11", version)

    table = kfp("image", "list")
    headings, line = table.out.splitlines()
    assert headings.split() == ["NAME", "ID", "DIGEST", "PLATFORM", "SIZE", "CREATED"]
    cells = line.split()
    assert cells[:3] == ["localhost/python:3.11", data["id"][7:19], data["digest"][7:19]]
    assert cells[3].startswith("linux/")

    (listed,) = json.loads(kfp("image", "list", "--output", "json").out)
    assert (listed["name"], listed["id"], listed["digest"]) == (data["name"], data["id"], data["digest"])
    assert listed["complete"] is True

    inspected = json.loads(kfp("image", "inspect", "localhost/python:3.11").out)
    assert f"PYTHON_VERSION={version}" in inspected["config"]["Env"]
    (layer,) = inspected["layers"]
    assert layer["size"] == Path(layer["path"]).stat().st_size
    assert Path(inspected["store"]) == kfp_home / "images"


def test_bootstrap_for_people(kfp: Kfp, kfp_home: Path) -> None:
    outcome = kfp("image", "bootstrap", "localhost/base")
    lines = outcome.out.splitlines()
    assert lines[0] == "localhost/base:latest"
    assert [line.split("  ")[1] for line in lines[1:]] == ["python", "image ID", "digest", "size", "stored"]
    assert lines[-1].endswith(str(kfp_home / "images"))
    assert outcome.err.startswith("packed in ")


@pytest.mark.parametrize("format_", ["oci", "docker"])
def test_save_remove_load(kfp: Kfp, base_image: str, tmp_path: Path, format_: str) -> None:
    path = tmp_path / "base.tar"
    before = json.loads(kfp("image", "list", "--output", "json").out)
    saved = kfp("image", "save", base_image, "-o", path, "--format", format_)
    assert (saved.code, saved.out, saved.err) == (0, "", f"saved {base_image} to {path}\n")
    with tarfile.open(path) as archive:
        assert ("manifest.json" in archive.getnames()) is (format_ == "docker")

    removed = kfp("image", "rm", base_image)
    assert (removed.code, removed.err) == (0, f"removed {base_image}\n")
    assert json.loads(kfp("image", "list", "--output", "json").out) == []

    loaded = kfp("image", "load", *(["-i"] if format_ == "oci" else []), path)
    assert (loaded.code, loaded.out) == (0, f"{base_image}\n")
    after = json.loads(kfp("image", "list", "--output", "json").out)
    assert [image["id"] for image in after] == [image["id"] for image in before]


@pytest.mark.parametrize("format_", ["oci", "docker"])
def test_archives_in_pipes(base_image: str, kfp: Kfp, format_: str) -> None:
    program = [sys.executable, "-m", "kfp.cli", "image"]
    saved = subprocess.run(
        [*program, "save", base_image, "-o", "-", "--format", format_], check=True, capture_output=True
    )
    kfp("image", "rm", base_image)
    loaded = subprocess.run([*program, "load"], input=saved.stdout, check=True, capture_output=True)
    assert loaded.stdout.decode() == f"{base_image}\n"


def test_an_archive_is_kept_from_terminals(base_image: str) -> None:
    controller, terminal = os.openpty()
    program = [sys.executable, "-m", "kfp.cli", "image"]
    saved = subprocess.run([*program, "save", base_image, "-o", "-"], stdout=terminal, stderr=-1, check=False)
    loaded = subprocess.run([*program, "load"], stdin=terminal, stderr=-1, check=False)
    os.close(terminal)
    os.close(controller)
    assert (saved.returncode, loaded.returncode) == (2, 2)
    assert saved.stderr.startswith(b"error: an archive is not written to a terminal")
    assert loaded.stderr.startswith(b"error: missing argument 'FILE'")


def test_a_device_is_not_replaced(kfp: Kfp, base_image: str) -> None:
    outcome = kfp("image", "save", base_image, "-o", "/dev/null")
    assert outcome.code == 2
    assert "'/dev/null' is not a regular file" in outcome.err


def test_names_that_are_not_there(kfp: Kfp, base_image: str) -> None:
    for arguments in (["inspect", "localhost/none"], ["rm", base_image, "localhost/none"]):
        outcome = kfp("image", *arguments)
        assert (outcome.code, outcome.out) == (1, "")
        assert outcome.err == (
            f"error: the local store has no image localhost/none:latest\nhint: it has {base_image}\n"
        )
    assert base_image in kfp("image", "list").out
    saved = kfp("image", "save", "localhost/none", "-o", "x.tar")
    assert (saved.code, saved.out) == (1, "")
    assert "kfp image bootstrap" in saved.err


def test_an_empty_store(kfp: Kfp) -> None:
    assert kfp("image", "list").out == "NAME  ID  DIGEST  PLATFORM  SIZE  CREATED\n"
    assert kfp("image", "inspect", "localhost/none").err.endswith(
        "hint: it is empty; `kfp image bootstrap` makes a first one\n"
    )


@pytest.mark.parametrize(
    ("content", "says"), [(None, "there is no file"), (b"no tar at all", "x.tar: ")], ids=["absent", "nonsense"]
)
def test_archives_that_cannot_be_loaded(kfp: Kfp, tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "x.tar"
    if content is not None:
        path.write_bytes(content)
    outcome = kfp("image", "load", path)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("error: ")
    assert says in outcome.err


def test_a_malformed_name(kfp: Kfp) -> None:
    for arguments in (["bootstrap", "Not A Name"], ["inspect", "Not A Name"], ["save", "Not A Name", "-o", "x"]):
        outcome = kfp("image", *arguments)
        assert outcome.code == 1
        assert "Not A Name" in outcome.err


def test_save_fetches_what_is_not_here(
    kfp: Kfp, base_image: str, registry: RunningRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"{registry.host}/cli/saved:v1"
    decorator = f"@dsl.component(base_image={base_image!r}, target_image={name!r})"
    source = f"from kfp import dsl\n\n{decorator}\ndef one():\n    pass\n"
    (tmp_path / "src").mkdir()
    (tmp_path / "src/one.py").write_text(source)
    assert kfp("component", "build", tmp_path / "src").code == 0

    monkeypatch.setenv("KFP_HOME", str(tmp_path / "elsewhere"))
    saved = kfp("image", "save", name, "-o", tmp_path / "saved.tar")
    assert (saved.code, saved.out) == (0, "")
    lines = saved.err.splitlines()
    assert lines[0] == f"pulling {name}"
    assert sum(line.startswith("  layer ") and line.endswith("  fetched") for line in lines) == 3
    assert lines[-1] == f"saved {name} to {tmp_path / 'saved.tar'}"
    (listed,) = json.loads(kfp("image", "list", "--output", "json").out)
    assert listed["complete"] is True


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "-"),
        ("1970-01-01T00:00:00Z", "-"),
        ("not a time", "-"),
        ("2020-05-14T01:28:14", "-"),
        ("2020-05-14T01:28:14.123456789Z", " days ago"),
        ("2020-05-14T01:28:14+02:00", " days ago"),
    ],
)
def test_created(text: str, shown: str) -> None:
    assert image_report.created(text).lstrip("0123456789") == shown


@pytest.fixture
def index(kfp_home: Path) -> ImageIndex:
    """An image for three platforms, none of them this machine's alone."""
    store = Store(kfp_home / "images")
    platforms = [Platform.parse(text) for text in ("linux/amd64", "linux/arm64", "linux/arm/v7")]
    whole = ImageIndex.of([scratch(platform) for platform in platforms], {"who": "test"})
    store.put(whole, Reference.parse("localhost/several:1"))
    return whole


def test_images_for_several_platforms(kfp: Kfp, index: ImageIndex) -> None:
    lines = kfp("image", "list").out.splitlines()[1:]
    assert [line.split()[2] for line in lines] == [index.digest[7:19]] * 3
    assert [line.split()[3] for line in lines] == ["linux/amd64", "linux/arm/v7", "linux/arm64"]
    listed = json.loads(kfp("image", "list", "--output", "json").out)
    assert {image["index"] for image in listed} == {index.digest}
    assert {image["digest"] for image in listed} == {image.digest for image in index.images}

    inspected = json.loads(kfp("image", "inspect", "localhost/several:1", "--platform", "linux/arm/v7").out)
    assert (inspected["platform"], inspected["digest"]) == ("linux/arm/v7", index.images[2].digest)
    assert inspected["index"]["digest"] == index.digest
    assert inspected["index"]["annotations"] == {"who": "test"}
    assert [each["platform"] for each in inspected["index"]["images"]] == ["linux/amd64", "linux/arm64", "linux/arm/v7"]
    assert all(each["here"] for each in inspected["index"]["images"])

    machine = json.loads(kfp("image", "inspect", "localhost/several:1").out)
    assert machine["platform"] == str(Platform.host())
    other = kfp("image", "inspect", "localhost/several:1", "--platform", "linux/s390x")
    assert (other.code, "for linux/amd64, linux/arm/v7, linux/arm64, not for linux/s390x" in other.err) == (1, True)


def test_what_no_image_needs_is_deleted(kfp: Kfp, index: ImageIndex, kfp_home: Path) -> None:
    path = Store(kfp_home / "images").blobs.path(index.digest)
    assert kfp("image", "gc").out.splitlines()[0] == "freed 0 B in 0 files"
    kfp("image", "rm", "localhost/several:1")
    told = json.loads(kfp("image", "gc", "--dry-run", "--output", "json").out)
    assert path.exists()
    done = json.loads(kfp("image", "gc", "--output", "json").out)
    assert (told, told["freed"] > 0, path.exists()) == ({**done, "dry_run": True}, True, False)
    wrong = kfp("image", "gc", "--max-size", "many")
    assert (wrong.code, "10GB" in wrong.err) == (2, True)


@pytest.mark.parametrize(
    ("text", "size"),
    [("5", 5), ("10GB", 10**10), ("1.5GiB", 3 << 29), ("2 k", 2000), ("7mb", 7 * 10**6), ("1TiB", 1 << 40)],
)
def test_sizes(text: str, size: int) -> None:
    assert Size().convert(text, None, None) == size
