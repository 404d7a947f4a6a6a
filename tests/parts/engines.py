"""Container engines as they start on a machine without a network bridge."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.parts.processes import missing, require, running

CONTAINERS_CONF = """\
[containers]
netns = "none"
cgroupns = "host"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""


@dataclass(frozen=True)
class ContainerEngine:
    """A container engine and the environment that makes its client find it."""

    program: str
    environment: Mapping[str, str] = field(default_factory=dict)

    def choose(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Make this the engine that Skiff, too, will use in this test."""
        for name, value in {**self.environment, "KFP_CONTAINER_ENGINE": self.program}.items():
            monkeypatch.setenv(name, value)

    def __call__(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the engine's client and return what it printed."""
        return subprocess.run(
            [self.program, *arguments],
            check=check, capture_output=True, text=True, timeout=240, env={**os.environ, **self.environment},
        )  # fmt: skip


def running_docker() -> ContainerEngine | None:
    """Return the Docker that already answers on this machine, if one does."""
    answer = subprocess.run(["docker", "version"], capture_output=True, check=False, timeout=120)
    return ContainerEngine("docker") if answer.returncode == 0 else None


@contextmanager
def own_dockerd(folder: Path) -> Iterator[ContainerEngine]:
    """Run a Docker daemon of our own, without iptables and without a bridge."""
    if os.geteuid() != 0:
        missing("no Docker daemon answers, and only root may start one")
    socket = folder / "docker.sock"
    engine = ContainerEngine("docker", {"DOCKER_HOST": f"unix://{socket}"})
    command = [
        require("dockerd", "docker.io"),
        "--iptables=false",
        "--bridge=none",
        f"--data-root={folder / 'data'}",
        f"--exec-root={folder / 'exec'}",
        f"--pidfile={folder / 'dockerd.pid'}",
        f"--host=unix://{socket}",
    ]
    with running(command, folder / "dockerd.log", lambda: engine("version", check=False).returncode == 0):
        yield engine
    # The daemon leaves the name of its network namespace mounted, and with it a folder that nobody can delete.
    subprocess.run(["umount", folder / "exec/netns/default"], check=False, capture_output=True)


def podman_settings(folder: Path) -> ContainerEngine:
    """Return podman with a storage of its own, runc, and no network."""
    conf = folder / "containers.conf"
    conf.write_text(CONTAINERS_CONF)
    storage = folder / "storage.conf"
    storage.write_text(
        f'[storage]\ndriver = "overlay"\ngraphroot = "{folder / "graph"}"\nrunroot = "{folder / "run"}"\n'
        '[storage.options.overlay]\nskip_mount_home = "true"\n'  # or a mount would outlive the tests
    )
    engine = ContainerEngine("podman", {"CONTAINERS_CONF": str(conf), "CONTAINERS_STORAGE_CONF": str(storage)})
    answer = engine("info", check=False)
    if answer.returncode != 0:
        missing(f"podman does not work here: {answer.stderr.strip()[-300:]}")
    return engine
