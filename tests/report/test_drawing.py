"""The graph of a run's pipeline, where it can be drawn and where it cannot."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kfp.engine.records.record import TaskRecord
from kfp.engine.states import State
from kfp.ir.files import read
from kfp.report.drawing import drawing

GOLDEN = Path(__file__).parents[2] / "examples" / "branches" / "golden.yaml"


def test_without_the_layout_library_its_text_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    document = read(GOLDEN)
    tasks = [TaskRecord("r", "measure", "measure", State.SUCCEEDED, 1, 1.0, 2.0)]
    assert "<svg" in drawing(document, tasks)
    monkeypatch.setitem(sys.modules, "graphlay", None)
    told = drawing(document, tasks)
    assert "<svg" not in told
    assert "pip install &#x27;kfp-skiff[graph]&#x27;" in told
    assert "<details><summary>the graph as Mermaid text</summary><pre>" in told
    assert "flowchart" in told
