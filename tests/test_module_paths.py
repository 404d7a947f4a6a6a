"""Names are found under the module paths that KFP has them in: editors write such imports by themselves."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from kfp import compiler, components, dsl, errors, kubernetes

DSL = {
    "component_decorator": ["component"],
    "component_task_config": ["TaskConfigField", "TaskConfigPassthrough"],
    "container_component_decorator": ["container_component"],
    "for_loop": ["Collected"],
    "importer_node": ["importer"],
    "notebook_component_decorator": ["notebook_component"],
    "pipeline_channel": ["OneOf"],
    "pipeline_config": ["KubernetesWorkspaceConfig", "PipelineConfig", "WorkspaceConfig"],
    "pipeline_context": ["pipeline"],
    "pipeline_task": ["PipelineTask"],
    "placeholders": ["ConcatPlaceholder", "IfPresentPlaceholder"],
    "structures": ["ContainerSpec"],
    "task_config": ["TaskConfig"],
    "task_final_status": ["PipelineTaskFinalStatus"],
    "tasks_group": ["Condition", "Elif", "Else", "ExitHandler", "If", "ParallelFor"],
    "types.artifact_types": [
        "Artifact",
        "ClassificationMetrics",
        "Dataset",
        "HTML",
        "Markdown",
        "Metrics",
        "Model",
        "SlicedClassificationMetrics",
        "get_uri",
    ],
    "types.type_annotations": ["InputPath", "OutputPath"],
}
"""What `kfp.dsl` has, too."""

COMPONENTS = {
    "base_component": ["BaseComponent"],
    "container_component_class": ["ContainerComponent"],
    "python_component": ["PythonComponent"],
    "yaml_component": ["YamlComponent"],
}
"""What `kfp.components` has, too."""

KUBERNETES = {
    "config_map": ["use_config_map_as_env", "use_config_map_as_volume"],
    "empty_dir": ["empty_dir_mount"],
    "field": ["use_field_path_as_env"],
    "image": ["set_image_pull_policy", "set_image_pull_secrets"],
    "node_affinity": ["add_node_affinity", "add_node_affinity_json"],
    "node_selector": ["add_node_selector", "add_node_selector_json"],
    "pod_metadata": ["add_pod_annotation", "add_pod_label"],
    "secret": ["use_secret_as_env", "use_secret_as_volume"],
    "security_context": ["set_security_context"],
    "timeout": ["set_timeout"],
    "toleration": ["add_toleration", "add_toleration_json"],
    "volume": ["add_ephemeral_volume", "mount_pvc"],
}
"""What `kfp.kubernetes` has, too."""

ALONE = {
    "kfp.compiler.compiler": ["Compiler"],
    "kfp.dsl.constants": ["WORKSPACE_MOUNT_PATH"],
    "kfp.dsl.graph_component": ["GraphComponent"],
    "kfp.dsl.importer_component": ["ImporterComponent"],
    "kfp.dsl.pipeline_channel": ["PipelineArtifactChannel", "PipelineChannel", "PipelineParameterChannel"],
    "kfp.dsl.pipeline_context": ["Pipeline"],
    "kfp.dsl.pipeline_task": ["TaskState"],
    "kfp.dsl.structures": ["ComponentSpec", "InputSpec", "OutputSpec"],
    "kfp.dsl.tasks_group": ["TasksGroup"],
}
"""What is nowhere else."""

EXCEPTIONS = {
    "kfp.compiler.compiler_utils": ["InvalidTopologyException"],
    "kfp.dsl.tasks_group": ["InvalidControlFlowException"],
    "kfp.dsl.types.type_utils": ["InconsistentTypeException"],
}


@pytest.mark.parametrize(
    ("home", "paths"),
    [
        (dsl, {f"kfp.dsl.{path}": names for path, names in DSL.items()}),
        (components, {f"kfp.dsl.{path}": names for path, names in COMPONENTS.items()}),
        (kubernetes, {f"kfp.kubernetes.{path}": names for path, names in KUBERNETES.items()}),
        (compiler, {"kfp.compiler.compiler_utils": ["KubernetesManifestOptions"]}),
        (errors, EXCEPTIONS),
    ],
)
def test_names_are_the_same_under_their_older_paths(home: object, paths: dict[str, list[str]]) -> None:
    for path, names in paths.items():
        module = importlib.import_module(path)
        for name in names:
            assert getattr(module, name) is getattr(home, name), f"{path}.{name}"


@pytest.mark.parametrize("path", ALONE)
def test_names_that_are_nowhere_else(path: str) -> None:
    module = importlib.import_module(path)
    assert all(hasattr(module, name) for name in ALONE[path])
    with pytest.raises(AttributeError, match=f"module '{path}' has no attribute 'nothing'"):
        module.nothing  # noqa: B018 -- asking is the test


@pytest.mark.parametrize(
    ("module", "name"), [("tasks_group", "If"), ("pipeline_context", "pipeline"), ("pipeline_channel", "OneOf")]
)
def test_each_path_can_come_first(module: str, name: str) -> None:
    subprocess.run([sys.executable, "-c", f"from kfp.dsl.{module} import {name}"], check=True)


def test_v2_is_deprecated_and_the_same() -> None:
    program = (
        "import warnings; warnings.simplefilter('error', DeprecationWarning)\n"
        "import kfp\n"
        "try: import kfp.v2\n"
        "except DeprecationWarning: pass\n"
        "else: raise SystemExit('no warning')\n"
        "warnings.simplefilter('ignore')\n"
        "from kfp.v2 import compiler, components, dsl\n"
        "from kfp.v2.dsl import component, Input\n"
        "import kfp.v2.compiler as c, kfp.v2.components as k\n"
        "assert component is kfp.dsl.component and Input is kfp.dsl.Input and dsl.component is component\n"
        "assert c.Compiler is compiler.Compiler is kfp.compiler.Compiler\n"
        "assert k.load_component_from_text is kfp.components.load_component_from_text\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_numbers_of_parameter_types() -> None:
    from kfp.dsl.types import type_utils
    from kfp.pipeline_spec import pipeline_spec_pb2  # type: ignore[import-untyped,unused-ignore]

    numbers = pipeline_spec_pb2.ParameterType.ParameterTypeEnum
    names = [name for name in type_utils.__all__ if name.isupper()]
    assert {name: getattr(type_utils, name) for name in names} == {name: numbers.Value(name) for name in names}
