"""`--tag` and `--insecure-registry` on the command line."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kfp.images.image import scratch
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.cli.conftest import Kfp
from tests.images.distribution.faulty_registry import FaultyRegistry, serve
from tests.parts.registry import RunningRegistry

COMPONENT = """\
from kfp import dsl


@dsl.component(base_image={base!r}, target_image={target!r})
def {name}(a: int) -> int:
    return a
"""


@pytest.fixture
def write(kfp_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project on a base without layers; the working directory is its own."""
    Store(kfp_home / "images").put(scratch(Platform("linux", "amd64")), Reference.parse("localhost/base:1"))
    (tmp_path / "project" / "src").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project" / "src"


def component(folder: Path, target: str, name: str = "add") -> None:
    (folder / f"{name}.py").write_text(COMPONENT.format(base="localhost/base:1", target=target, name=name))


@pytest.mark.engine
def test_tags_are_pushed_and_told(kfp: Kfp, write: Path, registry: RunningRegistry) -> None:
    component(write, f"{registry.host}/names/first:v1")
    second = f"{registry.host}/names/second:latest"
    command = ("component", "build", "src", "--tag", ":v2", "--tag", second)
    told = kfp(*command, "--output", "json")
    (image,) = json.loads(told.out)
    assert image["tags"] == [
        {"name": f"{registry.host}/names/first:v2", "pushed": True},
        {"name": second, "pushed": True},
    ]
    for repository, tag in (("names/first", "v1"), ("names/first", "v2"), ("names/second", "latest")):
        assert registry.digest_of(repository, tag) == image["digest"]
    again = kfp(*command)
    assert again.code == 0
    assert f"{second}, the registry had it" in again.out


def test_a_name_for_several_images_is_refused_before_anything_is_built(kfp: Kfp, write: Path) -> None:
    for name in ("one", "two"):
        component(write, f"localhost:1/names/{name}:v1", name)
    told = kfp("component", "build", "src", "--tag", "localhost:1/names/three")
    assert told.code == 1
    assert "error: --tag localhost:1/names/three names one image, and 2 are built\nhint: " in told.err
    assert not (write / "component_metadata").exists()


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A registry that speaks plain HTTP, under a name that is not this machine's."""
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **named: real(host.replace("plain.test", "127.0.0.1"), *rest, **named),
    )
    with serve(FaultyRegistry()) as registry:
        yield registry.host.replace("127.0.0.1", "plain.test")


def test_plain_http_must_be_allowed_by_name(
    kfp: Kfp, write: Path, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    component(write, f"{elsewhere}/names/first:v1")
    refused = kfp("component", "build", "src")
    assert refused.code == 1
    assert f"cannot reach the registry {elsewhere}: no TLS connection" in refused.err
    assert f"--insecure-registry {elsewhere}" in refused.err
    assert kfp("component", "build", "src", "--insecure-registry", elsewhere).code == 0
    monkeypatch.setenv("KFP_INSECURE_REGISTRIES", elsewhere)
    assert "the registry had it" in kfp("component", "build", "src").out
