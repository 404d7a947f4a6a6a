"""What of a base image decides about the packages on top of it: Python, its directories, the C library.

Most bases tell it in their configuration, which is read without a layer. For others the headers of the layers are
scanned once.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from kfp.build.files import write_atomically
from kfp.build.layout import LIBC_LABEL, SITE_PACKAGES_LABEL
from kfp.errors import BuildError
from kfp.requirements import Layout, Libc, Target

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kfp.images.distribution.auth import Keychain
    from kfp.images.image import Image
    from kfp.images.platform import Platform
    from kfp.images.reference import Reference
    from kfp.images.store import Store

_VERSION = re.compile(r"3\.\d+")
_OFFICIAL_BIN = "/usr/local/bin"
_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class BasePython:
    """The Python of an image.

    Args:
        version: major and minor, such as `3.11`.
        site_packages: where packages go, relative to the root.
        prefix: where scripts' `bin` is, relative to the root.
        interpreter: absolute path of the program.
        libc: the C library, such as `glibc-2.36`; without a version where that is not known.
    """

    version: str
    site_packages: str
    prefix: str
    interpreter: str
    libc: str

    @property
    def layout(self) -> Layout:
        """Where packages are placed."""
        return Layout(self.site_packages, self.prefix, self.interpreter)

    def target(self, platform: Platform) -> Target:
        """Gives what packages for an image of that platform must fit."""
        return Target(self.version, platform.os, platform.architecture, Libc.parse(self.libc))


@dataclass(frozen=True)
class Base:
    """A base image: its name, manifest and configuration, and a way to its layers where they are needed after all."""

    reference: Reference
    image: Image
    fetching: Callable[[], Image]

    def python(self, cache: Path) -> BasePython:
        """Finds the Python of the image.

        Args:
            cache: a directory for what a scan of the layers found.

        Raises:
            BuildError: the image has no Python that can be found.
            ImageError: a layer cannot be read.
        """
        return stated_python(self.image) or _remembered(self.image, cache) or _scanned(self, cache)


def find_base(
    reference: Reference,
    platform: Platform | None,
    *,
    store: Store,
    keychain: Keychain | None = None,
    insecure: frozenset[str] = frozenset(),
) -> Base:
    """Finds a base image: in the store, else in its registry.

    Raises:
        ImageNotFound: neither has it for that platform.
        RegistryError: the registry cannot be reached, refuses or fails.
    """

    def fetching() -> Image:
        from kfp.images.distribution.pull import resolve  # noqa: PLC0415 (start-up: a base that is in the store needs no HTTP)
        from kfp.images.distribution.registry import RegistryOptions  # noqa: PLC0415

        options = RegistryOptions(keychain, insecure_hosts=insecure)
        return resolve(reference, platform, store=store, options=options)

    return Base(reference, store.get(reference, platform) or fetching(), fetching)


def stated_python(image: Image) -> BasePython | None:
    """Reads the configuration as official Python images and bootstrapped ones write it; None where it says nothing."""
    env = image.config.env
    found = _VERSION.match(env.get("PYTHON_VERSION", ""))
    if found is None or env.get("PATH", "").split(":")[0] != _OFFICIAL_BIN:
        return None
    version = found.group()
    site_packages = image.config.labels.get(SITE_PACKAGES_LABEL, f"/usr/local/lib/python{version}/site-packages")
    libc = image.config.labels.get(LIBC_LABEL) or ("musl" if _is_alpine(image) else "glibc")
    return BasePython(version, site_packages.lstrip("/"), "usr/local", f"{_OFFICIAL_BIN}/python{version}", libc)


def _is_alpine(image: Image) -> bool:
    return any("alpine" in step.created_by or "apk add" in step.created_by for step in image.config.history)


def _remembered(image: Image, cache: Path) -> BasePython | None:
    with suppress(OSError, ValueError, TypeError):
        return BasePython(**json.loads(_record(image, cache).read_text(encoding="utf-8")))
    return None


def _scanned(base: Base, cache: Path) -> BasePython:
    from kfp.build import scan  # noqa: PLC0415 (start-up: a base is scanned once)

    image = base.fetching()
    path = image.config.env.get("PATH") or _DEFAULT_PATH
    found = scan.find_python(scan.list_files(image), path.split(":"))
    if found is None:
        raise BuildError(
            f"no Python 3 was found in the base image {base.reference.familiar}, on its PATH {path}",
            hint="packages_to_install needs a base with Python, such as python:3.11 or one of `kfp image bootstrap`",
        )
    python = BasePython(found.version, found.site_packages, found.prefix, found.interpreter, found.libc)
    with suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)
        write_atomically(_record(image, cache), json.dumps(asdict(python)).encode())
    return python


def _record(image: Image, cache: Path) -> Path:
    return cache / f"{image.id.partition(':')[2]}.json"
