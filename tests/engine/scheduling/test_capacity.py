"""What this machine has, as the system tells it: files as Linux has them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from kfp.engine.scheduling.capacity import machine, processors
from kfp.engine.settings import RunSettings, default_parallelism
from kfp.errors import RunError

EVERYTHING = machine(Path("/nowhere"), {})
HERE = EVERYTHING.cpu


def write(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize(
    ("files", "cpu"),
    [
        ({}, HERE),
        ({"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "50000 100000\n"}, 500),
        ({"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/cpu.max": "25000 100000\n"}, 250),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"}, HERE),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "100000000 100000\n"}, HERE),
        (
            {
                "proc/self/cgroup": "4:cpu,cpuacct:/x\n3:memory:/x\n",
                "sys/fs/cgroup/cpu/x/cpu.cfs_quota_us": "75000\n",
                "sys/fs/cgroup/cpu/x/cpu.cfs_period_us": "100000\n",
            },
            750,
        ),
        (
            {
                "proc/self/cgroup": "4:cpu:/\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            },
            HERE,
        ),
        ({"proc/self/cgroup": "no such lines"}, HERE),
    ],
)
def test_processors(tmp_path: Path, files: dict[str, str], cpu: int) -> None:
    assert processors(write(tmp_path, files)) == cpu


@pytest.mark.parametrize(
    ("files", "memory"),
    [
        ({}, EVERYTHING.memory),
        ({"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "4096\n"}, 4096),
        ({"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "max\n"}, EVERYTHING.memory),
        ({"proc/self/cgroup": "3:memory:/x\n", "sys/fs/cgroup/memory/x/memory.limit_in_bytes": "8192\n"}, 8192),
        (
            {"proc/self/cgroup": "3:memory:/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"},
            EVERYTHING.memory,
        ),
    ],
)
def test_memory(tmp_path: Path, files: dict[str, str], memory: int) -> None:
    assert machine(write(tmp_path, files), {}).memory == memory


@pytest.mark.parametrize(
    ("environment", "devices", "count"),
    [
        ({}, [], 0),
        ({}, ["nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm"], 2),
        ({"CUDA_VISIBLE_DEVICES": "1"}, ["nvidia0", "nvidia1"], 1),
        ({"CUDA_VISIBLE_DEVICES": "0,1,-1,2"}, [], 2),
        ({"CUDA_VISIBLE_DEVICES": ""}, ["nvidia0"], 0),
        ({"CUDA_VISIBLE_DEVICES": "-1"}, ["nvidia0"], 0),
        ({"CUDA_VISIBLE_DEVICES": "GPU-1, GPU-2,GPU-1"}, [], 2),
        ({"NVIDIA_VISIBLE_DEVICES": "all"}, ["nvidia0"], 1),
        ({"NVIDIA_VISIBLE_DEVICES": "void"}, ["nvidia0"], 0),
        ({"NVIDIA_VISIBLE_DEVICES": "0,2", "CUDA_VISIBLE_DEVICES": "0"}, [], 1),
    ],
)
def test_accelerators(tmp_path: Path, environment: dict[str, str], devices: list[str], count: int) -> None:
    assert machine(write(tmp_path, {f"dev/{name}": "" for name in devices}), environment).accelerators == count


def test_this_machine() -> None:
    here = machine()
    assert 0 < here.cpu <= 1000 * (os.cpu_count() or 1)
    assert here.memory > 1 << 20


@pytest.mark.parametrize(("text", "steps"), [("5", 5), ("1", 1), ("", max(2, -(-machine().cpu // 1000)))])
def test_steps_at_a_time(monkeypatch: pytest.MonkeyPatch, text: str, steps: int) -> None:
    monkeypatch.setenv("KFP_PARALLELISM", text)
    assert RunSettings(home=Path()).parallelism == steps


@pytest.mark.parametrize("text", ["0", "-1", "many"])
def test_a_number_of_steps_that_is_none(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("KFP_PARALLELISM", text)
    with pytest.raises(RunError, match="KFP_PARALLELISM"):
        default_parallelism()
