"""Records of runs as lines."""

from __future__ import annotations

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
