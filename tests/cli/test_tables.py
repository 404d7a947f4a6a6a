"""Tables keep what matters, whatever the terminal's width."""

from __future__ import annotations

import pytest

from kfp.cli.tables import Column, fitted, layout

COLUMNS = (Column("NAME"), Column("ID", weight=2), Column("DIGEST", weight=1), Column("SIZE", weight=3, right=True))
ROWS = [("localhost/python:3.11", "3f2a", "sha256:77", "5.0 MB"), ("a", "b", "c", "10.0 MB")]


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (
            None,
            [
                "NAME                   ID    DIGEST        SIZE",
                "localhost/python:3.11  3f2a  sha256:77   5.0 MB",
                "a                      b     c          10.0 MB",
            ],
        ),
        (47, "NAME                   ID    DIGEST        SIZE"),
        (46, "NAME                   ID       SIZE"),
        (30, "NAME                      SIZE"),
        (21, "NAME"),
        (5, "NAME"),
    ],
)
def test_layout(width: int | None, expected: list[str] | str) -> None:
    lines = layout(COLUMNS, ROWS, width)
    if isinstance(expected, list):
        assert lines == expected
    else:
        assert lines[0] == expected


def test_an_empty_table_has_headings() -> None:
    assert layout(COLUMNS, [], 80) == ["NAME  ID  DIGEST  SIZE"]


@pytest.mark.parametrize(
    ("value", "room", "expected"),
    [
        ("sha256:" + "ab" * 32, None, "sha256:" + "ab" * 32),
        ("sha256:" + "ab" * 32, 71, "sha256:" + "ab" * 32),
        ("sha256:" + "ab" * 32, 70, "sha256:" + "ab" * 16 + "…"),
        ("/a/long/path", 5, "/a/long/path"),
    ],
)
def test_digests_give_way(value: str, room: int | None, expected: str) -> None:
    assert fitted(value, room) == expected
