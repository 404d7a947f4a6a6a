"""Settings of tasks on Kubernetes: volumes, secrets, placement, pods. `from kfp import kubernetes`.

Each function takes a task, changes its settings for Kubernetes, and returns the task. The settings lie in
`task.platform_config["kubernetes"]` as plain dictionaries, the JSON form of `KubernetesExecutorConfig`
(`kubernetes_executor_config.proto` of KFP); the compiler writes them as the second document of a pipeline's file.
"""

from kfp.kubernetes.config_map import use_config_map_as_env, use_config_map_as_volume
from kfp.kubernetes.empty_dir import empty_dir_mount
from kfp.kubernetes.field import use_field_path_as_env
from kfp.kubernetes.image import set_image_pull_policy, set_image_pull_secrets
from kfp.kubernetes.node_affinity import add_node_affinity, add_node_affinity_json
from kfp.kubernetes.node_selector import add_node_selector, add_node_selector_json
from kfp.kubernetes.pod_metadata import add_pod_annotation, add_pod_label
from kfp.kubernetes.secret import use_secret_as_env, use_secret_as_volume
from kfp.kubernetes.security_context import set_security_context
from kfp.kubernetes.timeout import set_timeout
from kfp.kubernetes.toleration import add_toleration, add_toleration_json
from kfp.kubernetes.volume import CreatePVC, DeletePVC, add_ephemeral_volume, mount_pvc

__all__ = [
    "CreatePVC",
    "DeletePVC",
    "add_ephemeral_volume",
    "add_node_affinity",
    "add_node_affinity_json",
    "add_node_selector",
    "add_node_selector_json",
    "add_pod_annotation",
    "add_pod_label",
    "add_toleration",
    "add_toleration_json",
    "empty_dir_mount",
    "mount_pvc",
    "set_image_pull_policy",
    "set_image_pull_secrets",
    "set_security_context",
    "set_timeout",
    "use_config_map_as_env",
    "use_config_map_as_volume",
    "use_field_path_as_env",
    "use_secret_as_env",
    "use_secret_as_volume",
]
