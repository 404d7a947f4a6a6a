"""What this machine has for steps, as far as this process may use it: processors, memory, accelerators."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.engine.scheduling.resources import UNBOUNDED, Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NO_DEVICES = ("", "none", "void", "NoDevFiles")
_QUOTA = 2  # numbers of cpu.max: microseconds of processor time, and in how many


def machine(root: Path = Path("/"), environment: Mapping[str, str] | None = None) -> Request:
    """Return what there is.

    Processors are those of this process's affinity, or what its control groups allow; memory is the machine's, or what
    they allow (Linux, versions 1 and 2). What the system does not tell counts as enough. Accelerators are NVIDIA's that
    CUDA_VISIBLE_DEVICES or NVIDIA_VISIBLE_DEVICES name, else those in /dev.

    Args:
        root: where the file systems `proc`, `sys` and `dev` are.
        environment: variables; None is this process's.
    """
    variables = os.environ if environment is None else environment
    return Request(processors(root), _memory(root), _accelerators(root, variables))


def processors(root: Path = Path("/")) -> int:
    """Return the processors alone, in thousandths."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    allowed = [count * 1000]
    for group in _groups(root, "cpu"):
        quota = _numbers(group / "cpu.max") or _numbers(group / "cpu.cfs_quota_us", group / "cpu.cfs_period_us")
        if len(quota) == _QUOTA and min(quota) > 0:
            allowed.append(max(1, quota[0] * 1000 // quota[1]))
    return min(allowed)


def _memory(root: Path) -> int:
    names = ("SC_PHYS_PAGES", "SC_PAGE_SIZE")
    known = [os.sysconf(name) for name in names if name in getattr(os, "sysconf_names", {})]
    allowed = [known[0] * known[1] if len(known) == len(names) and min(known) > 0 else UNBOUNDED.memory]
    for group in _groups(root, "memory"):
        allowed += _numbers(group / "memory.max") or _numbers(group / "memory.limit_in_bytes")
    return min(allowed)


def _accelerators(root: Path, variables: Mapping[str, str]) -> int:
    for name in ("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"):
        value = variables.get(name, "all").strip()
        if value == "all":
            continue
        if value in _NO_DEVICES:
            return 0
        named = [each.strip() for each in value.split(",")]
        end = next((place for place, each in enumerate(named) if not each or each.startswith("-")), len(named))
        return len(set(named[:end]))  # CUDA takes those before the first that is none
    return sum(each.name[len("nvidia") :].isdigit() for each in (root / "dev").glob("nvidia*"))


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """Yield the directories of this process's control groups, and of those that they are in."""
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return
    for line in lines:
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers and controller not in controllers.split(","):
            continue
        mount = root / "sys/fs/cgroup" / (controller if controllers else "")
        inner = mount / path.strip("/")
        yield inner
        yield from (outer for outer in inner.parents if outer.is_relative_to(mount))


def _numbers(*files: Path) -> list[int]:
    """Return the numbers in files: none where one is not there, or says `max`."""
    try:
        return [int(text) for file in files for text in file.read_text(encoding="ascii").split()]
    except (OSError, ValueError):
        return []
