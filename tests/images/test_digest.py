from __future__ import annotations

import hashlib

import pytest

from kfp.errors import InvalidImage
from kfp.images import digest

EMPTY = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_digest_of_nothing_is_the_known_one() -> None:
    assert digest.sha256(b"") == EMPTY
    assert digest.split(EMPTY) == ("sha256", EMPTY[7:])
    assert digest.of(digest.hasher(EMPTY)) == EMPTY


def test_the_other_registered_algorithm() -> None:
    text = "sha512:" + hashlib.sha512(b"").hexdigest()
    assert digest.check(text) == text
    assert digest.of(digest.hasher(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sha256",
        "sha256:",
        EMPTY[:-1],
        EMPTY + "0",
        EMPTY.upper(),
        EMPTY + "\n",
        "md5:" + "0" * 32,
        "sha256:../../../etc",
    ],
)
def test_what_is_no_digest(text: str) -> None:
    with pytest.raises(InvalidImage, match="not a digest"):
        digest.check(text)
