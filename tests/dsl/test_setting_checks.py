"""Settings that a task's component cannot have are refused where the pipeline is decorated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kfp import components, dsl, kubernetes
from kfp.compiler import Compiler
from kfp.dsl import TaskConfigField, TaskConfigPassthrough
from kfp.errors import AuthoringError
from tests.dsl.components import nothing

Act = Callable[[Any], object]


@dsl.pipeline
def inner() -> None:
    nothing()


@dsl.component(task_config_passthroughs=[TaskConfigField.RESOURCES])
def takes_resources() -> None:
    pass


@dsl.component(task_config_passthroughs=[TaskConfigPassthrough(TaskConfigField.ENV, apply_to_task=True)])
def takes_env() -> None:
    pass


def using(component: Any, act: Act) -> Any:
    @dsl.pipeline
    def p() -> None:
        act(component())

    return p


SETTINGS: list[tuple[str, Act]] = [
    ("RESOURCES", lambda task: task.set_cpu_limit("1")),
    ("RESOURCES", lambda task: task.set_memory_request("1G")),
    ("RESOURCES", lambda task: task.set_accelerator_limit(1)),
    ("ENV", lambda task: task.set_env_variable("A", "b")),
    ("KUBERNETES_TOLERATIONS", lambda task: kubernetes.add_toleration(task, key="k", operator="Exists")),
    ("KUBERNETES_NODE_SELECTOR", lambda task: kubernetes.add_node_selector(task, "k", "v")),
    ("KUBERNETES_AFFINITY", lambda task: kubernetes.add_node_affinity(task, [{"key": "k", "operator": "Exists"}])),
    ("KUBERNETES_VOLUMES", lambda task: kubernetes.mount_pvc(task, "claim", "/m")),
    ("KUBERNETES_VOLUMES", lambda task: kubernetes.use_secret_as_volume(task, "secret", "/m")),
    ("KUBERNETES_VOLUMES", lambda task: kubernetes.use_config_map_as_volume(task, "map", "/m")),
]


@pytest.mark.parametrize(("field", "act"), SETTINGS)
def test_a_component_takes_over_all_settings_or_none(field: str, act: Act) -> None:
    for component, taken in ((takes_resources, "RESOURCES"), (takes_env, "ENV")):
        if field == taken:
            assert using(component, act).name == "p"
            continue
        with pytest.raises(AuthoringError, match=f"settings of {field}, which component '{component.name}'") as caught:
            using(component, act)
        assert caught.value.hint == f"add dsl.TaskConfigField.{field} to its task_config_passthroughs"
        assert caught.value.location is not None
        assert caught.value.location.path == __file__
    assert using(nothing, act).name == "p"


@pytest.mark.parametrize(
    "act",
    [
        lambda task: task.set_retry(2).set_container_image("image"),
        lambda task: kubernetes.use_secret_as_env(task, "secret", {"a": "B"}),
        lambda task: kubernetes.empty_dir_mount(task, "scratch", "/m"),
        lambda task: kubernetes.add_pod_label(task, "a", "b"),
    ],
)
def test_settings_that_nothing_takes_over(act: Act) -> None:
    assert using(takes_env, act).name == "p"


def test_a_pipeline_has_no_platforms_settings(tmp_path: Path) -> None:
    Compiler().compile(inner, str(tmp_path / "inner.yaml"))
    loaded = components.load_component_from_file(tmp_path / "inner.yaml")
    for component in (inner, loaded):
        with pytest.raises(AuthoringError, match="task 'inner' has settings for elsewhere, but 'inner' is a pipeline"):
            using(component, lambda task: task.platform_config.update(elsewhere={"a": 1}))
        with pytest.raises(AuthoringError, match="no container of its own, for 'inner' is a pipeline"):
            using(component, lambda task: task.set_cpu_limit("1"))
