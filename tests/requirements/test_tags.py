from __future__ import annotations

import pytest

from kfp.requirements import Libc, Target
from kfp.requirements.tags import is_pure, markers, rank

GLIBC = Target("3.11", "linux", "amd64", Libc("glibc", (2, 36)))
MUSL = Target("3.11", "linux", "arm64", Libc("musl"))


@pytest.mark.parametrize(
    ("target", "best_first", "none"),
    [
        (
            GLIBC,
            [
                "x-1-cp311-cp311-manylinux_2_35_x86_64.whl",
                "x-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
                "x-1-cp311-cp311-manylinux1_x86_64.whl",
                "x-1-cp311-cp311-linux_x86_64.whl",
                "x-1-cp311-abi3-manylinux2014_x86_64.whl",
                "x-1-cp37-abi3-manylinux2010_x86_64.whl",
                "x-1-py3-none-manylinux2014_x86_64.whl",
                "x-1-2-py3-none-any.whl",
                "x-1-1-py2.py3-none-any.whl",
            ],
            [
                "x-1-cp311-cp311-manylinux_2_39_x86_64.whl",
                "x-1-cp311-cp311-manylinux2014_aarch64.whl",
                "x-1-cp311-cp311-musllinux_1_1_x86_64.whl",
                "x-1-cp312-cp312-manylinux2014_x86_64.whl",
                "x-1-cp311-cp311-macosx_11_0_x86_64.whl",
                "x-1-py2-none-any.whl",
                "no-wheel.whl",
            ],
        ),
        (
            MUSL,
            ["x-1-cp311-cp311-musllinux_1_2_aarch64.whl", "x-1-cp311-cp311-musllinux_1_1_aarch64.whl"],
            ["x-1-cp311-cp311-manylinux2014_aarch64.whl", "x-1-cp311-cp311-musllinux_1_1_x86_64.whl"],
        ),
    ],
    ids=["glibc", "musl"],
)
def test_wheels_are_ranked_for_the_target(target: Target, best_first: list[str], none: list[str]) -> None:
    ranks = [rank(name, target) for name in best_first]
    assert None not in ranks
    assert ranks == sorted(ranks, key=lambda each: each or (0, 0))
    assert [name for name in none if rank(name, target) is not None] == []


@pytest.mark.parametrize(
    ("wheel", "pure"),
    [
        ("x-1-py3-none-any.whl", True),
        ("x-1-py2.py3-none-any.whl", True),
        ("x-1-py3-none-manylinux2014_x86_64.whl", False),
        ("x-1-cp311-cp311-linux_x86_64.whl", False),
        ("x-1-cp311-abi3-any.whl", False),
        ("nothing", False),
    ],
)
def test_is_pure(wheel: str, pure: bool) -> None:
    assert is_pure(wheel) is pure


def test_markers_are_the_targets() -> None:
    """Those of this machine would choose other packages."""
    found = markers(Target("3.9", "linux", "arm64"))
    assert (found["python_version"], found["python_full_version"]) == ("3.9", "3.9.0")
    assert (found["platform_machine"], found["sys_platform"], found["os_name"]) == ("aarch64", "linux", "posix")
