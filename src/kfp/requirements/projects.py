"""Python projects in directories of this machine, made into wheels; each again only when it changed."""

from __future__ import annotations

import hashlib
import json
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from kfp.errors import RequirementsError
from kfp.filelock import locked
from kfp.requirements.files import write_text
from kfp.requirements.indexes import Indexes
from kfp.requirements.locked import LockedPackage
from kfp.requirements.names import canonical_name
from kfp.requirements.trees import Tree

_FORMAT = "1"


@dataclass(frozen=True)
class ProjectWheel:
    """The wheel of a project.

    Args:
        name: canonical project name.
        version: the project's version.
        wheel: absolute path of the wheel.
        digest: `sha256:<hex>` of the wheel, the same whenever and wherever the same files were put into it.
        metadata: digest of what decides about dependencies.
    """

    name: str
    version: str
    wheel: str
    digest: str
    metadata: str

    @property
    def locked(self) -> LockedPackage:
        """The project as a package of a lock."""
        return LockedPackage(self.name, self.version, Path(self.wheel).as_uri(), (self.digest,), local=True)


def is_project(directory: Path) -> bool:
    """Says whether a directory holds what wheels are built of."""
    return any((directory / name).is_file() for name in ("pyproject.toml", "setup.py"))


def build_wheel(project: Path, into: Path, *, indexes: Indexes | None = None, clean: bool = False) -> Path:
    """Builds the wheel of a project.

    Args:
        project: a directory with pyproject.toml or setup.py.
        into: an existing directory for the wheel.
        indexes: where the project's build backend is downloaded from.
        clean: build it from the project's source distribution, as a release is built; what former builds left in the
            directory then cannot get into the wheel.

    Returns:
        The wheel's path.

    Raises:
        RequirementsError: the directory holds no project, or its backend fails.
    """
    if not is_project(project):
        raise RequirementsError(f"{project} is no Python project: it has neither pyproject.toml nor setup.py")
    from kfp.requirements import uv  # noqa: PLC0415 (start-up: what did not change is not built)

    what = f"cannot build a wheel of {project}"
    options = [] if clean else ["--wheel"]
    uv.run(
        ["build", *options, "--python", sys.executable, "--out-dir", str(into), str(project)],
        what=what,
        environ=(indexes or Indexes()).environ(),
        directory=project,
    )
    wheels = sorted(into.glob("*.whl"))
    if not wheels:
        raise RequirementsError(f"{what}: its backend made none")
    return wheels[-1]


def project_wheel(project: Path, *, cache: Path, indexes: Indexes) -> ProjectWheel:
    """Gives the wheel of a project, from the cache where nothing in its directory changed since it was built.

    Args:
        project: a directory with pyproject.toml or setup.py.
        cache: a directory of this function's own.
        indexes: where the project's build backend is downloaded from.

    Raises:
        RequirementsError: the directory holds no project, its backend fails, or its wheel is for one platform only.
    """
    root = project.resolve()
    if not is_project(root):
        raise RequirementsError(
            f"{project} is no Python project: it has neither pyproject.toml nor setup.py",
            hint="a requirement that is a path names a project's directory, a wheel or a source distribution",
        )
    tree = Tree(root)
    seen = cache / "seen" / f"{tree.state}.json"
    known = _read(seen)
    if known is not None:
        return known
    digest = hashlib.sha256(f"{_FORMAT}\0{root}\0{tree.digest()}".encode()).hexdigest()
    place = cache / digest[:32]
    record = place / "wheel.json"
    place.mkdir(parents=True, exist_ok=True)
    with locked(cache / f"{place.name}.lock"):
        built = _read(record) or _build(root, place, indexes)
        write_text(record, json.dumps(asdict(built)))
    if tree.settled and Tree(root).state == tree.state:
        seen.parent.mkdir(exist_ok=True)
        write_text(seen, json.dumps(asdict(built)))
    return built


def _build(root: Path, place: Path, indexes: Indexes) -> ProjectWheel:
    import tempfile  # noqa: PLC0415 (start-up: as above)

    from kfp.requirements.tags import is_pure  # noqa: PLC0415 (as above)
    from kfp.requirements.wheel_files import metadata_digest, repack  # noqa: PLC0415 (as above)

    with tempfile.TemporaryDirectory(prefix="kfp-project-") as directory:
        made = build_wheel(root, Path(directory), indexes=indexes, clean=True)
        name, version, *_ = made.name.split("-")
        if not is_pure(made.name):
            raise RequirementsError(
                f"the project {root} has code for one platform only, that of this machine: its wheel is {made.name}",
                hint="build wheels for the image's platform elsewhere, and name their directory with --find-links",
            )
        wheel = place / made.name
        digest = repack(made, wheel)
    return ProjectWheel(canonical_name(name), version, str(wheel), f"sha256:{digest}", metadata_digest(wheel))


def _read(path: Path) -> ProjectWheel | None:
    """Reads what was built before, if its wheel is still there."""
    with suppress(OSError, ValueError, TypeError):
        found = ProjectWheel(**json.loads(path.read_text(encoding="utf-8")))
        if Path(found.wheel).is_file():
            return found
    return None
