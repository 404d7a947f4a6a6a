"""Giving images to docker and podman: the real ones, and programs that play an engine that fails."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kfp.errors import EngineUnavailable, ImageError
from kfp.images.engine import ContainerEngine, find_engine, loaded_name, pulled_name
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.images.making import make_image
from tests.parts import engines

NAME = Reference.parse("localhost:5000/team/name:v1")
DIGEST = "sha256:" + "ab" * 32


def fake_engine(folder: Path, name: str, text: str) -> str:
    program = folder / name
    program.write_text(f"#!{sys.executable}\nimport sys\n{text}\n")
    program.chmod(0o755)
    return str(program)


def test_an_engine_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KFP_CONTAINER_ENGINE", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineUnavailable, match="neither docker nor podman") as raised:
        find_engine(otherwise="walk")
    assert raised.value.hint == "install docker or podman, or walk"
    fake_engine(tmp_path, "docker", "sys.exit('cannot connect')")
    with pytest.raises(EngineUnavailable, match="docker does not answer: cannot connect"):
        find_engine()
    fake_engine(tmp_path, "podman", "")
    assert find_engine().program == "podman"
    monkeypatch.setenv("KFP_CONTAINER_ENGINE", "docker")
    with pytest.raises(EngineUnavailable, match="docker does not answer"):
        find_engine()


@pytest.mark.parametrize(
    ("text", "loaded", "pulled"),
    [
        ("python:3.11", "docker.io/library/python:3.11", "docker.io/library/python:3.11"),
        (f"r.io/a:v1@{DIGEST}", "r.io/a:v1", f"r.io/a@{DIGEST}"),
        (f"r.io/a@{DIGEST}", f"r.io/a:sha256-{'ab' * 32}", f"r.io/a@{DIGEST}"),
    ],
)
def test_names_that_engines_take(text: str, loaded: str, pulled: str) -> None:
    reference = Reference.parse(text)
    assert (str(loaded_name(reference)), pulled_name(reference)) == (loaded, pulled)


def test_an_engine_that_refuses(store: Store, tmp_path: Path) -> None:
    """Whether it reads all of the archive or hangs up at once, its own words come out."""
    image = make_image(store)
    for reading in ("sys.stdin.buffer.read()", "sys.stdin.close()"):
        program = fake_engine(tmp_path, "docker", f"if sys.argv[1] == 'load': {reading}\nsys.exit('no space left')")
        with pytest.raises(ImageError, match="cannot load the image: no space left"):
            ContainerEngine(program).load(image, NAME)


@pytest.mark.engine
def test_loaded_once(store: Store, container_engine: engines.ContainerEngine) -> None:
    image = make_image(store, text=f"for {container_engine.program}")
    engine = ContainerEngine(container_engine.program)
    assert engine.image_id(NAME) is None
    assert engine.load(image, NAME)
    assert engine.has(image, NAME)
    assert not engine.load(image, NAME)
    pinned = NAME.with_digest(image.digest)
    assert not engine.load(image, pinned)  # what it has under the tag is the same image
    other = make_image(store, text="another")
    assert not engine.has(other, NAME)
    assert engine.load(other, Reference(NAME.registry, NAME.repository, digest=other.digest))
    assert engine.has(other, NAME.with_tag(other.digest.replace(":", "-")))
    container_engine("rmi", "--force", str(NAME), str(NAME.with_tag(other.digest.replace(":", "-"))))
