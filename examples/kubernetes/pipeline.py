"""Settings of tasks: what they need of a cluster, and how they stand on Kubernetes.

A task's methods set what every backend knows: CPU, memory, accelerators, environment, retries. `kfp.kubernetes` has the
rest; its settings go into a document of their own behind the pipeline's. A run on this machine has a directory for the
volume, takes the secret and the ConfigMap from `values.yaml`, and says what of the rest does nothing.
"""

from kfp import dsl, kubernetes


@dsl.component
def prepare(path: str) -> int:
    """Leave a file on the volume; return its length."""
    from pathlib import Path

    Path(path).mkdir(parents=True, exist_ok=True)
    return (Path(path) / "data.txt").write_text("0123456789")


@dsl.component
def train(path: str, length: int) -> str:
    import os
    from pathlib import Path

    data = (Path(path) / "data.txt").read_text()
    trainer = os.environ.get("TRAINER", "somebody")
    return f"{trainer} was {os.environ['LEVEL']} with {len(data)} of {length} characters"


@dsl.pipeline(name="on-kubernetes", description="Two tasks that share a volume, the second on a GPU")
def on_kubernetes(path: str = "/data", volume: str = "team-data") -> str:
    preparation = prepare(path=path)
    kubernetes.mount_pvc(preparation, pvc_name=volume, mount_path="/data")

    training = train(path=path, length=preparation.output)
    training.set_display_name("train on a GPU")
    training.set_cpu_request("2").set_cpu_limit("4").set_memory_limit("16G")
    training.set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(1)
    training.set_env_variable("LEVEL", "careful")
    training.set_caching_options(False).set_retry(num_retries=2, backoff_duration="30s")

    kubernetes.mount_pvc(training, pvc_name=volume, mount_path="/data")
    kubernetes.use_secret_as_env(training, secret_name="account", secret_key_to_env={"user": "TRAINER"})
    kubernetes.use_config_map_as_volume(training, config_map_name="settings", mount_path="/etc/training")
    kubernetes.add_node_selector(training, label_key="pool", label_value="gpu")
    kubernetes.add_toleration(training, key="gpu", operator="Exists", effect="NoSchedule")
    kubernetes.add_pod_label(training, label_key="team", label_value="vision")
    kubernetes.set_image_pull_policy(training, "IfNotPresent")
    kubernetes.set_timeout(training, 3600)
    return training.output
