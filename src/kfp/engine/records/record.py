"""A run and its tasks as the store keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from kfp.engine.states import State

Kind: TypeAlias = Literal["container", "importer", "dag", "loop"]


class RunRecord(msgspec.Struct, frozen=True):
    """A run as it is stored; times are seconds since 1970, UTC.

    Args:
        id: the run's identifier.
        name: how it is listed.
        pipeline: the pipeline's name.
        experiment: the group that it is listed under.
        state: its state.
        created_at: when it was created; a retry changes nothing of it.
        arguments: a value for each input of the pipeline.
        directory: its logs, its document and how it is run.
        finished_at: when it ended last.
        outputs: the pipeline's outputs.
        error: what went wrong.
        archived: whether it is out of the way: lists leave it out unless they are asked for it.
        retried: how many times it was continued.
        artifacts: the run's own directory or URI under its pipeline root; empty where version 1 wrote the run.
        document: the digest of its document.
    """

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
    archived: bool = False
    retried: int = 0
    artifacts: str = ""
    document: str = ""


class TaskRecord(msgspec.Struct, frozen=True):
    """A task of a run as it is stored.

    Args:
        run_id: the run.
        path: the names of tasks down to it, joined by `/`; an iteration's name is its number, from 0.
        display_name: how it is shown.
        state: its state.
        attempt: the attempt that runs or ran last, from 1; 0 for what is no step and for what never started.
        started_at: when its last attempt started.
        finished_at: when it ended.
        outputs: its outputs as JSON values by name.
        error: what went wrong.
        log: what its last attempt wrote.
        kind: what it is.
        inputs: what it was given: `parameters` and `artifacts` as JSON by name.
        cache: what the cache had for it: `state` (hit, miss, off), `reason`, `key` and `run`, where the hit comes from.
    """

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
    kind: Kind = "container"
    inputs: Mapping[str, Any] | None = None
    cache: Mapping[str, Any] | None = None


class Removed(msgspec.Struct, frozen=True):
    """Tells the store to forget a task of a run with all below it, or, without a path, all that did not succeed."""

    run_id: str
    path: str | None = None
