"""What the functions of `kfp.kubernetes` store, refuse, and leave alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from kfp import dsl
from kfp import kubernetes as k8s
from kfp.compiler import Compiler
from kfp.compiler.compile import document
from kfp.errors import AuthoringError, SpecError

Act = Callable[[Any, Any], object]


@dsl.component
def work(text: str = "a") -> str:
    return text


@dsl.component
def make() -> dsl.Artifact:
    return dsl.Artifact()


def configured(act: Act) -> dict[str, Any]:
    """Give the settings of a task after one call, which gets the task and an input of the pipeline."""
    tasks = []

    @dsl.pipeline
    def p(name: str = "n") -> None:
        task = work()
        act(task, name)
        tasks.append(task)

    return tasks[0].platform_config


def test_settings_are_plain_json_and_the_task_is_returned() -> None:
    def act(task: Any, name: Any) -> None:
        assert k8s.use_secret_as_env(task, name, {"key": "VARIABLE"}) is task

    config = configured(act)
    assert config == {
        "kubernetes": {
            "secretAsEnv": [
                {
                    "secretNameParameter": {"componentInputParameter": "name"},
                    "keyToEnv": [{"secretKey": "key", "envVar": "VARIABLE"}],
                    "optional": False,
                }
            ]
        }
    }
    assert json.loads(json.dumps(config)) == config


@pytest.mark.parametrize(
    ("act", "stored"),
    [
        (lambda t, n: k8s.set_timeout(k8s.set_timeout(t, 5), 0), {}),
        (lambda t, n: k8s.set_image_pull_secrets(t, []), {}),
        (lambda t, n: k8s.add_toleration(t, toleration_seconds=0), {"tolerations": [{"tolerationSeconds": "0"}]}),
        (
            lambda t, n: k8s.add_toleration_json(t, {"effect": "NoExecute", "tolerationSeconds": 5}),
            {"tolerations": [{"effect": "NoExecute", "tolerationSeconds": "5"}]},
        ),
        (
            lambda t, n: k8s.add_node_affinity(t, [{"key": "a", "operator": "In", "values": "x"}]),
            {"nodeAffinity": [{"matchExpressions": [{"key": "a", "operator": "In", "values": ["x"]}]}]},
        ),
        (
            lambda t, n: k8s.add_node_selector_json(t, {"zone": "a", "rank": 1}),
            {"nodeSelector": {"nodeSelectorJson": {"runtimeValue": {"constant": {"zone": "a", "rank": 1}}}}},
        ),
        (
            lambda t, n: k8s.add_ephemeral_volume(t, "v", "/v", ["ReadWriteOnce"], "1Gi", ""),
            {
                "genericEphemeralVolume": [
                    {"volumeName": "v", "mountPath": "/v", "accessModes": ["ReadWriteOnce"], "size": "1Gi"}
                ]
            },
        ),
    ],
)
def test_what_is_stored(act: Act, stored: dict[str, Any]) -> None:
    assert configured(act).get("kubernetes", {}) == stored


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda t, n: k8s.set_timeout(t, -1), "set_timeout() of task 'work': seconds is 0 or more, not -1"),
        (lambda t, n: k8s.set_security_context(t), "sets nothing\nhint: give run_as_user, "),
        (lambda t, n: k8s.set_security_context(t, run_as_group=-1), "run_as_group is 0 or more, not -1"),
        (lambda t, n: k8s.set_image_pull_policy(t, "Often"), "'Often' is unknown\nhint: it is one of Always, Never, "),
        (lambda t, n: k8s.add_node_affinity(t, [{"operator": "In"}]), "{'operator': 'In'} has no 'key'"),
        (lambda t, n: k8s.add_node_affinity(t, None, [{"key": "a"}]), "match_fields: {'key': 'a'} has no 'operator'"),
        (lambda t, n: k8s.add_node_affinity(t, [{"key": "a", "operator": "Is"}]), "operator 'Is' is unknown"),
        (lambda t, n: k8s.add_node_affinity(t, weight=0), "weight is 1 to 100, not 0"),
        (lambda t, n: k8s.add_node_affinity(t, weight=101), "weight is 1 to 100, not 101"),
        (lambda t, n: k8s.add_node_affinity_json(t, {"a": 1}), "a NodeAffinity has no 'a'"),
        (lambda t, n: k8s.mount_pvc(t, t.output, "/a"), "pvc_name is an output of the task itself"),
    ],
)
def test_wrong_values(act: Act, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - upstream's type
        configured(act)
    assert isinstance(caught.value, AuthoringError)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda t, n: k8s.set_timeout(None, 5), "set_timeout() takes a task, not None"),
        (k8s.set_timeout, "set_timeout() of task 'work': seconds takes an integer that is known"),
        (lambda t, n: k8s.set_timeout(t, True), "not True"),
        (lambda t, n: k8s.set_security_context(t, "1"), "run_as_user takes an integer"),
        (lambda t, n: k8s.set_security_context(t, run_as_non_root=1), "run_as_non_root takes True or False, not 1"),
        (lambda t, n: k8s.set_image_pull_secrets(t, "abc"), "secret_names takes a list of names, not 'abc'"),
        (k8s.set_image_pull_policy, "policy takes text that is known when the pipeline is built"),
        (lambda t, n: k8s.add_pod_label(t, "a", n), "label_value takes text"),
        (lambda t, n: k8s.add_pod_annotation(t, "a", 1), "annotation_value takes text"),
        (lambda t, n: k8s.add_node_selector(t, "a", f"x-{n}"), "label_value takes text that is known"),
        (lambda t, n: k8s.mount_pvc(t, f"x-{n}", "/a"), "pvc_name takes text that is known"),
        (lambda t, n: k8s.mount_pvc(t, make().output, "/a"), "pvc_name takes a parameter, not an artifact"),
        (lambda t, n: k8s.use_secret_as_env(t, 1, {}), "secret_name takes text"),
        (lambda t, n: k8s.use_secret_as_env(t, "a", ["b"]), "secret_key_to_env takes a dictionary of texts"),
        (lambda t, n: k8s.use_config_map_as_env(t, "a", {"b": n}), "config_map_key_to_env takes text"),
        (lambda t, n: k8s.use_config_map_as_volume(t, "a", "/b", "yes"), "optional takes True or False, not 'yes'"),
        (lambda t, n: k8s.use_field_path_as_env(t, "A", n), "field_path takes text"),
        (lambda t, n: k8s.empty_dir_mount(t, 1, "/a"), "volume_name takes text"),
        (lambda t, n: k8s.add_ephemeral_volume(t, "v", "/v", "ReadWriteOnce", "1Gi"), "access_modes takes a list"),
        (lambda t, n: k8s.add_node_affinity(t, "x"), "match_expressions takes a list of dictionaries"),
        (lambda t, n: k8s.add_node_affinity_json(t, [1]), "node_affinity_json takes a dictionary, or a parameter"),
        (lambda t, n: k8s.add_node_selector_json(t, {"a": n}), "takes JSON that is known when the pipeline is built"),
        (lambda t, n: k8s.add_toleration(t, 1), "key takes text"),
        (lambda t, n: k8s.add_toleration_json(t, "x"), "a list of dictionaries, or a parameter that holds either"),
        (lambda t, n: k8s.CreatePVC(pvc_name="a"), "'createpvc'"),
    ],
)
def test_wrong_types(act: Act, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        configured(act)
    assert isinstance(caught.value, AuthoringError)
    assert message in str(caught.value)


@dsl.pipeline
def inner() -> None:
    work()


def test_a_pipeline_has_no_pod() -> None:
    with pytest.raises(AuthoringError, match=r"set_timeout\(\) of task 'inner': it has no pod of its own"):

        @dsl.pipeline
        def outer() -> None:
            k8s.set_timeout(inner(), 5)


def test_settings_written_by_hand_count_and_not_on_a_pipeline(tmp_path: Path) -> None:
    @dsl.pipeline
    def good() -> None:
        work().platform_config["elsewhere"] = {"a": [1, {"b": 2}]}

    Compiler().compile(good, str(tmp_path / "p.yaml"))
    platforms = list(yaml.safe_load_all((tmp_path / "p.yaml").read_text()))[1]["platforms"]
    assert platforms == {"elsewhere": {"deploymentSpec": {"executors": {"exec-work": {"a": [1, {"b": 2}]}}}}}

    with pytest.raises(AuthoringError, match="task 'inner' has settings for elsewhere"):

        @dsl.pipeline
        def bad() -> None:
            inner().platform_config["elsewhere"] = {"a": 1}


def test_an_importer_has_no_pod_either() -> None:
    with pytest.warns(UserWarning, match=r"set_timeout\(\) of task 'importer' has no effect"):

        @dsl.pipeline
        def p() -> None:
            imported = dsl.importer(artifact_uri="gs://a", artifact_class=dsl.Dataset)
            assert k8s.set_timeout(imported, 5) is imported

    assert document(p).platforms == {}


def test_a_value_of_another_pipeline() -> None:
    made: list[dsl.PipelineTask] = []

    @dsl.pipeline
    def other() -> None:
        made.append(work())

    with pytest.raises(AuthoringError, match="pvc_name is a value of another pipeline, 'other'"):

        @dsl.pipeline
        def mounts() -> None:
            k8s.mount_pvc(work(), made[0].output, "/a")


def test_a_part_of_a_loops_item(tmp_path: Path) -> None:
    @dsl.pipeline
    def p() -> None:
        with dsl.ParallelFor([{"claim": "a"}]) as item:
            k8s.mount_pvc(work(), item.claim, "/a")

    Compiler().compile(p, str(tmp_path / "p.yaml"))
    spec, more = yaml.safe_load_all((tmp_path / "p.yaml").read_text())
    (loop,) = spec["root"]["dag"]["tasks"].values()
    assert more["platforms"]["kubernetes"]["deploymentSpec"]["executors"]["exec-work"]["pvcMount"] == [
        {
            "mountPath": "/a",
            "pvcNameParameter": {
                "componentInputParameter": loop["parameterIterator"]["itemInput"],
                "parameterExpressionSelector": 'parseJson(string_value)["claim"]',
            },
        }
    ]


def test_json_has_no_place_for_settings(tmp_path: Path) -> None:
    @dsl.pipeline
    def p() -> None:
        k8s.set_timeout(work(), 5)

    with pytest.raises(SpecError, match="the pipeline has settings for kubernetes"):
        Compiler().compile(p, str(tmp_path / "p.json"))
    assert not list(tmp_path.glob("*.json"))


def test_equal_components_with_different_settings_are_kept_apart(tmp_path: Path) -> None:
    @dsl.pipeline
    def first() -> None:
        k8s.set_timeout(work(), 7)
        work()

    @dsl.pipeline
    def second() -> None:
        work()
        k8s.set_timeout(work(), 8)
        k8s.set_timeout(work(), 7)
        first()

    Compiler().compile(second, str(tmp_path / "p.yaml"))
    spec, more = yaml.safe_load_all((tmp_path / "p.yaml").read_text())
    settings = more["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    of = {name: settings.get(c.get("executorLabel"), {}) for name, c in spec["components"].items()}
    inside = spec["components"]["comp-first"]["dag"]["tasks"]
    assert of["comp-work"] == {}
    assert of["comp-work-2"] == {"activeDeadlineSeconds": "8"}
    assert of["comp-work-3"] == {"activeDeadlineSeconds": "7"}
    assert of[inside["work"]["componentRef"]["name"]] == {"activeDeadlineSeconds": "7"}
    assert of[inside["work-2"]["componentRef"]["name"]] == {}
    assert len(spec["deploymentSpec"]["executors"]) == 3
