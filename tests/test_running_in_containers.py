"""Some of the pipelines that run, in containers: what comes of each is what its author says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance.running.case import Case, cases
from conformance.running.engine_side import outcome, settings_in
from conformance.running.expect import failures
from kfp.engine.running.choice import choose_executor
from tests.parts.runtimes import Runtime

CHOSEN = (
    "artifacts.metadata_of_every_type_as_the_output_of_the_pipeline",
    "artifacts.several_returned",
    "collected.artifacts_of_nested_loops_come_in_one_list",
    "conditions.items_of_a_loop",
    "containers.a_component_of_version_1",
    "containers.exit_codes",
    "containers.f_strings_of_inputs_and_artifacts",
    "containers.outputs_of_every_type",
    "containers.values_of_every_type",
    "containers.variables_of_the_environment",
    "exit_handlers.after_failure",
    "placeholders.the_workspace",
    "settings.an_embedded_directory",
    "values.a_text_of_three_hundred_kilobytes",
    "values.every_type",
    "values.odd_texts",
)
CASES = {case.id: case for case in cases()}

pytestmark = [
    pytest.mark.engine,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]


# Podman and docker differ in little that a pipeline sees: a third of the cases is enough.
@pytest.mark.parametrize(
    ("runtime", "name"),
    [("runc", name) for name in CHOSEN] + [(engine, name) for engine in ("docker", "podman") for name in CHOSEN[::3]],
    indirect=["runtime"],
)
def test_what_comes_of_a_run_in_containers(
    name: str, runtime: Runtime, kfp_home: Path, base_image: str, tmp_path: Path
) -> None:
    case: Case = CASES[name]
    case.compile(tmp_path / "pipeline.yaml")
    text = re.sub(r"image: .*", f"image: {base_image}", (tmp_path / "pipeline.yaml").read_text("utf-8"))
    places = settings_in(tmp_path)
    settings = runtime.settings(kfp_home, pipeline_root=places.pipeline_root, workspace=places.workspace, parallelism=4)
    run = case.runs[-1]
    came = outcome(text, case.arguments(run, tmp_path), settings, choose_executor(settings))
    found = list(failures(run, came))
    assert not found, "\n".join(map(str, found))
