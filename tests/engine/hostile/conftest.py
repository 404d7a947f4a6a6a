"""What hostile documents, values and steps must leave alone; and a step that does as it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kfp.engine.step import Step


@pytest.fixture(autouse=True)
def nothing_is_written_elsewhere(tmp_path: Path) -> Iterator[None]:
    """The run's directories are the only ones that change."""
    guarded = tmp_path / "guarded"
    guarded.mkdir()
    (guarded / "file").write_text("as it was")
    before = {path.name for path in tmp_path.parent.iterdir()}
    yield
    assert {path.name for path in tmp_path.parent.iterdir()} == before
    assert {path.name for path in tmp_path.iterdir()} <= {
        "guarded", "home", "root", "work", "kfp-home", "docker-config", "xdg-runtime", "given",
    }  # fmt: skip
    assert [path.name for path in guarded.iterdir()] == ["file"]
    assert (guarded / "file").read_text() == "as it was"


def writes_all(step: Step) -> None:
    """Write every output where the step is told to."""
    outputs = json.loads(step.executor_input)["outputs"]
    for output in outputs.get("parameters", {}).values():
        Path(output["outputFile"]).write_text("x")
    for output in outputs.get("artifacts", {}).values():
        Path(output["artifacts"][0]["uri"]).write_text("x")
