"""Settings of `kfp.kubernetes`, with constants and with channels."""

from conformance import steps
from conformance.cases import component, pipeline
from kfp import dsl


def kubernetes():
    from kfp import kubernetes as module

    return module


@pipeline
def create_mount_and_delete_a_claim(name: str = "claim"):
    k8s = kubernetes()
    claim = k8s.CreatePVC(
        pvc_name_suffix="-my-pvc", access_modes=["ReadWriteMany"], size="5Gi", storage_class_name="standard"
    )
    task = steps.done()
    k8s.mount_pvc(task, pvc_name=claim.outputs["name"], mount_path="/data")
    k8s.DeletePVC(pvc_name=claim.outputs["name"]).after(task)


@pipeline
def create_a_claim_with_every_setting(size: str):
    kubernetes().CreatePVC(
        pvc_name="my-claim",
        access_modes=["ReadWriteOnce", "ReadOnlyMany"],
        size=size,
        volume_name="vol",
        annotations={"a": "b"},
    )


@pipeline
def mount_claims_by_name_and_input(name: str):
    k8s = kubernetes()
    task = steps.done()
    k8s.mount_pvc(task, pvc_name="static", mount_path="/a")
    k8s.mount_pvc(task, pvc_name=name, mount_path="/b", sub_path="sub")
    k8s.mount_pvc(steps.done(), pvc_name=steps.say(text="x").output, mount_path="/c")


@pipeline
def mount_a_claim_in_a_loop(name: str):
    k8s = kubernetes()
    with dsl.ParallelFor(["a", "b"]) as item:
        k8s.mount_pvc(steps.done(), pvc_name=item, mount_path="/a")
        k8s.mount_pvc(steps.done(), pvc_name=name, mount_path="/a")


@pipeline
def ephemeral_volume():
    kubernetes().add_ephemeral_volume(
        steps.done(),
        volume_name="scratch",
        mount_path="/scratch",
        access_modes=["ReadWriteOnce"],
        size="5Gi",
        storage_class_name="fast",
        labels={"a": "1"},
        annotations={"b": "2"},
    )
    kubernetes().add_ephemeral_volume(
        steps.done(), volume_name="scratch", mount_path="/scratch", access_modes=["ReadWriteOnce"], size="5Gi"
    )


@pipeline
def empty_dir():
    k8s = kubernetes()
    k8s.empty_dir_mount(steps.done(), volume_name="tmp", mount_path="/tmp/x")
    k8s.empty_dir_mount(steps.done(), volume_name="tmp", mount_path="/tmp/x", medium="Memory", size_limit="1Gi")


@pipeline
def secret_as_env(name: str):
    k8s = kubernetes()
    k8s.use_secret_as_env(steps.done(), secret_name="s", secret_key_to_env={"key": "ENV", "other": "OTHER"})
    k8s.use_secret_as_env(steps.done(), secret_name=name, secret_key_to_env={"key": "ENV"}, optional=True)
    k8s.use_secret_as_env(steps.done(), secret_name=steps.say(text="x").output, secret_key_to_env={"key": "ENV"})


@pipeline
def secret_as_volume(name: str):
    k8s = kubernetes()
    task = steps.done()
    k8s.use_secret_as_volume(task, secret_name="s", mount_path="/s")
    k8s.use_secret_as_volume(task, secret_name=name, mount_path="/t", optional=True)


@pipeline
def config_map_as_env(name: str):
    k8s = kubernetes()
    k8s.use_config_map_as_env(steps.done(), config_map_name="c", config_map_key_to_env={"key": "ENV"})
    k8s.use_config_map_as_env(steps.done(), config_map_name=name, config_map_key_to_env={"a": "B"}, optional=True)


@pipeline
def config_map_as_volume(name: str):
    k8s = kubernetes()
    task = steps.done()
    k8s.use_config_map_as_volume(task, config_map_name="c", mount_path="/c")
    k8s.use_config_map_as_volume(task, config_map_name=name, mount_path="/d", optional=True)


@pipeline
def field_path():
    kubernetes().use_field_path_as_env(steps.done(), env_name="POD", field_path="metadata.name")


@pipeline
def node_selector():
    task = steps.done()
    kubernetes().add_node_selector(task, label_key="disk", label_value="ssd")
    kubernetes().add_node_selector(task, label_key="zone", label_value="a")


@pipeline
def node_selector_json(selector: dict):
    k8s = kubernetes()
    k8s.add_node_selector_json(steps.done(), node_selector_json=selector)
    k8s.add_node_selector_json(steps.done(), node_selector_json={"disk": "ssd"})
    k8s.add_node_selector_json(steps.done(), node_selector_json=steps.table().output)


@pipeline
def node_affinity():
    k8s = kubernetes()
    task = steps.done()
    expressions = [{"key": "disk", "operator": "In", "values": ["ssd"]}]
    k8s.add_node_affinity(task, match_expressions=expressions)
    k8s.add_node_affinity(task, match_expressions=expressions, weight=50)
    k8s.add_node_affinity(
        steps.done(), match_fields=[{"key": "metadata.name", "operator": "NotIn", "values": ["a", "b"]}], weight=1
    )


@pipeline
def node_affinity_json(affinity: dict):
    k8s = kubernetes()
    k8s.add_node_affinity_json(steps.done(), node_affinity_json=affinity)
    k8s.add_node_affinity_json(
        steps.done(),
        node_affinity_json={
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{"matchExpressions": [{"key": "a", "operator": "Exists"}]}]
            }
        },
    )


@pipeline
def tolerations():
    k8s = kubernetes()
    task = steps.done()
    k8s.add_toleration(task, key="a", operator="Equal", value="b", effect="NoExecute", toleration_seconds=10)
    k8s.add_toleration(task, key="c", operator="Exists", effect="NoSchedule")
    k8s.add_toleration(steps.done(), operator="Exists")


@pipeline
def toleration_json(one: dict, many: list):
    k8s = kubernetes()
    k8s.add_toleration_json(steps.done(), toleration_json=one)
    k8s.add_toleration_json(steps.done(), toleration_json=many)
    k8s.add_toleration_json(steps.done(), toleration_json={"key": "a", "operator": "Exists"})
    k8s.add_toleration_json(steps.done(), toleration_json=[{"key": "a"}, {"key": "b", "value": "c"}])


@pipeline
def pull_policy_and_secrets(secret: str):
    k8s = kubernetes()
    for policy in ("Always", "Never", "IfNotPresent"):
        k8s.set_image_pull_policy(steps.done(), policy)
    k8s.set_image_pull_secrets(steps.done(), ["one", "two"])
    k8s.set_image_pull_secrets(steps.done(), [secret])


@pipeline
def pod_labels_and_annotations():
    k8s = kubernetes()
    task = steps.done()
    k8s.add_pod_label(task, "team", "a")
    k8s.add_pod_label(task, "stage", "b")
    k8s.add_pod_annotation(task, "run.example.com/x", "y")


@pipeline
def timeout():
    kubernetes().set_timeout(steps.done(), seconds=30)
    kubernetes().set_timeout(steps.done(), 0)


@pipeline
def security_context():
    k8s = kubernetes()
    k8s.set_security_context(steps.done(), run_as_user=1000, run_as_group=0, run_as_non_root=True)
    k8s.set_security_context(steps.done(), run_as_user=0)
    k8s.set_security_context(steps.done(), run_as_non_root=False)


@pipeline
def everything_on_one_task(name: str):
    k8s = kubernetes()
    task = steps.add(a=1).set_cpu_limit("1")
    k8s.mount_pvc(task, pvc_name="a", mount_path="/a")
    k8s.use_secret_as_env(task, secret_name="s", secret_key_to_env={"k": "K"})
    k8s.use_config_map_as_volume(task, config_map_name=name, mount_path="/c")
    k8s.add_node_selector(task, "a", "b")
    k8s.add_toleration(task, key="a")
    k8s.set_timeout(task, 5)
    k8s.add_pod_label(task, "l", "m")


@pipeline
def equal_components_with_different_settings():
    k8s = kubernetes()
    k8s.set_timeout(steps.done(), 5)
    k8s.set_timeout(steps.done(), 6)
    k8s.set_timeout(steps.done(), 5)
    steps.done()


@component
def in_a_condition_in_a_subpipeline():
    @dsl.pipeline
    def inner(a: int, secret: str):
        with dsl.If(a > 1):
            task = steps.add(a=a)
            kubernetes().add_pod_label(task, "l", "m")
            kubernetes().use_secret_as_env(task, secret_name=secret, secret_key_to_env={"k": "K"})

    @dsl.pipeline
    def in_a_condition_in_a_subpipeline(x: int):
        inner(a=x, secret="s")
        kubernetes().add_pod_label(steps.add(a=x), "o", "p")

    return in_a_condition_in_a_subpipeline


@pipeline(
    pipeline_config=lambda: dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size="1Gi"), active_deadline_seconds=9)
)
def beside_pipeline_settings():
    kubernetes().set_timeout(steps.done(), 5)
