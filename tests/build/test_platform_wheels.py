"""One real package in an image for two processors."""

from __future__ import annotations

import io
import struct
import tarfile

from kfp import build
from kfp.build import BuildOptions
from kfp.images.image import Image
from kfp.images.image_index import ImageIndex
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.build.conftest import BASE, TARGET, Write, component, python_base
from tests.parts.processes import require_pypi

MACHINES = {"linux/amd64": 62, "linux/arm64": 183}
"""`e_machine` of ELF files."""


def test_each_processor_has_its_own_code(source: Write, store: Store) -> None:
    require_pypi()
    platforms = tuple(map(Platform.parse, MACHINES))
    store.put(ImageIndex.of(python_base(platform=each) for each in platforms), Reference.parse(BASE))
    folder = source({"a.py": component(packages=("markupsafe==3.0.2",))})
    (made,) = build.build(build.plan(folder), store=store, options=BuildOptions(platforms, push=False))
    assert [each.packages for each in made.platforms] == [("markupsafe==3.0.2",)] * 2
    whole = store.get_whole(Reference.parse(TARGET))
    assert isinstance(whole, ImageIndex)
    assert {str(image.platform): machine(image) for image in whole.images} == MACHINES


def machine(image: Image) -> int:
    """Read for which processor the extension module in the packages' layer is."""
    with image.layers[0].uncompressed() as stream, tarfile.open(fileobj=io.BytesIO(stream.read())) as archive:
        (extension,) = [member for member in archive if member.name.endswith(".so")]
        header = archive.extractfile(extension)
        assert header is not None
        (found,) = struct.unpack_from("<H", header.read(20), 18)
        return int(found)
