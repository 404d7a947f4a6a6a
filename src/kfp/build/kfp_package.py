"""`--kfp-package-path`: the kfp that a Dockerfile installs with pip, in place of the runtime of this version."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path

from kfp.errors import BuildError


@dataclass(frozen=True)
class KfpPackage:
    """What pip installs as kfp.

    Args:
        requirement: its argument: a requirement, or a file's name in the component directory.
        files: file name → contents of what has to lie in the component directory for that.
    """

    requirement: str
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def instructions(self) -> str:
        """The lines of the Dockerfile."""
        copy = "".join(f"COPY {name} {name}\n" for name in sorted(self.files))
        return f"{copy}RUN pip install --no-cache-dir {shlex.quote(self.requirement)}\n"


def read_kfp_package(path: str) -> KfpPackage:
    """Reads what the user named: a wheel, a directory with a Python project, or a requirement for pip.

    Raises:
        BuildError: a directory cannot be made into a wheel, or a wheel cannot be read.
    """
    place = Path(path)
    try:
        if place.is_dir():
            return _built(place)
        if place.is_file():
            return KfpPackage(f"./{place.name}", {place.name: place.read_bytes()})
    except OSError as error:
        raise BuildError(f"{path} cannot be read: {error.strerror or error}") from error
    return KfpPackage(path)


def _built(project: Path) -> KfpPackage:
    import tempfile  # noqa: PLC0415 (start-up: hardly any build does this)

    from kfp.requirements import build_wheel  # noqa: PLC0415 (as above)

    with tempfile.TemporaryDirectory(prefix="kfp-package-") as directory:
        wheel = build_wheel(project, Path(directory))
        return KfpPackage(f"./{wheel.name}", {wheel.name: wheel.read_bytes()})
