"""`--kfp-package-path`: another kfp in the place of this version's runtime."""

from __future__ import annotations

import io
import shlex
import zipfile
from dataclasses import dataclass, field
from email.parser import HeaderParser
from pathlib import Path

from kfp.errors import BuildError

_WHEEL_LIMIT = 200_000_000
"""Bytes that a wheel may unpack to; upstream's has 2 million."""


@dataclass(frozen=True)
class KfpPackage:
    """What a Dockerfile has pip install as kfp.

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


@dataclass(frozen=True)
class Runtime:
    """What an image has as its kfp, on PYTHONPATH.

    Args:
        summary: name and version, for people.
        files: contents by path.
        requirements: what it wants installed besides.
    """

    summary: str
    files: dict[str, bytes]
    requirements: tuple[str, ...] = ()


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


def read_runtime(path: str) -> Runtime:
    """Reads a wheel, or makes one of a directory with a Python project, for an image that is built here.

    Raises:
        BuildError: it is neither, cannot be read, or holds no kfp.
        RequirementsError: the project cannot be built.
    """
    package = read_kfp_package(path)
    if not package.files:
        raise BuildError(
            f"--kfp-package-path {path}: there is no such directory or wheel",
            hint="download the wheel (`pip download --no-deps kfp==…`) and name it, or add --no-build-image to write a "
            "Dockerfile that installs a requirement",
        )
    ((name, data),) = package.files.items()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _unpacked(name, archive)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise BuildError(f"{path} is no wheel: {error}") from error


def _unpacked(name: str, archive: zipfile.ZipFile) -> Runtime:
    """Reads a pure wheel (packaging.python.org, binary distribution format), which is untrusted."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    if sum(member.file_size for member in members) > _WHEEL_LIMIT:
        raise BuildError(f"{name} unpacks to more than {_WHEEL_LIMIT} bytes")
    files = {member.filename: archive.read(member) for member in members if ".data/" not in member.filename}
    described = next((data for path, data in files.items() if path.endswith(".dist-info/METADATA")), None)
    if "kfp/__init__.py" not in files or described is None:
        raise BuildError(
            f"{name} holds no package called kfp", hint="--kfp-package-path takes a directory or wheel of kfp"
        )
    if not name.endswith("-none-any.whl"):
        raise BuildError(f"{name} is for one platform", hint="a kfp that goes into images is pure Python")
    metadata = HeaderParser().parsestr(described.decode("utf-8", "replace"))
    wanted = tuple(line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line.replace("'", '"'))
    return Runtime(f"{metadata['Name']} {metadata['Version']}", dict(sorted(files.items())), wanted)


def _built(project: Path) -> KfpPackage:
    import tempfile  # noqa: PLC0415 (start-up: hardly any build does this)

    from kfp.requirements import build_wheel  # noqa: PLC0415 (as above)

    with tempfile.TemporaryDirectory(prefix="kfp-package-") as directory:
        wheel = build_wheel(project, Path(directory))
        return KfpPackage(f"./{wheel.name}", {wheel.name: wheel.read_bytes()})
