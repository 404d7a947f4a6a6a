"""What stands around pipelines: the compiler, the loaders, local runs, Kubernetes settings."""

import tempfile
from pathlib import Path

from typing_extensions import assert_type

import kfp
from kfp import compiler, components, dsl, kubernetes, local
from kfp.components import YamlComponent, load_component_from_text
from kfp.dsl import PipelineConfig, PipelineTask


@dsl.component
def greet(name: str) -> str:
    return f"Hello, {name}"


@kfp.dsl.component
def size(table: dsl.Input[dsl.Dataset]) -> int:
    return len(table.path)


@dsl.notebook_component(notebook_path=str(Path(__file__).parents[3] / "examples/notebook/report.ipynb"))
def report(title: str, text: dsl.Output[dsl.Markdown]) -> int:
    dsl.run_notebook(title=title, target=text.path)
    with open(text.path) as file:
        return len(assert_type(file.readlines(), list[str]))


@dsl.pipeline(
    pipeline_config=PipelineConfig(
        workspace=dsl.WorkspaceConfig(size="1Gi", kubernetes=dsl.KubernetesWorkspaceConfig(pvcSpecPatch={})),
        ttl_seconds_after_finished=60,
    )
)
def on_kubernetes(secret: str) -> None:
    claim = kubernetes.CreatePVC(pvc_name_suffix="-claim", access_modes=["ReadWriteOnce"], size="1Gi")
    assert_type(claim, PipelineTask)
    task = greet(name="you")
    kubernetes.use_secret_as_env(task, secret_name=secret, secret_key_to_env={"key": "KEY"})
    kubernetes.use_secret_as_volume(task, "name", mount_path="/secret")
    kubernetes.mount_pvc(task, pvc_name=claim.outputs["name"], mount_path="/data")
    kubernetes.add_node_selector(task, "disk", "ssd")
    kubernetes.add_toleration(task, key="gpu", operator="Exists", effect="NoSchedule")
    kubernetes.add_pod_label(kubernetes.add_pod_annotation(task, "a", "b"), "c", "d")
    kubernetes.set_image_pull_policy(task, "Always")
    kubernetes.set_timeout(task, 60)
    kubernetes.use_field_path_as_env(task, env_name="POD", field_path="metadata.name")
    kubernetes.use_config_map_as_env(task, config_map_name="name", config_map_key_to_env={"key": "KEY"})
    kubernetes.empty_dir_mount(task, volume_name="v", mount_path="/tmp/v", size_limit="1Gi")
    kubernetes.DeletePVC(pvc_name=claim.outputs["name"]).after(task)
    assert_type(kubernetes.add_node_selector(task, "a", "b"), PipelineTask)


def compile_and_load(directory: Path) -> None:
    file = str(directory / "pipeline.yaml")
    compiler.Compiler().compile(on_kubernetes, file)
    compiler.Compiler().compile(
        pipeline_func=on_kubernetes, package_path=file, pipeline_name="other", pipeline_parameters={"secret": "s"}
    )
    loaded = components.load_component_from_file(file)
    assert_type(loaded, YamlComponent)
    assert_type(load_component_from_text(Path(file).read_text()), YamlComponent)

    @dsl.pipeline
    def calls() -> None:
        assert_type(loaded(secret="other"), PipelineTask)


def run() -> None:
    local.init(local.SubprocessRunner())
    local.init(runner=local.SubprocessRunner(use_venv=False), pipeline_root="outputs", raise_on_error=False)
    local.init(local.DockerRunner(network_mode="host", environment={"A": "1"}))
    task = greet(name="you")
    assert task.output == "Hello, you"
    if task.output == "Hello, you" or task.outputs["Output"] == "Hello":
        print(task.output.upper(), len(task.output))
    for letter in task.output:
        print(letter, task.output[0])
    text: str = task.output
    print(text)


with tempfile.TemporaryDirectory() as folder:
    compile_and_load(Path(folder))
