"""Packs the running interpreter into a base image, so that building and running need no registry.

The image has the layout of the official Python images: the interpreter under /usr/local, PYTHON_VERSION in its
environment. Its root file system comes from this machine: the interpreter, the standard library (with compiled modules,
since a fresh container would compile them at every start), the shared libraries that both need, a shell with the tools
that component commands call, CA certificates, and just enough of /etc.
"""

from __future__ import annotations

import platform
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kfp.build.bootstrap.interpreter import Interpreter
from kfp.build.bootstrap.libraries import add_libraries
from kfp.build.bootstrap.system import add_system
from kfp.build.layout import LIBC_LABEL, SITE_PACKAGES_LABEL
from kfp.build.tree import Tree
from kfp.errors import BuildError
from kfp.images.image import scratch
from kfp.images.layer import build_layer
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.requirements import Libc

if TYPE_CHECKING:
    from kfp.images.store import Store

PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class BaseImage:
    """A base image that was packed.

    Args:
        reference: its name in the store.
        id: digest of the configuration.
        digest: digest of the manifest.
        python_version: the interpreter's, such as `3.11.7`.
        size: bytes of its layer, compressed.
        seconds: how long it took.
    """

    reference: Reference
    id: str
    digest: str
    python_version: str
    size: int
    seconds: float


def bootstrap(name: str, *, store: Store) -> BaseImage:
    """Packs the interpreter that runs this into an image of one layer, and puts it into the store.

    Args:
        name: the image's name, such as `localhost/python:3.11`.
        store: where the image goes.

    Raises:
        BuildError: this is not Linux, or something that belongs into the image is not on this machine.
        InvalidReference: the name is malformed.
        StoreError: the store cannot be written.
    """
    started = time.perf_counter()
    reference = Reference.parse(name)
    if sys.platform != "linux":
        raise BuildError(
            f"a base image can be packed on Linux only, and this is {platform.system()}",
            hint="run `kfp image bootstrap` and `kfp image save` on a Linux machine, and `kfp image load` here",
        )
    interpreter = Interpreter.running()
    tree = Tree({"bin": "usr/bin", "lib": "usr/lib", "lib64": "usr/lib64", "sbin": "usr/sbin"})
    programs = [interpreter.executable, *add_system(tree)]
    modules = interpreter.add_to(tree)
    add_libraries(tree, programs, modules)
    with store.in_use():
        layer = build_layer(tree.entries(), store.blobs)
        image = scratch(Platform.host()).append(layer, created_by="kfp image bootstrap")
        config = (
            image.config.with_env({"PATH": PATH, "LANG": "C.UTF-8", "PYTHON_VERSION": interpreter.version})
            .with_labels({LIBC_LABEL: str(Libc.host()), SITE_PACKAGES_LABEL: f"/{interpreter.site_packages}"})
            .with_cmd(["python3"])
        )
        image = image.with_config(config)
        store.put(image, reference)
    return BaseImage(
        reference=reference,
        id=image.id,
        digest=image.digest,
        python_version=interpreter.version,
        size=layer.descriptor.size,
        seconds=time.perf_counter() - started,
    )
