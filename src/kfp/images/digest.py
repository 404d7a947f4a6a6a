"""Digests: the content address of a blob, "algorithm:hex" (OCI image-spec, descriptor.md, "Digests").

A digest is a plain string; these functions compute and check it.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from kfp.errors import InvalidImage

if TYPE_CHECKING:
    from hashlib import _Hash

PATTERN: Final = "sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}"
"""The digests of the algorithms that the specification registers."""

_DIGEST: Final = re.compile(PATTERN)


def sha256(data: bytes) -> str:
    """The digest of `data`."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def check(text: str) -> str:
    """Return `text` when it is a well-formed digest.

    Raises:
        InvalidImage: it is not, or its algorithm is none that the specification registers.
    """
    if _DIGEST.fullmatch(text) is None:
        raise InvalidImage(f"{text[:200]!r} is not a digest", hint="a digest is sha256: and 64 lower-case hex digits")
    return text


def split(digest: str) -> tuple[str, str]:
    """The algorithm and the hex digits of a digest, checked."""
    algorithm, _, digits = check(digest).partition(":")
    return algorithm, digits


def hasher(digest: str) -> _Hash:
    """A fresh hash object of the digest's algorithm."""
    return hashlib.new(split(digest)[0])


def of(hash_object: _Hash) -> str:
    """The digest that a hash object has computed so far."""
    return f"{hash_object.name}:{hash_object.hexdigest()}"
