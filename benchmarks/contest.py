"""The same component directory twice, one for each contestant, on the same base and registry."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Command
from oracle.environments import Python
from tests.parts.engines import ContainerEngine

COMPONENT = """\
from kfp import dsl
from {helper} import add_numbers

@dsl.component(base_image={base!r}, target_image={target!r}, packages_to_install={packages!r})
def add(a: int, b: int) -> int:
    return add_numbers(a, b)
"""
BUILD = ("component", "build", "src/", "--component-filepattern", "my_component.py")
MEMORY = """\
import atexit, json, re, resource, sys
def tell():
    # Not what getrusage says of this process: it counts the parent's memory from before exec as well
    own = int(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read()).group(1))
    json.dump([own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss], open(note, "w"))
note = sys.argv.pop(1)
atexit.register(tell)
from kfp.cli import main
main()
"""
CHANGES = itertools.count()


@dataclass(frozen=True)
class PackageSet:
    """What components want installed.

    Args:
        name: of the set.
        packages: requirements that stay.
        changing: a small package of which another version is wanted now and then.
        versions: versions of it.
    """

    name: str
    packages: tuple[str, ...]
    changing: str
    versions: tuple[str, ...]

    def requirements(self, version: int = 0) -> list[str]:
        """Return all requirements, with one of the versions."""
        return [*self.packages, f"{self.changing}=={self.versions[version]}"]


@dataclass(frozen=True)
class Contest:
    """Two contestants in a folder of their own.

    Args:
        upstream: upstream's `kfp`.
        skiff: ours.
        folder: for everything.
        docker: what upstream's Dockerfile is built with.
        registry: host and port of the registry.
        base: name of the base image, which both have.
        wanted: what is installed.
    """

    upstream: Python
    skiff: Python
    folder: Path
    docker: ContainerEngine
    registry: str
    base: str
    wanted: PackageSet

    def target(self, name: str) -> str:
        """Return the image name that a contestant builds."""
        return f"{self.registry}/bench/{self.wanted.name}-{name}:v1"

    def write(self, name: str, version: int = 0) -> None:
        """Write a contestant's component directory, with one of the versions of what changes."""
        source = self.folder / name / "src"
        source.mkdir(parents=True, exist_ok=True)
        helper = "helper" if name == "upstream" else ".helper"  # upstream knows no relative import
        packages = self.wanted.requirements(version)
        text = COMPONENT.format(helper=helper, base=self.base, target=self.target(name), packages=packages)
        (source / "my_component.py").write_text(text, encoding="utf-8")
        if not (source / "helper.py").exists():
            self.change(name)

    def change(self, name: str) -> None:
        """Change one source file of a contestant's directory."""
        text = f"CHANGE = {next(CHANGES)}\n\n\ndef add_numbers(a, b):\n    return a + b\n"
        (self.folder / name / "src/helper.py").write_text(text, encoding="utf-8")

    def forget(self, *, wheels: bool) -> None:
        """Leave Skiff with nothing at all, the base included; or with the wheels in uv's cache."""
        shutil.rmtree(self.folder / "home", ignore_errors=True)
        if wheels:
            shutil.rmtree(self.folder / "uv-cache", ignore_errors=True)

    def docker_build(self, *options: str) -> Command:
        """Return upstream's way to an image: let `kfp` write the Dockerfile, build it with Docker."""
        steps = [
            f"{self.upstream.kfp} {' '.join(BUILD)} --no-build-image",
            f"docker build -q --network host {' '.join(options)} -t {self.target('upstream')} src/",
        ]
        return self._theirs(" && ".join(steps))

    def docker_push(self) -> Command:
        """Return upstream's way to the registry."""
        return self._theirs(f"docker push -q {self.target('upstream')}")

    def docker_build_and_push(self) -> Command:
        """Return both."""
        return self._theirs(f"{self.docker_build().arguments[-1]} && {self.docker_push().arguments[-1]}")

    def build(self) -> Command:
        """Return Skiff's way to an image."""
        return self._ours(self.skiff.kfp, *BUILD, "--no-push-image")

    def build_and_push(self) -> Command:
        """Return Skiff's way to the registry; where the image is built already, all that is left is the push."""
        return self._ours(self.skiff.kfp, *BUILD, "--push-image")

    def memory(self) -> tuple[float, float]:
        """Build and push once more, and return the most megabytes that the command held, and any uv that it started."""
        note = self.folder / "memory.json"
        self._ours(str(self.skiff.python), "-c", MEMORY, str(note), *BUILD, "--push-image").seconds()
        own, children = (kilobytes / 1024 for kilobytes in json.loads(note.read_text(encoding="utf-8")))
        return own, children

    def _theirs(self, script: str) -> Command:
        environment = {**self.docker.environment, "DOCKER_BUILDKIT": "0"}
        return Command(["sh", "-ec", script], self.folder / "upstream", environment)

    def _ours(self, *arguments: str) -> Command:
        environment = {"KFP_HOME": str(self.folder / "home"), "UV_CACHE_DIR": str(self.folder / "uv-cache")}
        return Command(arguments, self.folder / "skiff", environment)


def make_base(skiff: Python, docker: ContainerEngine, registry: str, folder: Path) -> str:
    """Make one base for both: the running interpreter, and pip in it, as official Python images have.

    The registry has it, and so has Docker.
    """
    plain, base = f"{registry}/bench/plain:1", f"{registry}/bench/base:1"
    archive = folder / "base.tar"
    environment = {**os.environ, **docker.environment, "KFP_HOME": str(folder / "scratch-home")}

    def run(*command: str) -> None:
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)

    run(skiff.kfp, "image", "bootstrap", plain)
    run(skiff.kfp, "image", "save", plain, "-o", str(archive), "--format", "docker")
    run("docker", "load", "-q", "-i", str(archive))
    trust = "ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt"  # pip trusts a list of its own
    dockerfile = f"FROM {plain}\n{trust}\nRUN python3 -m ensurepip && ln -sf pip3 /usr/local/bin/pip\n"
    subprocess.run(
        ["docker", "build", "-q", "--network", "host", "-t", base, "-"],
        input=dockerfile.encode(), env={**environment, "DOCKER_BUILDKIT": "0"}, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    run("docker", "push", "-q", base)
    return base
