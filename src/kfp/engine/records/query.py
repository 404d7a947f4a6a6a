"""Which runs of the store are listed, and in which order."""

from __future__ import annotations

from typing import Any

import msgspec

from kfp.engine.states import State

ORDERS = {
    "created_at": "created_at",
    "finished_at": "coalesce(finished_at, 1e18)",
    "duration": "coalesce(finished_at, 1e18) - created_at",
    "name": "name COLLATE NOCASE",
    "state": "state",
    "pipeline": "pipeline COLLATE NOCASE",
    "experiment": "experiment COLLATE NOCASE",
}
"""What runs can be sorted by; those that go on count as the last to finish and the longest."""


class RunQuery(msgspec.Struct, frozen=True):
    """A choice of runs; without arguments the newest hundred.

    Args:
        experiment: only those of this experiment.
        pipeline: only those of this pipeline.
        states: only those in one of these states; none is any.
        archived: those that are archived instead of those that are not; None is both.
        order: a key of `ORDERS`.
        descending: whether the greatest comes first.
        limit: how many at most.
        offset: how many to leave out first.
    """

    experiment: str | None = None
    pipeline: str | None = None
    states: tuple[State, ...] = ()
    archived: bool | None = False
    order: str = "created_at"
    descending: bool = True
    limit: int = 100
    offset: int = 0

    def statement(self) -> tuple[str, dict[str, Any]]:
        """Return what SQLite is asked, and the values for it."""
        equal = {"experiment": self.experiment, "pipeline": self.pipeline, "archived": self.archived}
        values: dict[str, Any] = {name: value for name, value in equal.items() if value is not None}
        where = [f"{name} = :{name}" for name in values]
        if self.states:
            names = {f"state{number}": state.value for number, state in enumerate(self.states)}
            where.append(f"state IN ({', '.join(f':{name}' for name in names)})")
            values.update(names)
        chosen = f" WHERE {' AND '.join(where)}" if where else ""
        direction = "DESC" if self.descending else "ASC"
        order = f" ORDER BY {ORDERS[self.order]} {direction}, created_at DESC, id LIMIT :limit OFFSET :offset"
        values.update(limit=self.limit, offset=self.offset)
        return f"SELECT * FROM runs{chosen}{order}", values  # noqa: S608 no text comes from outside
