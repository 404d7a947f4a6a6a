"""Compares what came of a run with what was expected, strictly: 1 is not 1.0, and 1 is not True."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance.differences import Difference
from conformance.running.case import Art, Given, Text


def unlike(expected: Any, actual: Any, where: str) -> Iterator[Difference]:
    """Yield how an actual value differs from an expected one.

    Args:
        expected: JSON values with `Text` and `Art` among them.
        actual: JSON values; an artifact is a mapping with a `uri` and a `type`.
        where: the place of the value.
    """
    if isinstance(expected, Art):
        yield from _artifact(expected, actual, where)
    elif isinstance(expected, Text):
        if not isinstance(actual, str) or not re.fullmatch(expected.pattern, actual, re.DOTALL):
            yield Difference(where, expected.pattern, actual)
    elif isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for key in dict.fromkeys([*expected, *actual]):
            if key not in actual or key not in expected:
                yield Difference(f"{where}.{key}", _shown(expected.get(key, "nothing")), actual.get(key, "nothing"))
            else:
                yield from unlike(expected[key], actual[key], f"{where}.{key}")
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for number, (left, right) in enumerate(zip(expected, actual, strict=True)):
            yield from unlike(left, right, f"{where}.{number}")
    elif type(expected) is not type(actual) or expected != actual:
        yield Difference(where, _shown(expected), actual)


def failures(run: Given, outcome: Mapping[str, Any]) -> Iterator[Difference]:
    """Yield how what came of a run differs from what was expected.

    Args:
        run: what was expected.
        outcome: `error` (None where it succeeded), `outputs`, and of our own engine `skipped`, `made`, `attempts`.
    """
    error, told = outcome["error"], "skipped" in outcome
    if (error is None) != (run.error is None) or (told and error is not None and str(run.error) not in error):
        yield Difference("error", run.error, error)
    yield from unlike(run.outputs, outcome["outputs"], "outputs")
    if not told:
        return
    skipped = set(outcome["skipped"])
    if run.skipped is not None and skipped != run.skipped:
        yield Difference("skipped", sorted(run.skipped), sorted(skipped))
    if (
        run.skipped is None
        and run.error is None
        and not all("condition-" in path.rpartition("/")[2] for path in skipped)
    ):
        yield Difference("skipped", "branches alone", sorted(skipped))
    for path, values in run.made.items():
        yield from unlike(values, outcome["made"].get(path), f"made.{path}")
    for path, attempts in run.attempts.items():
        yield from unlike(attempts, outcome["attempts"].get(path), f"attempts.{path}")


def _artifact(expected: Art, actual: Any, where: str) -> Iterator[Difference]:
    if not isinstance(actual, Mapping) or "uri" not in actual:
        yield Difference(where, "an artifact", actual)
        return
    yield from unlike(expected.title, actual["type"]["schemaTitle"], f"{where}.title")
    yield from unlike(expected.metadata, actual["metadata"], f"{where}.metadata")
    yield from unlike(Text(expected.uri), actual["uri"], f"{where}.uri")
    if expected.content is not None:
        yield from unlike(expected.content, _content(actual), f"{where}.content")


def _content(actual: Mapping[str, Any]) -> Any:
    """Return the text of an artifact's file, as whoever ran the case read it, or as it is."""
    if "content" in actual:
        return actual["content"]
    path = Path(actual.get("customPath") or actual["uri"])
    return path.read_text("utf-8") if path.is_file() else None


def _shown(expected: Any) -> Any:
    """Return an expectation as JSON, for a message."""
    if isinstance(expected, Mapping):
        return {key: _shown(each) for key, each in expected.items()}
    if isinstance(expected, list):
        return [_shown(each) for each in expected]
    return str(expected) if isinstance(expected, (Art, Text)) else expected
