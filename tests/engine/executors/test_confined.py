"""Steps in containers that name directories of this machine as their artifacts: the next container is given none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kfp.engine.run import run
from kfp.engine.states import State
from tests.engine.documents import Pipeline
from tests.parts.runtimes import Runtime

pytestmark = pytest.mark.engine


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"uri": "/etc"}, State.FAILED),
        ({"customPath": "/etc/passwd"}, State.FAILED),
        ({"metadata": {"a": 1}}, State.SUCCEEDED),
    ],
)
def test_artifacts_of_a_container(
    runtime: Runtime, kfp_home: Path, base_image: str, said: dict[str, object], state: State
) -> None:
    pipeline = Pipeline()
    told = json.dumps({"artifacts": {"data": {"artifacts": [said]}}})
    script = 'printf %s "$1" > "$2"; echo x > "$3"'
    args = [told, "{{$.outputs.output_file}}", "{{$.outputs.artifacts['data'].path}}"]
    pipeline.container(
        "make",
        {"image": base_image, "command": ["/bin/sh", "-c", script, "script", *args]},
        artifacts_out=("data",),
    )
    pipeline.task("make")
    result = run(pipeline.document(), {}, settings=runtime.settings(kfp_home))
    assert result.state is state, result.error
    assert state is State.SUCCEEDED or "saw nothing of this machine" in (result.error or "")
