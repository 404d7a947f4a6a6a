from __future__ import annotations

import sys

import pytest

from kfp.errors import RequirementsError
from kfp.requirements import Libc, Target


@pytest.mark.parametrize(
    ("architecture", "libc", "platform"),
    [
        ("amd64", "glibc", "x86_64-manylinux_2_28"),
        ("amd64", "glibc-2.36", "x86_64-manylinux_2_36"),
        ("amd64", "glibc-2.30", "x86_64-manylinux_2_28"),
        ("arm64", "glibc-2.17", "aarch64-manylinux_2_17"),
        ("arm64", "glibc-2.99", "aarch64-manylinux_2_40"),
        ("amd64", "musl-1.2", "x86_64-unknown-linux-musl"),
        ("riscv64", "glibc", "riscv64-unknown-linux"),
    ],
)
def test_uv_platform(architecture: str, libc: str, platform: str) -> None:
    """The C library of the base, musl or a version of glibc, decides which wheels fit."""
    assert Target("3.11", "linux", architecture, Libc.parse(libc)).uv_platform == platform


@pytest.mark.parametrize("target", [Target("3.11", "windows"), Target("3.11", "linux", "s390x")])
def test_a_platform_that_uv_does_not_know(target: Target) -> None:
    with pytest.raises(RequirementsError, match=f"{target.os}/{target.architecture}"):
        _ = target.uv_platform


def test_a_c_library_that_is_too_old() -> None:
    with pytest.raises(RequirementsError, match=r"glibc-2\.12"):
        _ = Target("3.11", libc=Libc("glibc", (2, 12))).uv_platform


@pytest.mark.parametrize("text", ["", "uclibc-1", "glibc-x"])
def test_a_malformed_c_library(text: str) -> None:
    with pytest.raises(RequirementsError):
        Libc.parse(text)


def test_texts_round_trip() -> None:
    assert str(Libc.parse("glibc-2.36")) == "glibc-2.36"
    assert str(Target("3.11", libc=Libc.parse("musl-1.2"))) == "Python 3.11 on linux/amd64 (musl-1.2)"


def test_the_host() -> None:
    target = Target.host()
    assert target.python_version == f"{sys.version_info.major}.{sys.version_info.minor}"
    assert target.libc == Libc.host()
