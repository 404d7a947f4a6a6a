"""Which wheels fit a target: its compatibility tags, best first, and its environment markers."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kfp.requirements.target import Target

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64", "riscv64": "riscv64"}
_FORMER = {(2, 17): "manylinux2014", (2, 12): "manylinux2010", (2, 5): "manylinux1"}
_MUSL = 2
"""Minor version of the newest musllinux platform, which every musl of the last years can run."""


def markers(target: Target) -> dict[str, str]:
    """Gives the target's environment as markers see it (PyPA specification "Dependency specifiers").

    The patch version of its Python is taken to be 0, as uv takes it.
    """
    return {
        "implementation_name": "cpython",
        "implementation_version": f"{target.python_version}.0",
        "os_name": "posix",
        "platform_machine": _MACHINES.get(target.architecture, target.architecture),
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": f"{target.python_version}.0",
        "python_version": target.python_version,
        "sys_platform": "linux",
    }


@lru_cache(maxsize=16)
def ranks(target: Target) -> dict[Tag, int]:
    """Gives every tag that a target takes → its rank, the best the lowest (PyPA, "Platform compatibility tags")."""
    major, _, minor = target.python_version.partition(".")
    version = (int(major), int(minor))
    platforms = tuple(_platforms(target))
    tags = (
        *cpython_tags(version, platforms=platforms, abis=[f"cp{major}{minor}"]),
        *compatible_tags(version, f"cp{major}{minor}", platforms),
    )
    return {tag: rank for rank, tag in reversed(list(enumerate(tags)))}


def rank(filename: str, target: Target) -> tuple[int, int] | None:
    """Ranks a wheel for a target by its file name: lower is better, None does not fit."""
    known = ranks(target)
    try:
        _, _, build, tags = parse_wheel_filename(filename)
    except InvalidWheelFilename:
        return None
    fitting = [known[tag] for tag in tags if tag in known]
    return (min(fitting), -(build[0] if build else 0)) if fitting else None


def is_pure(filename: str) -> bool:
    """Says whether a wheel runs on every platform and with every Python 3."""
    try:
        _, _, _, tags = parse_wheel_filename(filename)
    except InvalidWheelFilename:
        return False
    return all(tag.platform == "any" and tag.abi == "none" for tag in tags)


def _platforms(target: Target) -> Iterator[str]:
    machine = _MACHINES.get(target.architecture, target.architecture)
    if target.libc.family == "musl":
        yield from (f"musllinux_1_{number}_{machine}" for number in range(_MUSL, -1, -1))
    else:
        major, minor = target.manylinux
        oldest = 5 if machine == "x86_64" else 17
        for number in range(minor, oldest - 1, -1):
            yield f"manylinux_{major}_{number}_{machine}"
            if (major, number) in _FORMER:
                yield f"{_FORMER[major, number]}_{machine}"
    yield f"linux_{machine}"
