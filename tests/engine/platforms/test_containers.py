"""Settings for Kubernetes in containers, of docker, of podman and of runc."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfp.engine.events import Event, RunNotice
from kfp.engine.run import run
from kfp.engine.states import State
from tests.engine.documents import Pipeline
from tests.engine.platforms.running import constant, document
from tests.parts.runtimes import Runtime

pytestmark = pytest.mark.engine


def test_what_a_container_is_given(runtime: Runtime, kfp_home: Path, base_image: str, tmp_path: Path) -> None:
    (tmp_path / "values").write_text("db: {password: geheim, host: there}\n")
    script = (
        'echo "$PW $HOST_NAME" $(cat /files/password) $(id -u) $(id -g) > /claim/told; ls /scratch; touch /scratch/x'
    )
    pipeline = Pipeline()
    pipeline.container("work", {"image": base_image, "command": ["/bin/sh", "-c", script]})
    pipeline.task("work")
    executor = {
        "secretAsEnv": [
            {"secretNameParameter": constant("db"), "keyToEnv": [{"secretKey": "password", "envVar": "PW"}]}
        ],
        "configMapAsEnv": [
            {"configMapNameParameter": constant("db"), "keyToEnv": [{"configMapKey": "host", "envVar": "HOST_NAME"}]}
        ],
        "secretAsVolume": [{"secretNameParameter": constant("db"), "mountPath": "/files"}],
        "pvcMount": [{"pvcNameParameter": constant("data"), "mountPath": "/claim"}],
        "emptyDirMounts": [{"volumeName": "s", "mountPath": "/scratch"}],
        "securityContext": {"runAsUser": "1234", "runAsGroup": "5678"},
        "imagePullPolicy": "IfNotPresent",
    }
    told: list[Event] = []
    made = document(pipeline, {"exec-work": executor})
    settings = runtime.settings(kfp_home, secrets=tmp_path / "values", config_maps=tmp_path / "values")
    result = run(made, {}, settings=settings, on_event=told.append)
    assert result.state is State.SUCCEEDED, result.error
    assert (kfp_home / "volumes" / "data" / "told").read_text() == "geheim there geheim 1234 5678\n"
    assert [each for each in told if isinstance(each, RunNotice)] == []


def test_a_container_that_takes_too_long(runtime: Runtime, kfp_home: Path, base_image: str) -> None:
    pipeline = Pipeline()
    pipeline.container("work", {"image": base_image, "command": ["/bin/sh", "-c", "sleep 305"]})
    pipeline.task("work")
    made = document(pipeline, {"exec-work": {"activeDeadlineSeconds": "1"}})
    result = run(made, {}, settings=runtime.settings(kfp_home))
    assert result.state is State.FAILED
    assert "ran longer than 1 s" in str(result.error)
