"""Ends what the steps of a run have left running whose process is gone."""

from __future__ import annotations

from kfp.engine.executors.leftovers import end_leftovers


def end_steps(run_id: str, *, containers: bool = True) -> int:
    """End the processes and the containers of a run.

    Args:
        run_id: the run, which no process runs.
        containers: whether there may be containers; asking a container engine takes a moment.

    Returns:
        How many there were.
    """
    ended = end_leftovers(run_id)
    if containers:
        from kfp.engine.executors.engines import end_containers  # noqa: PLC0415 - most runs need none

        ended += end_containers(run_id)
    return ended
