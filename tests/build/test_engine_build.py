"""A user's own Dockerfile, built by the engines of this machine."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from kfp import build
from kfp.build import events
from kfp.build.built import BuiltImage
from kfp.errors import BuildError, EngineUnavailable
from kfp.home import kfp_home
from kfp.images.image_index import ImageIndex
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.build.conftest import Write, component
from tests.parts.engines import ContainerEngine
from tests.parts.processes import gone, require
from tests.parts.registry import RunningRegistry

TARGET = "localhost/own/dockerfile:v1"
# The runtime is copied from where builds leave it; `RUN` has no network, and needs none.
OWN = """\
ARG BASE={base}
FROM ${{BASE}} AS first
RUN echo made > /made-by-run
FROM ${{BASE}}
WORKDIR /usr/local/src/kfp/components
COPY .kfp_runtime /usr/local/src/kfp/runtime
ENV PYTHONPATH=/usr/local/src/kfp/runtime
COPY --from=first /made-by-run /made-by-run
COPY . .
"""
EXECUTOR_INPUT = '{"inputs": {"parameterValues": {"a": 41}}, "outputs": {"outputFile": "/tmp/o.json"}}'
STEP = [
    "sh", "-c", '"$@" && cat /made-by-run /tmp/o.json', "step",
    "python3", "-m", "kfp.dsl.executor_main", "--function_to_execute", "add", "--executor_input", EXECUTOR_INPUT,
]  # fmt: skip


@pytest.fixture
def own(source: Write, base_image: str) -> Path:
    """A directory with a Dockerfile that somebody wrote."""
    text = component(base=base_image, target=TARGET).replace("return a", "return a + 1")
    return source({"add.py": text, "Dockerfile": OWN.format(base=base_image), "notes.md": "", ".dockerignore": "*.md"})


def built(
    folder: Path, *, options: Sequence[str] = (), told: list[events.BuildEvent] | None = None, **settings: object
) -> BuiltImage:
    chosen = build.BuildOptions(**{"push": False, "engine_options": tuple(options), **settings})  # type: ignore[arg-type]
    said = [] if told is None else told
    (made,) = build.build(build.plan(folder), store=Store(kfp_home() / "images"), options=chosen, on_event=said.append)
    return made


def network(engine: ContainerEngine) -> list[str]:
    """Return what makes `RUN` work where the engine may have no bridge."""
    return ["--network=none"] if engine.program == "docker" else ["--network=host", "--isolation=chroot"]


@pytest.mark.engine
def test_an_engine_builds_it_and_the_store_takes_it(own: Path, container_engine: ContainerEngine) -> None:
    """The base lies in our store alone; the image runs in the engine and can be looked at here."""
    told: list[events.BuildEvent] = []
    made = built(own, told=told, options=network(container_engine))
    assert (made.engine, made.dockerfile) == (container_engine.program, own / "Dockerfile")
    assert made.base.familiar == "localhost/python-base:test"
    assert any(isinstance(event, events.EngineSaid) and "COPY . ." in event.line for event in told)
    stored = Store(kfp_home() / "images").get(Reference.parse(TARGET))
    assert stored is not None
    assert (stored.id, stored.digest) == (made.platforms[0].id, made.digest)
    layers = [(each.kind, each.cached) for each in made.platforms[0].layers]
    assert layers == [("engine", False)] * (len(stored.layers) - 1), "the base's layer is our own again"
    base = Store(kfp_home() / "images").get(made.base)
    assert base is not None
    assert stored.layers[0].descriptor.digest == base.layers[0].descriptor.digest
    assert any("COPY" in each.summary for each in made.platforms[0].layers)
    ran = container_engine("run", "--rm", "--network", "none", TARGET, *STEP)
    assert ran.stdout.splitlines() == ["made", '{"parameterValues": {"Output": 42}}']
    listed = container_engine("run", "--rm", "--network", "none", TARGET, "ls", "-a").stdout.split()
    assert "notes.md" not in listed
    assert {"add.py", "kfp_config.ini", "runtime-requirements.txt"} <= set(listed)


@pytest.mark.engine
def test_what_did_not_change_is_not_copied_again(
    own: Path, container_engine: ContainerEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = built(own, options=network(container_engine))

    def fail(*_: object) -> None:
        raise AssertionError("the image was copied again")

    monkeypatch.setattr("kfp.images.archive.load", fail)
    again = built(own, options=network(container_engine))
    assert again.digest == first.digest
    assert all(each.cached for each in again.platforms[0].layers)


@pytest.mark.engine
def test_platforms(own: Path, container_engine: ContainerEngine) -> None:
    """Two of them make an index, though the cache of an engine would give this machine's under both names."""
    assert container_engine
    (own / "Dockerfile").write_text("FROM scratch\nCOPY add.py /\n")
    platforms = (Platform.parse("linux/amd64"), Platform.parse("linux/arm64"))
    made = built(own, platforms=platforms)
    assert [str(each.platform) for each in made.platforms] == ["linux/amd64", "linux/arm64"]
    whole = Store(kfp_home() / "images").get_whole(Reference.parse(TARGET))
    assert isinstance(whole, ImageIndex)
    assert whole.digest == made.digest
    with pytest.raises(BuildError, match="Dockerfile can be built for"):
        built(own, platforms="all")


@pytest.mark.engine
def test_pushed_by_us(own: Path, docker: ContainerEngine, registry: RunningRegistry) -> None:
    """With our credentials and our digest; the registry serves what the engine made."""
    target = f"{registry.host}/own/dockerfile:v1"
    (own / "add.py").write_text((own / "add.py").read_text().replace(TARGET, target))
    made = built(own, push=True, options=network(docker))
    assert made.pushed is not None
    assert (made.pushed.pushed, made.pushed.digest) == (True, made.digest)
    require("skopeo", "skopeo")
    config = subprocess.run(
        ["skopeo", "inspect", "--tls-verify=false", "--raw", "--config", f"docker://{target}"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert json.loads(config.stdout)["config"]["WorkingDir"] == "/usr/local/src/kfp/components"


@pytest.mark.engine
def test_buildah(own: Path, podman: ContainerEngine) -> None:
    require("buildah", "buildah")
    for name, value in podman.environment.items():
        os.environ[name] = value
    made = built(own, engine="buildah", options=["--network=host", "--isolation=chroot"])
    assert made.engine == "buildah"
    assert podman("run", "--rm", "--network", "none", TARGET, *STEP).stdout.startswith("made\n")


@pytest.mark.engine
def test_a_dockerfile_that_fails(own: Path, container_engine: ContainerEngine) -> None:
    (own / "Dockerfile").write_text("FROM scratch\nCOPY nothing-of-this-name /\n")
    with pytest.raises(BuildError, match="nothing-of-this-name") as caught:
        built(own)
    assert f"{container_engine.program} build" in caught.value.message
    assert "--overwrite-dockerfile" in str(caught.value.hint)


def test_several_images_have_no_single_dockerfile(own: Path) -> None:
    (own / "other.py").write_text(component("other", base="localhost/python-base:test", target="localhost/other:1"))
    with pytest.raises(BuildError, match=r"localhost/other:1, localhost/own/dockerfile:v1") as caught:
        built(own)
    assert "--component-filepattern" in str(caught.value.hint)


def test_no_engine(own: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("KFP_CONTAINER_ENGINE", raising=False)
    with pytest.raises(EngineUnavailable, match="neither docker nor podman nor buildah") as caught:
        built(own)
    assert "--overwrite-dockerfile" in str(caught.value.hint)
    with pytest.raises(EngineUnavailable, match="podman is not installed"):
        built(own, engine="podman")
    with pytest.raises(BuildError, match="'kaniko'"):
        built(own, engine="kaniko")


def test_overwriting_builds_without_an_engine(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KFP_CONTAINER_ENGINE", "no-such-engine")
    assert built(own, overwrite_dockerfile=True).engine is None


def script(folder: Path, build: str, version: str = ":") -> Path:
    """Write an engine of our own, called docker, which has no images."""
    path = folder / "bin/docker"
    path.parent.mkdir()
    cases = [f"version) {version}", "image) exit 1", "load) cat > /dev/null", f"build) {build}"]
    path.write_text("\n".join(['#!/bin/sh\ncase "$1" in', *(f"{case} ;;" for case in cases), "esac\n"]))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path.parent


def test_an_engine_that_does_not_answer(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(script(tmp_path, ":", "echo the daemon sleeps >&2; exit 1")))
    monkeypatch.delenv("KFP_CONTAINER_ENGINE", raising=False)
    with pytest.raises(EngineUnavailable, match="docker does not answer: the daemon sleeps"):
        built(own)


def test_ctrl_c_ends_the_engine_and_what_it_started(own: Path, tmp_path: Path) -> None:
    """The engine's child writes its process ID, and would live for a minute."""
    pid = tmp_path / "pid"
    folder = script(tmp_path, f"sleep 60 & echo $! > {pid}; echo begun; wait")
    process = subprocess.Popen(
        [sys.executable, "-m", "kfp.cli", "component", "build", str(own), "--no-push-image"],
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "KFP_CONTAINER_ENGINE": "docker"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout as said:
        assert any(line == "  begun\n" for line in said)
        process.send_signal(signal.SIGINT)
        rest = said.read()
    assert (process.wait(60), rest.split()[-1]) == (130, "interrupted")
    child, deadline = int(pid.read_text()), time.monotonic() + 30
    while not gone(child):  # the signal was sent; whoever was sent it ends in its own time
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_secrets_are_told(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An own .dockerignore decides and is warned of; where there is none, one that leaves secrets out is written."""
    folder = script(tmp_path, "exit 3")
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("KFP_CONTAINER_ENGINE", "docker")
    (own / ".env").write_text("TOKEN=1")
    for expected in (events.SecretsExposed((".env",)), events.FilesLeftOut((".env",))):
        told: list[events.BuildEvent] = []
        with pytest.raises(BuildError, match="ended with 3"):
            built(own, told=told)
        secrets = [event for event in told if isinstance(event, (events.SecretsExposed, events.FilesLeftOut))]
        assert secrets == [expected]
        (own / ".dockerignore").unlink()
