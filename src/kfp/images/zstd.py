"""Zstandard frames (RFC 8878), where this Python has the module: its own from 3.14 on, `backports.zstd` before."""

from __future__ import annotations

import importlib
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from kfp.errors import ImageError

if TYPE_CHECKING:
    from kfp.images.compression import Readable

_MODULES: Final = ("compression.zstd", "backports.zstd")
_LEVEL: Final = 3


def frame(data: bytes) -> bytes:
    """Compress `data` into one frame with a checksum; frames may be concatenated.

    Raises:
        ImageError: this Python has no module for zstd.
    """
    zstd = _module()
    parameters = zstd.CompressionParameter
    compressed: bytes = zstd.compress(data, options={parameters.compression_level: _LEVEL, parameters.checksum_flag: 1})
    return compressed


def reader(stream: Readable) -> BinaryIO:
    """The uncompressed bytes of any number of frames; raises one of `damaged()` while it is read.

    Raises:
        ImageError: this Python has no module for zstd.
    """
    opened: BinaryIO = _module().ZstdFile(stream, mode="rb")
    return opened


def damaged() -> tuple[type[Exception], ...]:
    """What a damaged stream raises while it is read."""
    return EOFError, _module().ZstdError


@cache
def _module() -> Any:  # noqa: ANN401 (one of two modules of the same shape)
    for name in _MODULES:
        with suppress(ImportError):
            return importlib.import_module(name)
    raise ImageError(
        "layers compressed with zstd need a module that this Python does not have",
        hint="pip install 'kfp-skiff[zstd]'",
    )
