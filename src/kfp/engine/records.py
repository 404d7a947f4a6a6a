"""A run and its tasks as the store keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from kfp.engine.states import State


class RunRecord(msgspec.Struct, frozen=True):
    """A run as it is stored; times are seconds since 1970, UTC."""

    id: str
    name: str
    pipeline: str
    experiment: str
    state: State
    created_at: float
    arguments: Mapping[str, Any]
    directory: Path
    finished_at: float | None = None
    outputs: Mapping[str, Any] | None = None
    error: str | None = None


class TaskRecord(msgspec.Struct, frozen=True):
    """A task of a run as it is stored; `path` is the names of tasks down to it, joined by `/`."""

    run_id: str
    path: str
    display_name: str
    state: State
    attempt: int = 0
    started_at: float | None = None
    finished_at: float | None = None
    outputs: Mapping[str, Any] | None = None
    error: str | None = None
    log: Path | None = None
