from __future__ import annotations

import pytest

from kfp.build.dockerfile_bases import read_bases


@pytest.mark.parametrize(
    ("text", "images", "final"),
    [
        ("FROM python:3.11", ["python:3.11"], "python:3.11"),
        ("# FROM no\n\nfrom  python:3.11  as base \nRUN x", ["python:3.11"], "python:3.11"),
        ("FROM --platform=linux/arm64 python:3.11", ["python:3.11"], "python:3.11"),
        ("FROM scratch\nCOPY . .", [], None),
        ("ARG V=3.11\nFROM python:${V}-slim", ["python:3.11-slim"], "python:3.11-slim"),
        ('ARG B="python:3.9"\nFROM $B', ["python:3.9"], "python:3.9"),
        ("ARG B\nFROM ${B:-python:3.9}", ["python:3.9"], "python:3.9"),
        ("ARG B\nFROM $B", [], None),
        ("FROM a:1 AS one\nFROM b:1 AS two\nFROM one", ["a:1", "b:1"], "a:1"),
        ("FROM a:1 AS one\nFROM b:1\nCOPY --from=one /x /x\nCOPY --from=0 /y /y\nCOPY --chown=1 --from=c:1 /z /z",
         ["a:1", "b:1", "c:1"], "b:1"),
        ("FROM a:1\nRUN --mount=type=bind,from=tools:1,target=/t \\\n  x", ["a:1", "tools:1"], "a:1"),
        ("FROM \\\n  python:3.11 \\\n  AS x", ["python:3.11"], "python:3.11"),
        ("\ufeffFROM a:1", ["a:1"], "a:1"),
        ("", [], None),
        ("FROM UPPER CASE", [], None),
    ],
)  # fmt: skip
def test_what_a_dockerfile_names(text: str, images: list[str], final: str | None) -> None:
    found = read_bases(text)
    assert [image.familiar for image in found.images] == images
    assert (found.final.familiar if found.final else None) == final
