"""Entries of the cache as rows of a table and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kfp import units
from kfp.cli.tables import Column

if TYPE_CHECKING:
    from kfp.engine.caching.entry import Entry

ENTRIES = (
    Column("KEY"),
    Column("PIPELINE", weight=3),
    Column("TASK"),
    Column("RUN ID", weight=2),
    Column("SIZE", weight=4, right=True),
    Column("HITS", weight=4, right=True),
    Column("USED", weight=1),
    Column("CREATED", weight=0),
)
_KEY = 12
_RUN = 8


def entry_row(entry: Entry) -> tuple[str, ...]:
    """Return an entry's line of `kfp cache list`."""
    used, created = (units.age(units.utc(each)) for each in (entry.used_at, entry.created_at))
    return (
        entry.key[:_KEY],
        entry.pipeline,
        entry.task,
        entry.run_id[:_RUN],
        units.size(entry.size),
        str(entry.hits),
        used if entry.hits else "-",
        created,
    )


def entry_json(entry: Entry) -> dict[str, Any]:
    """Return an entry of `kfp --output json cache list`."""
    return {
        "key": entry.key,
        "pipeline": entry.pipeline,
        "task": entry.task,
        "run_id": entry.run_id,
        "created_at": units.rfc3339(units.utc(entry.created_at)),
        "used_at": units.rfc3339(units.utc(entry.used_at)),
        "hits": entry.hits,
        "size": entry.size,
        "inputs": {
            part.name.partition(" ")[2]: part.shown
            for part in entry.parts
            if part.name.startswith("input ") and part.shown
        },
        "outputs": entry.outputs.to_json(),
    }
