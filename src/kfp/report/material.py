"""What a report is made of, read from the disk: the ends of logs, and what HTML and Markdown artifacts hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kfp.engine.addresses import is_store
from kfp.report.distant import Distant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kfp.engine.records.record import TaskRecord

_LOG_BYTES = 64 << 10
_CONTENT_BYTES = 4 << 20
_ALL_BYTES = 64 << 20
"""How large a page becomes at most, about; what does not fit is named with its path."""
VISUAL = ("system.HTML", "system.Markdown")


class Excerpt(msgspec.Struct, frozen=True):
    """The end of a file, or all of it.

    Args:
        path: the file.
        text: what was read.
        left_out: how many bytes before it were not.
    """

    path: Path
    text: str
    left_out: int = 0


class Material(msgspec.Struct, frozen=True):
    """What was read.

    Args:
        logs: of each step, by its path: an excerpt for each attempt, the first one first.
        contents: the whole content of HTML and Markdown artifacts, by URI.
    """

    logs: Mapping[str, tuple[Excerpt, ...]]
    contents: Mapping[str, Excerpt]


def gather(tasks: Sequence[TaskRecord]) -> Material:
    """Read what the report of a run shows besides its records, from this machine or an object store.

    What is gone, or too large, or cannot be reached is left out.

    Args:
        tasks: of the run; those that failed come first where not all fits.
    """
    left = _ALL_BYTES
    logs: dict[str, tuple[Excerpt, ...]] = {}
    contents: dict[str, Excerpt] = {}
    distant = Distant(_CONTENT_BYTES)
    for task in sorted(tasks, key=lambda each: each.state != "FAILED"):
        found = tuple(_logs(task)) if left > 0 else ()
        if found:
            logs[task.path] = found
            left -= sum(len(each.text) for each in found)
        for artifact in artifacts(task.outputs or {}):
            uri = artifact["uri"]
            if artifact["type"].get("schemaTitle") in VISUAL and uri not in contents and left > 0:
                excerpt = _content(artifact, distant)
                if excerpt is not None and not excerpt.left_out:
                    contents[uri] = excerpt
                    left -= len(excerpt.text)
    return Material(logs, contents)


def artifacts(outputs: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the artifacts among outputs, those in lists, too."""
    for value in outputs.values():
        for each in value if isinstance(value, list) else [value]:
            if is_artifact(each):
                yield each


def is_artifact(value: object) -> bool:
    """Tell whether a JSON value is an artifact's (`RuntimeArtifact`)."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("uri"), str)
        and isinstance(value.get("type"), dict)
        and isinstance(value.get("metadata"), dict)
    )


def _logs(task: TaskRecord) -> Iterator[Excerpt]:
    if task.log is None:
        return
    for attempt in range(1, max(1, task.attempt) + 1):
        excerpt = _read(task.log.parents[1] / str(attempt) / task.log.name, _LOG_BYTES)
        if excerpt is not None:
            yield excerpt


def _content(artifact: Mapping[str, Any], distant: Distant) -> Excerpt | None:
    uri, path = artifact["uri"], artifact.get("customPath")
    if path or not is_store(uri):
        return _read(Path(path or uri), _CONTENT_BYTES)
    data = distant.read(uri)
    return None if data is None else Excerpt(Path(uri), data.decode("utf-8", "replace"))


def _read(path: Path, limit: int) -> Excerpt | None:
    """Return the end of a file, None where there is none."""
    try:
        with path.open("rb") as file:
            before = max(0, path.stat().st_size - limit)
            file.seek(before)
            text = file.read(limit).decode("utf-8", "replace")
    except OSError:
        return None
    return Excerpt(path, text, before)
