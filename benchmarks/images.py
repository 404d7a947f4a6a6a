"""Building and pushing an image, against `docker build` and `docker push` with the Dockerfile that upstream writes."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Command, Figure, medians
from oracle.environments import Python
from tests.parts.engines import ContainerEngine

COMPONENT = """\
from kfp import dsl
from {helper} import add_numbers

@dsl.component(base_image='{base}', target_image='{target}', packages_to_install=['numpy', 'pyyaml'])
def add(a: int, b: int) -> int:
    return add_numbers(a, b)
"""
BUILD = ("component", "build", "src/", "--component-filepattern", "my_component.py")
CHANGES = itertools.count()


@dataclass(frozen=True)
class Contest:
    """The same component directory twice, one for each contestant, on the same base and registry."""

    upstream: Python
    skiff: Python
    folder: Path
    docker: ContainerEngine
    registry: str

    def target(self, name: str) -> str:
        """Return the image name that a contestant builds."""
        return f"{self.registry}/bench/{name}:v1"

    def write(self, name: str, helper: str, base: str) -> None:
        """Write a contestant's component directory."""
        source = self.folder / name / "src"
        source.mkdir(parents=True)
        text = COMPONENT.format(helper=helper, base=base, target=self.target(name))
        (source / "my_component.py").write_text(text, encoding="utf-8")
        self.change(name)

    def change(self, name: str) -> None:
        """Change one source file of a contestant's directory."""
        text = f"CHANGE = {next(CHANGES)}\n\n\ndef add_numbers(a, b):\n    return a + b\n"
        (self.folder / name / "src/helper.py").write_text(text, encoding="utf-8")

    def forget(self) -> None:
        """Leave Skiff with the base image alone: no packages, no layers, no index answers."""
        for name in ("home", "uv-cache"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        shutil.copytree(self.folder / "base-home", self.folder / "home")

    def theirs(self, *options: str, push: bool = False, change: bool = False) -> Command:
        """Return upstream's way: let `kfp` write the Dockerfile, build it with Docker, push."""
        steps = [
            f"{self.upstream.kfp} {' '.join(BUILD)} --no-build-image",
            f"docker build -q --network host {' '.join(options)} -t {self.target('upstream')} src/",
        ]
        if push:
            steps.append(f"docker push -q {self.target('upstream')}")
        return Command(
            ["sh", "-ec", " && ".join(steps)],
            self.folder / "upstream",
            {**self.docker.environment, "DOCKER_BUILDKIT": "0"},
            lambda: self.change("upstream") if change else None,
        )

    def ours(self, *, push: bool = False, change: bool = False, cold: bool = False) -> Command:
        """Return Skiff's way: one command."""

        def prepare() -> None:
            if cold:
                self.forget()
            if change:
                self.change("skiff")

        return Command(
            [self.skiff.kfp, *BUILD, "--push-image" if push else "--no-push-image"],
            self.folder / "skiff",
            {"KFP_HOME": str(self.folder / "home"), "UV_CACHE_DIR": str(self.folder / "uv-cache")},
            prepare,
        )


def figures(contest: Contest) -> Iterator[Figure]:
    """Measure a cold build, a rebuild after one file changed, and a rebuild of nothing, with numpy and pyyaml."""
    base = make_base(contest)
    contest.write("upstream", "helper", base)
    contest.write("skiff", ".helper", base)
    rounds = (
        ("cold build, numpy and pyyaml, base present", contest.theirs("--no-cache"), contest.ours(cold=True), 2, 2.0),
        (
            "rebuild after one file changed, pushed",
            contest.theirs(push=True, change=True), contest.ours(push=True, change=True), 5, 0.4,
        ),
        ("rebuild of nothing, pushed", contest.theirs(push=True), contest.ours(push=True), 5, 0.35),
    )  # fmt: skip
    for what, theirs, ours, runs, target in rounds:
        upstream, skiff = medians(theirs, ours, runs=runs, warm_up=0 if what.startswith("cold") else 1)
        yield Figure(what, upstream, skiff, target)


def make_base(contest: Contest) -> str:
    """Make one base for both: the running interpreter, and pip in it, as official Python images have."""
    plain, base = f"{contest.registry}/bench/plain:1", f"{contest.registry}/bench/base:1"
    archive = contest.folder / "base.tar"
    environment = {**os.environ, **contest.docker.environment, "KFP_HOME": str(contest.folder / "scratch-home")}

    def run(*command: str, **changed: str) -> None:
        subprocess.run(command, check=True, env={**environment, **changed}, stdout=subprocess.DEVNULL)

    run(contest.skiff.kfp, "image", "bootstrap", plain)
    run(contest.skiff.kfp, "image", "save", plain, "-o", str(archive), "--format", "docker")
    run("docker", "load", "-q", "-i", str(archive))
    trust = "ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt"  # pip trusts a list of its own
    dockerfile = f"FROM {plain}\n{trust}\nRUN python3 -m ensurepip && ln -sf pip3 /usr/local/bin/pip\n"
    subprocess.run(
        ["docker", "build", "-q", "--network", "host", "-t", base, "-"],
        input=dockerfile.encode(), env={**environment, "DOCKER_BUILDKIT": "0"}, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    run("docker", "push", "-q", base)
    run("docker", "save", base, "-o", str(archive))
    run(contest.skiff.kfp, "image", "load", str(archive), KFP_HOME=str(contest.folder / "base-home"))
    return base
