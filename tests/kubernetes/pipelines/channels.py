"""Names that are known when the pipeline runs: inputs of the pipeline and outputs of tasks."""
# ruff: noqa: ANN201 -- written as users of KFP write

from kfp import dsl, kubernetes


@dsl.component(base_image="python:3.11")
def work(text: str = "a") -> str:
    return text


@dsl.pipeline
def pipeline(name: str, other: str = "o"):
    one = work()
    two = work(text=other)
    task = work(text=one.output)
    kubernetes.mount_pvc(task, name, "/a", sub_path="sub")
    kubernetes.mount_pvc(task, pvc_name=two.output, mount_path="/b")
    kubernetes.use_secret_as_env(task, name, {"a": "A"})
    kubernetes.use_secret_as_env(task, one.output, {"a": "B"}, optional=True)
    kubernetes.use_secret_as_volume(task, other, "/c")
    kubernetes.use_secret_as_volume(task, two.output, "/d", optional=True)
    kubernetes.use_config_map_as_env(task, name, {"a": "C"})
    kubernetes.use_config_map_as_env(task, one.output, {"a": "D"}, optional=True)
    kubernetes.use_config_map_as_volume(task, other, "/e")
    kubernetes.use_config_map_as_volume(task, two.output, "/f", optional=True)
    kubernetes.set_image_pull_secrets(task, [name, work().output])
