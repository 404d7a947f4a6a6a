"""Records of runs as lines."""

from __future__ import annotations

import sys

import pytest

from kfp.cli.runs.records import assignments


def test_values_are_lines_without_the_passwords_of_uris() -> None:
    kind = {"schemaTitle": "system.Dataset"}
    values = {
        "rate": 0.5,
        "uri": "s3://ada:pa55@bucket/key",
        "more": ["https://h/?token=abc"],
        "data": [{"name": "d", "type": kind, "uri": "https://ada:pa55@h/d", "metadata": {}}],
        "lines": "a\nb",
    }
    assert assignments(values) == [
        "rate = 0.5",
        "uri = s3://***@bucket/key",
        'more = ["https://h/?token=***"]',
        "data = https://***@h/d",
        'lines = "a\\nb"',
    ]


@pytest.mark.parametrize("is_terminal", [True, False])
def test_megabytes_do_not_flood_a_terminal(monkeypatch: pytest.MonkeyPatch, is_terminal: bool) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    (line,) = assignments({"text": "x" * 1_000_000})
    if is_terminal:
        assert line.startswith("text = xxx")
        assert line.endswith("xxx… 998,000 more characters, which `kfp run get --output json` tells")
        assert len(line) < 3000
    else:
        assert line == "text = " + "x" * 1_000_000
