"""The functions of `kfp.kubernetes`: their names, parameters and defaults are those of kfp-kubernetes 2.17."""

from __future__ import annotations

import inspect

import pytest

import kfp
from kfp import kubernetes

SIGNATURES = {
    "CreatePVC": (
        "access_modes, size, pvc_name=None, pvc_name_suffix=None, storage_class_name='', volume_name=None, "
        "annotations=None, data_source=None"
    ),
    "DeletePVC": "pvc_name",
    "add_ephemeral_volume": "task, volume_name, mount_path, access_modes, size, storage_class_name=None, labels=None, "
    "annotations=None",
    "add_node_affinity": "task, match_expressions=None, match_fields=None, weight=None",
    "add_node_affinity_json": "task, node_affinity_json",
    "add_node_selector": "task, label_key, label_value",
    "add_node_selector_json": "task, node_selector_json",
    "add_pod_annotation": "task, annotation_key, annotation_value",
    "add_pod_label": "task, label_key, label_value",
    "add_toleration": "task, key=None, operator=None, value=None, effect=None, toleration_seconds=None",
    "add_toleration_json": "task, toleration_json",
    "empty_dir_mount": "task, volume_name, mount_path, medium=None, size_limit=None",
    "mount_pvc": "task, pvc_name, mount_path, sub_path=''",
    "set_image_pull_policy": "task, policy",
    "set_image_pull_secrets": "task, secret_names",
    "set_security_context": "task, run_as_user=None, run_as_group=None, run_as_non_root=None",
    "set_timeout": "task, seconds",
    "use_config_map_as_env": "task, config_map_name, config_map_key_to_env, optional=False",
    "use_config_map_as_volume": "task, config_map_name, mount_path, optional=False",
    "use_field_path_as_env": "task, env_name, field_path",
    "use_secret_as_env": "task, secret_name, secret_key_to_env, optional=False",
    "use_secret_as_volume": "task, secret_name, mount_path, optional=False",
}


def test_the_names_are_a_list() -> None:
    assert kubernetes.__all__ == sorted(SIGNATURES)
    assert kfp.kubernetes is kubernetes


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_functions_parameters_and_defaults(name: str) -> None:
    parameters = inspect.signature(getattr(kubernetes, name)).parameters.values()
    shown = [str(parameter.replace(annotation=inspect.Parameter.empty)) for parameter in parameters]
    assert ", ".join(shown) == SIGNATURES[name]
