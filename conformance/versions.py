"""Documents of older upstream versions: nothing of them is lost here, and a selection runs as our own documents do.

    python -m conformance --versions

installs each version into an environment of its own, compiles as much of the corpus as that version can, and keeps
none of it: what upstream's compiler writes holds upstream's own text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance import parity
from conformance.deviation import Deviation, Kind
from conformance.differences import Difference, differences
from conformance.parity import Attempt, Result, judge
from conformance.survival import lost
from kfp.engine.run import run
from kfp.engine.settings import RunSettings
from kfp.errors import SkiffError
from kfp.ir import files
from oracle import environments
from oracle.environments import Python

VERSIONS: Mapping[str, tuple[str, ...]] = {
    "2.0.1": ("kfp-kubernetes==0.0.1",),
    "2.3.0": ("kfp-kubernetes==1.0.0",),
    "2.5.0": ("kfp-kubernetes==1.0.0",),
    "2.7.0": ("kfp-kubernetes==1.2.0",),
    "2.9.0": ("kfp-kubernetes==1.3.0",),
    "2.11.0": ("kfp-kubernetes==1.4.0",),
    "2.13.0": ("kfp-kubernetes==1.5.0",),
    "2.15.2": ("kfp-kubernetes==2.15.2",),
    "2.16.1": ("kfp-kubernetes==2.16.1",),
}
"""Versions of `kfp`, and what else each needs."""

RUNS: Mapping[str, Mapping[str, Any]] = {
    "artifacts.as_named_pipeline_outputs": {"rows": 3},
    "collected.from_three_levels": {},
    "collected.over_a_dynamic_list": {"items": [1, 2, 3]},
    "combinations.a_training_pipeline": {},
    "combinations.loops_and_one_of_and_collected": {"x": 2},
    "components.a_component_alone": {"a": 1},
    "components.an_inner_function_and_an_import": {"a": 1},
    "components.underscores_in_names": {"first_input_": 1, "second": 2},
    "one_of.in_nested_conditions": {"x": 2, "y": 1},
    "one_of.three_branches": {"x": 2},
    "subpipelines.in_loops_in_conditions": {"x": 2},
    "subpipelines.three_deep": {"x": 2},
    "types.named_tuple_by_class": {},
    "types.several_outputs_and_defaults": {"x": 4},
}
"""Cases that run, and their arguments."""

KNOWN: tuple[Deviation, ...] = (
    Deviation("*: mistakes.a_cycle", Kind.DELIBERATE, "tasks that wait for each other never start", "reads"),
    Deviation(
        "*: types.a_default_of_several_lines",
        Kind.DELIBERATE,
        "upstream's header breaks out of its comment: what follows is not YAML",
        "reads",
    ),
    Deviation(
        "*: components.unusual_text_in_the_source",
        Kind.DELIBERATE,
        "upstream before 2.8 loses the function itself, so no step can run it",
        "command.*",
    ),
    Deviation(
        "2.[0-9].*: *",
        Kind.DELIBERATE,
        "upstream before 2.11 makes the metrics of a pipeline's tasks its outputs",
        "run.outputs.*-metrics",
    ),
)


def compare(ours: Python, folder: Path, pattern: str) -> Iterator[Result]:
    """Yield what came of each document of each version.

    Args:
        ours: an interpreter with Skiff, to compile the selection that runs.
        folder: an empty directory, where everything is made.
        pattern: the cases of the corpus.
    """
    mine = parity.compile_corpus(ours, folder / "skiff", pattern)
    expected = {name: outcome(mine[name].text(), RUNS[name], folder) for name in RUNS if name in mine}
    for version, others in VERSIONS.items():
        theirs = environments.old_upstream(version, *others)
        for name, attempt in parity.compile_corpus(theirs, folder / version, pattern).items():
            if attempt.refusal is None:
                found = [*_lost(attempt), *_runs(attempt, expected.get(name), folder)]
                yield judge(f"{version}: {name}", version, found, KNOWN)


def _lost(attempt: Attempt) -> Iterator[Difference]:
    text = attempt.text()
    if "\nkind: Pipeline" not in text:  # Kubernetes resources around a document
        yield from lost(text)


def _runs(attempt: Attempt, expected: Any, folder: Path) -> Iterator[Difference]:
    if expected is not None:
        yield from differences(expected, outcome(attempt.text(), RUNS[attempt.name], folder), "run")


def outcome(text: str, arguments: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Run a document on the local engine; return its state, its outputs, and the state of each task."""
    settings = RunSettings(home=folder / "home", pipeline_root=folder / "root")
    try:
        result = run(files.loads(text), arguments, settings=settings)
    except SkiffError as error:
        return {"error": str(error)}
    outputs = {
        name: {"type": value.get("type"), "metadata": value.get("metadata")} if isinstance(value, dict) else value
        for name, value in result.outputs.items()
    }
    tasks = {name: str(task.state) for name, task in result.tasks.items()}
    return {"state": str(result.state), "outputs": outputs, "tasks": tasks, "error": result.error}
