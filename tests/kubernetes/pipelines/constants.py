"""Every setting with constants, all on one task, some of them twice."""
# ruff: noqa: ANN201 -- written as users of KFP write

from kfp import dsl, kubernetes


@dsl.component(base_image="python:3.11")
def work(text: str = "a") -> str:
    return text


@dsl.pipeline
def pipeline(text: str = "x"):
    first = work(text=text)
    kubernetes.add_ephemeral_volume(
        first, "scratch", "/scratch", ["ReadWriteOnce"], "5Gi", "fast", {"a": "b"}, {"c": "d", "e": "f"}
    )
    kubernetes.add_ephemeral_volume(
        first, volume_name="more", mount_path="/more", access_modes=["ReadWriteOnce", "ReadOnlyMany"], size="1Gi"
    )
    kubernetes.add_node_affinity(
        first,
        match_expressions=[{"key": "disk", "operator": "In", "values": ["ssd", "nvme"]}],
        match_fields=[{"key": "metadata.name", "operator": "NotIn", "values": ["n1"]}],
        weight=5,
    )
    kubernetes.add_node_affinity(first, [{"key": "gpu", "operator": "Exists"}])
    kubernetes.add_node_selector(first, "a", "b")
    kubernetes.add_node_selector(first, label_key="c", label_value="d")
    kubernetes.add_node_selector(first, "a", "e")
    kubernetes.add_pod_annotation(first, annotation_key="a", annotation_value="b")
    kubernetes.add_pod_label(first, label_key="c", label_value="d")
    kubernetes.add_pod_label(first, "e", "f")
    kubernetes.add_toleration(first, "key", "Equal", "val", "NoExecute", 10)
    kubernetes.add_toleration(first, key="other", operator="Exists", effect="NoSchedule")
    kubernetes.add_toleration(first)
    kubernetes.empty_dir_mount(first, "v", "/x", "Memory", "1Gi")
    kubernetes.empty_dir_mount(first, volume_name="v2", mount_path="/y")
    kubernetes.mount_pvc(first, "claim", "/data")
    kubernetes.mount_pvc(first, pvc_name="claim", mount_path="/data2", sub_path="a/b")
    kubernetes.set_image_pull_policy(first, "Never")
    kubernetes.set_image_pull_policy(first, policy="Always")
    kubernetes.set_image_pull_secrets(first, ["a", "b"])
    kubernetes.set_image_pull_secrets(first, secret_names=["c"])
    kubernetes.set_security_context(first, 1000, 2000, True)
    kubernetes.set_timeout(first, seconds=20)
    kubernetes.use_config_map_as_env(first, "map", {"a": "A", "b": "B"}, True)
    kubernetes.use_config_map_as_env(first, config_map_name="map", config_map_key_to_env={"c": "C"})
    kubernetes.use_config_map_as_volume(first, "map", "/map")
    kubernetes.use_config_map_as_volume(first, config_map_name="map", mount_path="/map2", optional=True)
    kubernetes.use_field_path_as_env(first, "POD", "metadata.name")
    kubernetes.use_field_path_as_env(first, env_name="SPACE", field_path="metadata.namespace")
    kubernetes.use_secret_as_env(first, "secret", {"a": "A", "b": "B"})
    kubernetes.use_secret_as_env(first, secret_name="secret", secret_key_to_env={"c": "C"}, optional=True)
    kubernetes.use_secret_as_volume(first, "secret", "/secret")
    kubernetes.use_secret_as_volume(first, secret_name="secret", mount_path="/secret2", optional=True)

    second = kubernetes.set_timeout(kubernetes.set_security_context(work(), run_as_user=0), 0)
    kubernetes.set_security_context(second, run_as_group=3)
    kubernetes.set_security_context(work(), run_as_non_root=False)
