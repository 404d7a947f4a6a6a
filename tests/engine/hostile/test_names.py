"""Names that would lead out of the run's directories."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kfp.engine.layout import path_name
from kfp.engine.states import State
from kfp.errors import SkiffError
from tests.engine.documents import Pipeline
from tests.engine.hostile.conftest import writes_all

NAMES = (
    "../../../../up", "/etc/absolute", "a/b", "..", ".", "-rf", "~", "x" * 300, "new\nline", "é", "\u202e", "CON", " ",
    "a\\b", "%2e%2e%2f", "$HOME", "{{$}}", "1/2", "...", ".hidden", "executor_output.json", "a~b",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_lead_nowhere(play: Any, tmp_path: Path, name: str) -> None:
    pipeline = Pipeline(name)
    pipeline.container("make", {"image": "i"}, outputs={name: str, "plain": str}, artifacts_out=(name, "other"))
    pipeline.task(name, "make")
    pipeline.task("next", "make", after=(name,))
    result, executor = play(pipeline, writes_all)
    assert result.state is State.SUCCEEDED, result.error
    told = [json.loads(step.executor_input)["outputs"] for step in executor.steps]
    places = [each["outputFile"] for one in told for each in one["parameters"].values()]
    places += [each["artifacts"][0]["uri"] for one in told for each in one["artifacts"].values()]
    places += [one["outputFile"] for one in told]
    assert len(set(places)) == len(places)
    assert all(Path(place).resolve().is_relative_to(tmp_path) for place in places)
    assert all(len(part.encode()) < 256 for place in places for part in Path(place).parts)


@pytest.mark.parametrize(
    "names", [("Data", "data"), ("a", "a "), ("é", "e\u0301"), ("a/b", "a-b"), ("x" * 300, "x" * 301)]
)
def test_two_names_are_two_places(names: tuple[str, str]) -> None:
    assert path_name(names[0]) != path_name(names[1])


def test_a_name_with_a_null_byte_is_refused_or_harmless(play: Any) -> None:
    pipeline = Pipeline("p\0q")
    pipeline.container("make", {"image": "i"}, outputs={"o\0": str})
    pipeline.task("t\0", "make")
    try:
        result, _ = play(pipeline, writes_all)
    except SkiffError:
        return
    assert result.state is State.SUCCEEDED
