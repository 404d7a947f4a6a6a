"""Content that lies elsewhere: in object stores, in images, in the directory of a component's code."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kfp.engine.caching.artifacts import ArtifactContents
from kfp.engine.caching.contents import NOTHING, Unwatched
from kfp.engine.caching.surroundings import Surroundings
from kfp.engine.commands import PythonCommand, recognise
from kfp.engine.executors.images import Images
from kfp.engine.flow.values import Artifact, Values
from kfp.engine.run import run
from kfp.engine.settings import RunSettings, Source
from kfp.engine.step import Step
from kfp.images.image import scratch
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.engine.artifacts.conftest import Mover
from tests.engine.caching.test_contents import LARGE, Remembering
from tests.engine.documents import Pipeline
from tests.parts.trees import write_tree

ON: dict[str, Any] = {"cachingOptions": {"enableCache": True}}
LIGHTWEIGHT = PythonCommand("add", "def add(): ...")
IN_IMAGE = recognise(
    ["python3", "-m", "kfp.dsl.executor_main"], ["--executor_input", "{{$}}", "--function_to_execute", "add"]
)


@pytest.fixture
def mover(tmp_path: Path) -> Mover:
    return Mover(tmp_path / "moving")


def copying(uri: str) -> Pipeline:
    """Imports what lies at a URI, and makes a copy."""
    pipeline = Pipeline("p")
    source = (
        "def copy(data: Input[Dataset], out: Output[Dataset]):\n    open(out.path, 'w').write(open(data.path).read())\n"
    )
    pipeline.python(source, artifacts_in=("data",), artifacts_out=("out",))
    pipeline.component("get", {}, {}, artifacts_out=("artifact",), executorLabel="exec-get")
    importer = {"artifactUri": {"constant": uri}, "typeSchema": {"schemaTitle": "system.Dataset"}}
    pipeline.data["deploymentSpec"]["executors"]["exec-get"] = {"importer": importer}
    pipeline.task("get")
    pipeline.task("copy", artifacts={"data": "@get.artifact"}, **ON)
    return pipeline


def test_artifacts_in_an_object_store(s3: str, mover: Mover, kfp_home: Path, tmp_path: Path) -> None:
    settings = RunSettings(home=kfp_home, pipeline_root=f"{s3}/root")

    def told(text: str) -> tuple[str, str]:
        (tmp_path / "data").write_text(text)
        mover.up(tmp_path / "data", f"{s3}/data")
        result = run(copying(f"{s3}/data").document(), {}, settings=settings)
        assert result.error is None
        cache = result.tasks["copy"].cache or {}
        (copy,) = result.tasks["copy"].values.artifacts["out"]
        made.append((result.run_id[:8], copy.uri))
        assert mover.down(copy.uri, tmp_path / f"copy {len(made)}").read_text() == text
        return str(cache["state"]), str(cache["reason"])

    made: list[tuple[str, str]] = []
    assert told("one") == ("miss", "never run before")
    assert told("one") == ("hit", f"run {made[0][0]}")
    assert made[0][1] == made[1][1]
    assert told("two") == ("miss", "the content of input 'data' changed")
    (tmp_path / "data").write_text("other")
    mover.up(tmp_path / "data", made[2][1])
    assert told("two") == ("miss", f"output artifact 'out' of run {made[2][0]} was changed since")
    mover.depot.stores.remove(made[3][1])
    assert told("two") == ("miss", f"output artifact 'out' of run {made[3][0]} is gone")


def test_what_only_a_uri_tells() -> None:
    contents = ArtifactContents(Remembering())

    def content(uri: str, kind: str = "system.Dataset") -> Any:
        (found,) = contents.of(Values({}, {"d": (Artifact("d", uri, kind),)}), Unwatched())["d"]
        return found

    assert content("https://host/a") == content("https://host/a") != content("https://host/b")
    assert content("projects/1/models/2", "google.VertexModel") != content("gs://x/y", "google.VertexModel")
    assert content("/nothing/here") == NOTHING


def test_a_path_and_a_file_uri_are_one(tmp_path: Path) -> None:
    (tmp_path / "a b").write_text("x")
    both = Artifact("a", str(tmp_path / "a b")), Artifact("b", (tmp_path / "a b").as_uri())
    first, second = ArtifactContents(Remembering()).of(Values({}, {"d": both}), Unwatched())["d"]
    assert first == second != NOTHING


def step(python: PythonCommand | None, image: str = "localhost/x:1") -> Step:
    return Step("r", "t", 1, image, (), (), {}, python, "{}", None)  # type: ignore[arg-type]


@pytest.fixture
def looked(kfp_home: Path) -> Callable[..., dict[str, Any]]:
    """What is found around a step."""

    def look(it: Step, **changes: Any) -> dict[str, Any]:
        settings = RunSettings(home=kfp_home, **changes)
        return Surroundings(settings, Images(kfp_home), Remembering()).of(it, Unwatched())

    return look


@pytest.mark.parametrize(
    ("runner", "python", "counts"),
    [
        ("process", LIGHTWEIGHT, False),
        ("process", IN_IMAGE, True),
        ("process", None, True),
        ("container", LIGHTWEIGHT, True),
        ("container", None, True),
        ("runc", LIGHTWEIGHT, True),
    ],
)
def test_what_is_in_an_image_counts_where_it_is_used(
    kfp_home: Path, looked: Any, runner: str, python: PythonCommand | None, counts: bool
) -> None:
    if runner != "process":
        assert looked(step(python), runner=runner) == {}, "the store does not know it"
    image, store = scratch(Platform("linux", "amd64")), Store(kfp_home / "images")
    store.put(image, Reference.parse("localhost/x:1"))
    found = looked(step(python), runner=runner)
    assert found == ({"image content": image.id} if counts else {})


def test_the_directory_of_the_code(tmp_path: Path, looked: Any) -> None:
    code = tmp_path / "code"
    write_tree(code, {"a.py": b"1", "lib": {"b.py": b"2"}})
    source = Source(code, {"add": Path("a.py")}, requirements=("numpy",))

    def found(given: Source = source, **changes: Any) -> dict[str, Any]:
        there: dict[str, Any] = looked(step(IN_IMAGE), sources={("localhost/x:1", "add"): given}, **changes)
        return there

    before = found()
    assert before["packages"][0] == ["numpy"]
    for name in (".git", "__pycache__", "out"):
        write_tree(code / name, {"x": os.urandom(8)})
    write_tree(code / "env", {"pyvenv.cfg": b"", "lib": {"x.py": LARGE}})
    assert found(pipeline_root=code / "out") == before
    assert found(Source(code, {"add": Path("a.py")}))["packages"] != before["packages"]
    assert found(Source(code, {"add": Path("lib/b.py")}, requirements=("numpy",)))["source"] != before["source"]
    write_tree(tmp_path / "common", {"__init__.py": b"", "tool.py": b"1", "data": {"big": b"2"}})
    near = Source(code, {"add": Path("a.py")}, (tmp_path,), requirements=("numpy",))
    first = found(near)["source"]
    (tmp_path / "common/data/big").write_text("3")
    (tmp_path / "notes.txt").write_text("4")
    assert found(near)["source"] == first, "data of the project is no code"
    (tmp_path / "common/tool.py").write_text("2")
    assert found(near)["source"] != first, "a package that it may import"
    (code / "lib/b.py").write_text("3")
    assert found(pipeline_root=code / "out")["source"] != before["source"]
