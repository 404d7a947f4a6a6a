"""The files for those who build the image with Docker: Dockerfile, .dockerignore, requirements, and the runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp import bundle
from kfp.build.generated import TITLE, is_generated, signed
from kfp.build.layout import COMPONENTS, RUNTIME
from kfp.build.left_out import SECRETS, USELESS
from kfp.build.source import METADATA_FOLDER, REQUIREMENTS_FILE, RUNTIME_FOLDER
from kfp.requirements.local import project_of

if TYPE_CHECKING:
    from pathlib import Path

    from kfp.build.grouping import ImagePlan
    from kfp.build.kfp_package import KfpPackage

_DOCKERFILE = """\
FROM {base}

WORKDIR /{components}
{packages}
{runtime}
COPY . .
{declared}
"""
_PACKAGES = """\
COPY {file} {file}
RUN pip install --no-cache-dir {options}-r {file}
"""
_DECLARED = {
    "requirements.txt": "RUN pip install --no-cache-dir {options}-r requirements.txt",
    "pyproject.toml": "RUN pip install --no-cache-dir uv && uv pip install --system {options}-r pyproject.toml",
    "pylock.toml": "RUN pip install --no-cache-dir uv && uv pip install --system -r pylock.toml",
    "uv.lock": "RUN pip install --no-cache-dir uv && uv export --locked --no-default-groups --quiet "
    "--output-file pylock.uv.toml && uv pip install --system -r pylock.uv.toml",
}
"""By the name of the file that the directory declares its packages in; it is there once the directory is copied."""
_RUNTIME = """\
COPY {folder} /{runtime}
ENV PYTHONPATH=/{runtime}${{PYTHONPATH:+:$PYTHONPATH}} PYTHONSAFEPATH=1
"""


def users_own(directory: Path) -> Path | None:
    """Finds the Dockerfile that somebody wrote or edited, as opposed to one that a build left, here or upstream's."""
    dockerfile = directory / "Dockerfile"
    try:
        data = dockerfile.read_bytes()
    except OSError:
        return None
    return None if is_generated(data) else dockerfile


def docker_files(image: ImagePlan, *, package: KfpPackage | None = None) -> dict[str, bytes]:
    """Writes what `docker build` needs to make the image that Skiff would build itself.

    Args:
        image: what to build.
        package: what pip installs as kfp instead of the runtime.

    Returns:
        Path relative to the component directory → contents. The runtime's files are among them unless `package` takes
        its place, so that neither the build nor a step needs a network for it.
    """
    # The indexes of a requirements.txt stay in it: its variables, which may hold secrets, are written out nowhere.
    urls = [url for url in image.indexes.urls if url not in image.declared.indexes.urls]
    hosts = [host for host in image.indexes.trusted_hosts if host not in image.declared.indexes.trusted_hosts]
    options = "".join(
        f"{'--extra-index-url' if position else '--index-url'} {url} " for position, url in enumerate(urls)
    ) + "".join(f"--trusted-host {host} " for host in hosts)
    packages = _PACKAGES.format(file=REQUIREMENTS_FILE, options=options) if image.requirements else ""
    if any(project_of(each.line) for each in image.wanted):  # such a path is there once the directory is copied
        packages, late = "", packages
    else:
        late = ""
    declared = _DECLARED[image.declared.file.name].format(options=options) if image.declared.file else ""
    runtime = package.instructions if package else _RUNTIME.format(folder=RUNTIME_FOLDER, runtime=RUNTIME)
    dockerfile = _DOCKERFILE.format(
        base=image.base.familiar,
        components=COMPONENTS,
        packages=packages,
        runtime=runtime,
        declared=late + declared,
    )
    files = {
        "Dockerfile": signed("\n" + dockerfile.replace("\n\n\n", "\n\n").rstrip("\n") + "\n"),
        ".dockerignore": signed("\n".join(("", f"{METADATA_FOLDER}/", *USELESS, *SECRETS, ""))),
        REQUIREMENTS_FILE: "".join(f"{line}\n" for line in (f"{TITLE}.", *image.requirements)).encode(),
    }
    if package:
        return {**files, **package.files}
    return {**files, **{f"{RUNTIME_FOLDER}/{path}": data for path, data in bundle.image_files().items()}}
