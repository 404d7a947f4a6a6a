"""What runs containers here: docker, podman, and runc without a daemon."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.parts.engines import ContainerEngine

if TYPE_CHECKING:
    from kfp.engine.settings import RunSettings

NAMES = ("docker", "podman", "runc")


@dataclass(frozen=True)
class Runtime:
    """One way to run containers; the image of the fixture `base_image` runs in each.

    Attributes:
        name: docker, podman or runc.
        runner: the name that RunSettings has for it.
        engine: the client of docker or podman.
    """

    name: str
    runner: Any
    engine: ContainerEngine | None = None

    def settings(self, home: Path, **changes: Any) -> RunSettings:
        """Settings of a run whose containers have no network, which this machine could not give to all of them."""
        from kfp.engine.settings import RunSettings

        options = {"network_mode": "none", **changes.pop("container_options", {})}
        given = {"home": home, "pipeline_root": home / "root", "grace": 1.0, **changes}
        return RunSettings(runner=self.runner, container_options=options, **given)

    def left(self, home: Path, run_id: str) -> list[str]:
        """What is left of a run's containers: names with an engine, files, mounts and cgroups without."""
        beginning = f"kfp-{run_id[:8]}"
        if self.engine is not None:
            names = self.engine("ps", "--all", "--format", "{{.Names}}").stdout.split()
            return [name for name in names if name.startswith(beginning)]
        files = [str(each) for each in (home / "cache" / "containers").glob(f"*/{beginning}*")]
        groups = [str(each) for each in Path("/sys/fs/cgroup").glob(f"*/{beginning}*")]
        processes = subprocess.run(["pgrep", "-f", beginning], capture_output=True, text=True, check=False).stdout
        mounts = [line for line in Path("/proc/self/mounts").read_text().splitlines() if beginning in line]
        return [*files, *groups, *processes.split(), *mounts]


def runtime_of(name: str, get: Callable[[str], Any]) -> Runtime:
    """Return the runtime of a name.

    Args:
        name: docker, podman or runc.
        get: gives a fixture's value.
    """
    if name == "runc":
        return Runtime(name, "runc")
    return Runtime(name, "container", get(name))
