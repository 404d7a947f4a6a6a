from __future__ import annotations

import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfp.bundle.deflate import deflate

RANDOM = random.Random(7)
CASES = {
    "nothing": b"",
    "one byte": b"a",
    "one byte repeated": b"a" * 5000,
    "noise": RANDOM.randbytes(5000),
    "few letters": bytes(RANDOM.choices(b"abcd", k=20_000)),
    "far back": (block := RANDOM.randbytes(300)) + RANDOM.randbytes(32_500) + block,
    "further back than the window": block + RANDOM.randbytes(40_000) + block,
    "every byte": bytes(range(256)) * 3,
    "uneven counts": b"".join(bytes([n]) * (1 << n) for n in range(16)),
}


@pytest.mark.parametrize("case", CASES)
def test_zlib_reads_it(case: str) -> None:
    assert zlib.decompress(deflate(CASES[case]), -15) == CASES[case]


@given(st.lists(st.sampled_from([b"def ", b"return ", b"self", b"\n ", b"x", b"\0"]), max_size=400).map(b"".join))
def test_zlib_reads_any_text(data: bytes) -> None:
    assert zlib.decompress(deflate(data), -15) == data


def test_it_is_about_as_small_as_zlib_makes_it() -> None:
    text = b"".join(b"def function_%d(argument):\n    return argument + %d\n" % (n, n * n) for n in range(300))
    assert len(deflate(text)) < 1.05 * len(zlib.compress(text, 9))
