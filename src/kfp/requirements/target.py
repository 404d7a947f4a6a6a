"""The machine that packages are meant for: a Python version, an operating system, an architecture, a C library."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from kfp.errors import RequirementsError

_UV_ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64", "riscv64": "riscv64"}
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64", "riscv64": "riscv64"}
_MANYLINUX = ((2, 17), (2, 28), *((2, minor) for minor in range(31, 41)))
_DEFAULT_GLIBC = (2, 28)
_VERSION = re.compile(r"(\d+)\.(\d+)")


@dataclass(frozen=True)
class Libc:
    """A C library.

    Args:
        family: `glibc` or `musl`.
        version: (major, minor); None means a version that any image of the last years has.
    """

    family: str
    version: tuple[int, int] | None = None

    @classmethod
    def parse(cls, text: str) -> Libc:
        """Reads `glibc-2.36`, `musl-1.2`, `glibc` or `musl`.

        Raises:
            RequirementsError: the text has another form.
        """
        family, _, version = text.partition("-")
        found = _VERSION.match(version)
        if family not in {"glibc", "musl"} or (version and not found):
            raise RequirementsError(f"{text!r} is not a C library such as glibc-2.36 or musl-1.2")
        return cls(family, (int(found.group(1)), int(found.group(2))) if found else None)

    @classmethod
    def host(cls) -> Libc:
        """Gives the C library that this process runs on."""
        import platform  # noqa: PLC0415 (start-up: most targets are not this machine)

        family, version = platform.libc_ver()
        found = _VERSION.match(version)
        if family == "glibc" and found:
            return cls("glibc", (int(found.group(1)), int(found.group(2))))
        return cls("glibc" if family == "glibc" else "musl")

    def __str__(self) -> str:
        return self.family if self.version is None else f"{self.family}-{self.version[0]}.{self.version[1]}"


@dataclass(frozen=True)
class Target:
    """Where packages will be installed.

    Args:
        python_version: major and minor, such as `3.11`.
        os: `linux`, as the OCI image configuration spells it.
        architecture: `amd64`, `arm64` or `riscv64`, as the OCI image configuration spells it.
        libc: the image's C library.
    """

    python_version: str
    os: str = "linux"
    architecture: str = "amd64"
    libc: Libc = Libc("glibc")

    @classmethod
    def host(cls) -> Target:
        """Gives the target that this interpreter is."""
        import platform  # noqa: PLC0415 (as above)

        machine = platform.machine().lower()
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return cls(version, sys.platform, _MACHINES.get(machine, machine), Libc.host())

    @property
    def uv_platform(self) -> str:
        """The value of uv's `--python-platform`.

        Raises:
            RequirementsError: uv knows no such platform.
        """
        architecture = _UV_ARCHITECTURES.get(self.architecture)
        if self.os != "linux" or architecture is None:
            raise RequirementsError(
                f"packages cannot be chosen for the platform {self.os}/{self.architecture}",
                hint="use a base image for linux/amd64, linux/arm64 or linux/riscv64",
            )
        if architecture == "riscv64":
            return "riscv64-unknown-linux"
        if self.libc.family == "musl":
            return f"{architecture}-unknown-linux-musl"
        major, minor = self.manylinux
        return f"{architecture}-manylinux_{major}_{minor}"

    @property
    def manylinux(self) -> tuple[int, int]:
        """The newest of uv's manylinux platforms whose wheels run on the target's glibc.

        Raises:
            RequirementsError: the target's glibc is older than all of them.
        """
        ours = self.libc.version or _DEFAULT_GLIBC
        fitting = [version for version in _MANYLINUX if version <= ours]
        if not fitting:
            raise RequirementsError(
                f"the base image's {self.libc} is older than any that packages are published for (glibc-2.17)"
            )
        return fitting[-1]

    def __str__(self) -> str:
        return f"Python {self.python_version} on {self.os}/{self.architecture} ({self.libc})"
