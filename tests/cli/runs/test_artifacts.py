"""`kfp run artifacts`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kfp.engine.artifacts.store import ObjectStores
from tests.cli.conftest import Kfp

PIPELINE = """\
from kfp import dsl
from kfp.dsl import Artifact, Dataset, Metrics, Output

@dsl.component
def write(data: Output[Dataset], folder: Output[Artifact], numbers: Output[Metrics]):
    import os
    with open(data.path, "w") as file:
        file.write("1,2")
    os.makedirs(os.path.join(folder.path, "a b"))
    with open(os.path.join(folder.path, "a b", "x"), "w") as file:
        file.write("x")
    data.metadata["rows"] = 1
    numbers.log_metric("accuracy", 1)

@dsl.pipeline
def writing():
    write()
    write()
"""


@pytest.fixture
def pipeline(kfp: Kfp, tmp_path: Path) -> Path:
    (tmp_path / "pipeline.py").write_text(PIPELINE)
    compiled = tmp_path / "pipeline.yaml"
    assert kfp("dsl", "compile", "--py", tmp_path / "pipeline.py", "--output", compiled).code == 0
    return compiled


def test_artifacts_on_this_machine(kfp: Kfp, pipeline: Path, tmp_path: Path) -> None:
    assert kfp("run", "create", "-f", pipeline, "--pipeline-root", tmp_path / "root").code == 0
    listed = kfp("run", "artifacts", "latest")
    assert (listed.code, [line.split()[:3] for line in listed.out.splitlines()]) == (
        0,
        [
            ["TASK", "NAME", "TYPE"],
            *([task, name, f"system.{kind}"] for task in ("write", "write-2") for name, kind in (
                ("data", "Dataset"), ("folder", "Artifact"), ("numbers", "Metrics"))),
        ],
    )  # fmt: skip
    told = json.loads(kfp("--output", "json", "run", "artifacts", "list", "latest").out)
    assert [each["size"] for each in told] == [3, 1, None] * 2
    assert (told[0]["metadata"], told[2]["metadata"]) == ({"rows": 1}, {"accuracy": 1.0})

    path = kfp("run", "artifacts", "path", "latest", "write-2/data").out.strip()
    assert Path(path).read_text() == "1,2"
    assert path.startswith(str(tmp_path / "root"))
    unclear = kfp("run", "artifacts", "path", "latest", "data")
    assert (unclear.code, "several artifacts are called 'data': write/data, write-2/data" in unclear.err) == (1, True)
    nothing = kfp("run", "artifacts", "path", "latest", "write/none")
    assert (nothing.code, "the run has no artifact 'write/none'" in nothing.err) == (1, True)

    got = tmp_path / "got"
    assert kfp("run", "artifacts", "download", "latest", "write/folder", "-o", got).out == f"{got / 'folder'}\n"
    assert (got / "folder" / "a b" / "x").read_text() == "x"
    again = kfp("run", "artifacts", "download", "latest", "write/folder", "-o", got)
    assert (again.code, "is there already" in again.err) == (1, True)
    everything = kfp("run", "artifacts", "download", "latest", "-o", tmp_path / "all")
    assert (everything.code, len(everything.out.splitlines())) == (0, 4)
    assert (tmp_path / "all" / "write-2" / "data").read_text() == "1,2"
    alone = ": there is no file, the metadata are all of it"
    assert [line.endswith(alone) for line in everything.err.splitlines()] == [True, True]
    assert alone in kfp("run", "artifacts", "path", "latest", "write/numbers").err
    Path(path).unlink()
    assert "/write-2/data: nothing lies there any more" in kfp("run", "artifacts", "path", "latest", "write-2/data").err


def test_artifacts_in_an_object_store(kfp: Kfp, pipeline: Path, tmp_path: Path, s3: str) -> None:
    made = kfp("run", "create", "-f", pipeline, "--pipeline-root", f"{s3}/root")
    assert made.code == 0, made.err
    told = json.loads(kfp("--output", "json", "run", "artifacts", "latest").out)
    assert [each["size"] for each in told] == [3, 1, None] * 2
    assert told[0]["uri"].startswith(f"{s3}/root/writing/")
    far = kfp("run", "artifacts", "path", "latest", "write/data")
    assert (far.code, "it does not lie on this machine" in far.err) == (1, True)
    assert "hint: kfp run artifacts download latest write/data" in far.err
    download = ("--output", "json", "run", "artifacts", "download", "latest")
    got = kfp(*download, "write/data", "write-2/folder", "-o", tmp_path / "got")
    paths = [Path(each["path"]) for each in json.loads(got.out)]
    assert paths == [tmp_path / "got" / "write" / "data", tmp_path / "got" / "write-2" / "folder"]
    assert (paths[0].read_text(), (paths[1] / "a b" / "x").read_text()) == ("1,2", "x")
    paths[0].write_text("mine")
    ObjectStores().remove(told[0]["uri"])
    other = f"{s3}/root/writing/other"
    ObjectStores().put(other, b"")
    gone = kfp("run", "artifacts", "download", "latest", "write/data", "-o", tmp_path / "again")
    assert (gone.code, "nothing lies at" in gone.err) == (1, True)
    deleted = kfp("run", "delete", "--yes", "--artifacts", "latest")
    assert (deleted.code, "deleted 3 objects of" in deleted.err) == (0, True), deleted.err
    assert ObjectStores().keys(f"{s3}/root") == [other]


def test_a_root_that_nothing_can_be_kept_in(kfp: Kfp, pipeline: Path) -> None:
    refused = kfp("run", "create", "-f", pipeline, "--pipeline-root", "ftp://host/a")
    assert (refused.code, "artifacts cannot be kept at ftp://host/a" in refused.err) == (1, True)
