"""The files that a build leaves beside the components: metadata to load them from, and their configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.build.dockerfile import docker_files
from kfp.build.files import check_writable, write_atomically
from kfp.build.generated import is_generated
from kfp.build.metadata import metadata
from kfp.build.own_layers import config_text
from kfp.build.source import CONFIG_FILE, METADATA_FOLDER, RUNTIME_FOLDER
from kfp.errors import BuildError
from kfp.home import kfp_home

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kfp.build.planning import Plan
    from kfp.images.reference import Reference


def component_files(plan: Plan, digests: Mapping[Reference, str] | None = None) -> dict[str, bytes]:
    """Writes the metadata of every component and the configuration.

    Args:
        plan: of the directory.
        digests: of the target images, where the metadata shall pin them: name, tag and digest, which Kubernetes and
            all runtimes under it take, the digest deciding.

    Returns:
        Path relative to the component directory → contents.

    Raises:
        AuthoringError: a component cannot be compiled.
    """
    cache = kfp_home() / "cache" / "metadata"
    pinned = {target: target.with_digest(digest) for target, digest in (digests or {}).items()}
    files = {
        f"{METADATA_FOLDER}/{planned.function_name}.yaml": metadata(planned.component, cache, pinned.get(image.target))
        for image in plan.images
        for planned in image.components
    }
    return {**files, CONFIG_FILE: config_text(plan.components).encode()}


def write_docker_files(plan: Plan, *, overwrite: bool = False, kfp_package: str | None = None) -> tuple[Path, ...]:
    """Writes all that `docker build` needs, and the components' files, instead of building an image.

    Args:
        plan: of a directory with a single target image.
        overwrite: replace a Dockerfile that is there.
        kfp_package: a wheel, a project's directory, or a requirement: what pip installs instead of the runtime.

    Returns:
        The files that changed.

    Raises:
        BuildError: the plan has several images, or the directory cannot be written.
        RequirementsError: the project at `kfp_package` cannot be built.
        AuthoringError: a component cannot be compiled.
    """
    if len(plan.images) > 1:
        names = ", ".join(image.target.familiar for image in plan.images)
        raise BuildError(
            f"a Dockerfile makes one image, and the components want {len(plan.images)}: {names}",
            hint="leave out --no-build-image, or choose components of one image with --component-filepattern",
        )
    check_writable(plan.directory / METADATA_FOLDER)
    package = None
    if kfp_package:
        from kfp.build.kfp_package import read_kfp_package  # noqa: PLC0415 (start-up: hardly any build has one)

        package = read_kfp_package(kfp_package)
    files = {
        path: data
        for path, data in docker_files(plan.images[0], package=package).items()
        if not _is_users(plan.directory / path) or (overwrite and path == "Dockerfile")
    }
    written = write_files(plan.directory, {**component_files(plan), **files})
    _remove_former_runtime(plan.directory, files)
    return written


def write_context(plan: Plan, dockerfile: str) -> tuple[Path, ...]:
    """Writes what a user's own Dockerfile may copy, and the components' files.

    Args:
        plan: of a directory with a single target image.
        dockerfile: its text; the runtime is written only where it names its folder.

    Returns:
        The files that changed.

    Raises:
        BuildError: the directory cannot be written.
        AuthoringError: a component cannot be compiled.
    """
    files = {
        path: data
        for path, data in docker_files(plan.images[0]).items()
        if not (path == "Dockerfile" or _is_users(plan.directory / path))
        and (RUNTIME_FOLDER in dockerfile or not path.startswith(f"{RUNTIME_FOLDER}/"))
    }
    return write_files(plan.directory, {**component_files(plan), **files})


def _is_users(path: Path) -> bool:
    """Tells what stays as it is: a Dockerfile, and a .dockerignore that somebody wrote or edited."""
    if path.name == ".dockerignore":
        return path.is_file() and not is_generated(path.read_bytes())
    return path.name == "Dockerfile" and path.exists()


def _remove_former_runtime(directory: Path, files: Mapping[str, bytes]) -> None:
    """Deletes what the runtime of another version had and this one has not."""
    for path in (directory / RUNTIME_FOLDER).rglob("*"):
        if path.is_file() and path.relative_to(directory).as_posix() not in files:
            path.unlink(missing_ok=True)


def write_files(directory: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Writes files below a directory, each in one step.

    Returns:
        The files that changed.

    Raises:
        BuildError: one cannot be written.
    """
    changed = []
    for name, data in files.items():
        path = directory / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if write_atomically(path, data):
                changed.append(path)
        except OSError as error:
            raise BuildError(f"{path} cannot be written: {error.strerror or error}") from error
    return tuple(changed)
