"""States of runs and tasks, as a KFP backend calls them (`RuntimeState`)."""

from __future__ import annotations

from kfp.engine.states import State


def test_states_have_kfps_names() -> None:
    names = "PENDING", "RUNNING", "SUCCEEDED", "SKIPPED", "FAILED", "CANCELING", "CANCELED", "PAUSED"
    assert {str(state) for state in State} == set(names)
    assert [name for name in names if State(name).ended] == ["SUCCEEDED", "SKIPPED", "FAILED", "CANCELED"]
