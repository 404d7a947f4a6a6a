"""Settings for Kubernetes that a component is told in a TaskConfig, to apply them itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kfp.engine.events import Event, RunNotice
from kfp.engine.executors import places
from kfp.engine.settings import RunSettings
from tests.engine.documents import Pipeline
from tests.engine.platforms.running import constant, document, done

CONFIG = {"parameterType": "TASK_CONFIG", "isOptional": True}
KEYS = [{"secretKey": "password", "envVar": "PASSWORD"}]
VOLUMES = {
    "pvcMount": [
        {"pvcNameParameter": constant("data"), "mountPath": "/a", "subPath": "x"},
        {"pvcNameParameter": constant("data"), "mountPath": "/b"},
    ],
    "secretAsVolume": [{"secretNameParameter": {"componentInputParameter": "name"}, "mountPath": "/s"}],
    "configMapAsVolume": [{"configMapNameParameter": constant("c"), "mountPath": "/c", "optional": True}],
    "emptyDirMounts": [{"volumeName": "e", "mountPath": "/e", "medium": "Memory", "sizeLimit": "1Gi"}],
    "genericEphemeralVolume": [
        {"volumeName": "g", "mountPath": "/g", "size": "2Gi", "accessModes": ["ReadWriteOnce"],
         "metadata": {"labels": {"l": "m"}}}
    ],
}  # fmt: skip
TERM = {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}
PREFERRED = [{"weight": 5, "preference": TERM}]
REQUIRED = {"nodeSelectorTerms": [TERM]}
WHOLE = {"requiredDuringSchedulingIgnoredDuringExecution": REQUIRED}


def secret(name: Any) -> dict[str, Any]:
    return {"secretNameParameter": name, "keyToEnv": KEYS}


def run_with(
    home: Path, executor: Mapping[str, Any], *fields: str, apply: bool = False, told: list[Event] | None = None
) -> Any:
    """What the component is told and what its own step has."""
    pipeline = Pipeline(
        inputs={
            "name": {"parameterType": "STRING", "defaultValue": "db"},
            "places": {"parameterType": "LIST", "defaultValue": [{"key": "a"}, {"key": "b"}]},
            "labels": {"parameterType": "STRUCT", "defaultValue": {"disk": "fast"}},
        }
    )
    pipeline.python("def choose() -> dict:\n    return " + repr(WHOLE) + "\n", outputs={"Output": dict})
    pipeline.python(
        """
        def tell(config: dsl.TaskConfig) -> dict:
            import os
            seen = {name: value for name, value in vars(config).items() if value}
            return {"told": seen, "own": [os.environ.get("PASSWORD"), os.path.isdir("/tmp/skiff-passing")]}
        """,
        inputs={"config": CONFIG},
        outputs={"Output": dict},
        env={"PLAIN": "1"},
        taskConfigPassthroughs=[{"field": field, "applyToTask": apply} for field in fields],
    )
    pipeline.task("choose")
    pipeline.task("tell", after=("choose",))
    pipeline.output("Output", dict, "tell.Output")
    settings = RunSettings(home=home, pipeline_root=home / "root", secrets=home / "secrets.json")
    home.mkdir(exist_ok=True)
    (home / "secrets.json").write_text('{"db": {"password": "geheim"}}')
    result = done(document(pipeline, {"exec-tell": executor}), settings, told)
    return result.outputs["Output"] if result.outputs else result.error


@pytest.mark.parametrize(
    ("field", "executor", "expected"),
    [
        ("KUBERNETES_TOLERATIONS",
         {"tolerations": [{"key": "k", "tolerationSeconds": "3"},
                          {"tolerationJson": {"componentInputParameter": "places"}},
                          {"tolerationJson": constant({"key": "c"})}]},  # type: ignore[arg-type]
         {"tolerations": [{"key": "k", "tolerationSeconds": 3}, {"key": "a"}, {"key": "b"}, {"key": "c"}]}),
        ("KUBERNETES_NODE_SELECTOR", {"nodeSelector": {"labels": {"gpu": "yes"}}}, {"node_selector": {"gpu": "yes"}}),
        ("KUBERNETES_NODE_SELECTOR",
         {"nodeSelector": {"nodeSelectorJson": {"componentInputParameter": "labels"}}},
         {"node_selector": {"disk": "fast"}}),
        ("KUBERNETES_AFFINITY",
         {"nodeAffinity": [TERM, {**TERM, "weight": 5}]},
         {"affinity": {"nodeAffinity": {
             "requiredDuringSchedulingIgnoredDuringExecution": REQUIRED,
             "preferredDuringSchedulingIgnoredDuringExecution": PREFERRED}}}),
        ("KUBERNETES_AFFINITY",
         {"nodeAffinity": [{"nodeAffinityJson": {
             "taskOutputParameter": {"producerTask": "choose", "outputParameterKey": "Output"}}}]},
         {"affinity": {"nodeAffinity": WHOLE}}),
        ("ENV",
         {"secretAsEnv": [secret({"componentInputParameter": "name"})],
          "fieldPathAsEnv": [{"name": "POD", "fieldPath": "metadata.name"}]},
         {"env": [
             {"name": "PLAIN", "value": "1"},
             {"name": "PASSWORD",
              "valueFrom": {"secretKeyRef": {"name": "db", "key": "password", "optional": False}}},
             {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]}),
        ("KUBERNETES_VOLUMES", VOLUMES, {
            "volumes": [
                {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
                {"name": "db", "secret": {"secretName": "db", "optional": False}},
                {"name": "c", "configMap": {"name": "c", "optional": True}},
                {"name": "e", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}},
                {"name": "g", "ephemeral": {"volumeClaimTemplate": {
                    "metadata": {"labels": {"l": "m"}},
                    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "2Gi"}}}}}}],
            "volume_mounts": [
                {"name": "data", "mountPath": "/a", "subPath": "x"}, {"name": "data", "mountPath": "/b"},
                {"name": "db", "mountPath": "/s"}, {"name": "c", "mountPath": "/c"},
                {"name": "e", "mountPath": "/e"}, {"name": "g", "mountPath": "/g"}]}),
    ],
)  # fmt: skip
def test_what_a_component_is_told(kfp_home: Path, field: str, executor: dict[str, Any], expected: Any) -> None:
    told: list[Event] = []
    assert run_with(kfp_home, executor, field, told=told) == {"told": expected, "own": [None, False]}
    assert [each for each in told if isinstance(each, RunNotice)] == [], "nothing is dropped"


@pytest.mark.skipif(places._why_not() is not None, reason="this machine lets this user mount nothing")
def test_what_is_applied_to_the_step_too(kfp_home: Path) -> None:
    executor = {
        "secretAsEnv": [secret(constant("db"))],
        "emptyDirMounts": [{"volumeName": "e", "mountPath": "/tmp/skiff-passing"}],
        "tolerations": [{"key": "k"}],
    }
    told: list[Event] = []
    fields = ("ENV", "KUBERNETES_VOLUMES", "KUBERNETES_TOLERATIONS")
    made = run_with(kfp_home, executor, *fields, apply=True, told=told)
    assert made["own"] == ["geheim", True]
    assert set(made["told"]) == {"env", "volumes", "volume_mounts", "tolerations"}
    (notice,) = (each for each in told if isinstance(each, RunNotice))
    assert "add_toleration (of tell)" in notice.message


def test_a_secret_that_only_the_component_hears_of_need_not_be_here(kfp_home: Path) -> None:
    made = run_with(kfp_home, {"secretAsEnv": [secret(constant("elsewhere"))]}, "ENV")
    assert made["told"]["env"][1]["valueFrom"]["secretKeyRef"]["name"] == "elsewhere"


def test_a_setting_that_is_not_what_kubernetes_has(kfp_home: Path) -> None:
    selector = {"nodeSelector": {"nodeSelectorJson": {"componentInputParameter": "places"}}}
    assert "task 'tell': its nodeSelector is [" in run_with(kfp_home, selector, "KUBERNETES_NODE_SELECTOR")
    missing = {"tolerations": [{"tolerationJson": {"componentInputParameter": "nothing"}}]}
    assert "its tolerations is nothing, not what" in run_with(kfp_home, missing, "KUBERNETES_TOLERATIONS")


@pytest.mark.parametrize(
    ("field", "executor"),
    [
        ("KUBERNETES_TOLERATIONS", {"tolerations": [5]}),
        ("KUBERNETES_TOLERATIONS", {"tolerations": [{"tolerationSeconds": "soon"}]}),
        ("KUBERNETES_NODE_SELECTOR", {"nodeSelector": ["a"]}),
        ("KUBERNETES_AFFINITY", {"nodeAffinity": [{"weight": "heavy"}]}),
        ("KUBERNETES_AFFINITY", {"nodeAffinity": [{"nodeAffinityJson": 1}]}),
    ],
)
def test_malformed_settings(kfp_home: Path, field: str, executor: dict[str, Any]) -> None:
    assert "task 'tell': its settings for Kubernetes are malformed: " in run_with(kfp_home, executor, field)
