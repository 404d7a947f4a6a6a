"""The language that components and pipelines are written in: `from kfp import dsl`.

Every public name is a row of the table below and loads from its module when it is first used, so that importing the
package costs nothing and a step loads only what its function touches.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:  # what editors and type checkers see; it mirrors the table
    from typing import Any, List

    from kfp.dsl.collected import Collected as Collected
    from kfp.dsl.component_decorator import component as component
    from kfp.dsl.component_task_config import TaskConfigField as TaskConfigField
    from kfp.dsl.component_task_config import TaskConfigPassthrough as TaskConfigPassthrough
    from kfp.dsl.conditions import Condition as Condition
    from kfp.dsl.conditions import Elif as Elif
    from kfp.dsl.conditions import Else as Else
    from kfp.dsl.conditions import If as If
    from kfp.dsl.container import container_component as container_component
    from kfp.dsl.container_spec import ContainerSpec as ContainerSpec
    from kfp.dsl.exit_handler import ExitHandler as ExitHandler
    from kfp.dsl.importer_node import importer as importer
    from kfp.dsl.notebook_component_decorator import notebook_component as notebook_component
    from kfp.dsl.notebook_component_decorator import run_notebook as run_notebook
    from kfp.dsl.one_of import OneOf as OneOf
    from kfp.dsl.parallel_for import ParallelFor as ParallelFor
    from kfp.dsl.pipeline_config import KubernetesWorkspaceConfig as KubernetesWorkspaceConfig
    from kfp.dsl.pipeline_config import PipelineConfig as PipelineConfig
    from kfp.dsl.pipeline_config import WorkspaceConfig as WorkspaceConfig
    from kfp.dsl.pipeline_decorator import pipeline as pipeline
    from kfp.dsl.pipeline_task import PipelineTask as PipelineTask
    from kfp.dsl.placeholders import (
        PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER as PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER,
    )
    from kfp.dsl.placeholders import PIPELINE_JOB_ID_PLACEHOLDER as PIPELINE_JOB_ID_PLACEHOLDER
    from kfp.dsl.placeholders import PIPELINE_JOB_NAME_PLACEHOLDER as PIPELINE_JOB_NAME_PLACEHOLDER
    from kfp.dsl.placeholders import PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER as PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER
    from kfp.dsl.placeholders import (
        PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER as PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER,
    )
    from kfp.dsl.placeholders import PIPELINE_ROOT_PLACEHOLDER as PIPELINE_ROOT_PLACEHOLDER
    from kfp.dsl.placeholders import (
        PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER as PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER,
    )
    from kfp.dsl.placeholders import (
        PIPELINE_TASK_EXECUTOR_OUTPUT_PATH_PLACEHOLDER as PIPELINE_TASK_EXECUTOR_OUTPUT_PATH_PLACEHOLDER,
    )
    from kfp.dsl.placeholders import PIPELINE_TASK_ID_PLACEHOLDER as PIPELINE_TASK_ID_PLACEHOLDER
    from kfp.dsl.placeholders import PIPELINE_TASK_NAME_PLACEHOLDER as PIPELINE_TASK_NAME_PLACEHOLDER
    from kfp.dsl.placeholders import WORKSPACE_PATH_PLACEHOLDER as WORKSPACE_PATH_PLACEHOLDER
    from kfp.dsl.placeholders import ConcatPlaceholder as ConcatPlaceholder
    from kfp.dsl.placeholders import IfPresentPlaceholder as IfPresentPlaceholder
    from kfp.runtime.annotations import EmbeddedInput as EmbeddedInput
    from kfp.runtime.annotations import Input as Input
    from kfp.runtime.annotations import InputPath as InputPath
    from kfp.runtime.annotations import Output as Output
    from kfp.runtime.annotations import OutputPath as OutputPath
    from kfp.runtime.artifacts import HTML as HTML
    from kfp.runtime.artifacts import Artifact as Artifact
    from kfp.runtime.artifacts import Dataset as Dataset
    from kfp.runtime.artifacts import Markdown as Markdown
    from kfp.runtime.artifacts import Metrics as Metrics
    from kfp.runtime.artifacts import Model as Model
    from kfp.runtime.artifacts import get_uri as get_uri
    from kfp.runtime.classification import ClassificationMetrics as ClassificationMetrics
    from kfp.runtime.classification import SlicedClassificationMetrics as SlicedClassificationMetrics
    from kfp.runtime.status import PipelineTaskFinalStatus as PipelineTaskFinalStatus
    from kfp.runtime.task_config import TaskConfig as TaskConfig

MODULES = {
    # what a step uses
    "Artifact": "kfp.runtime.artifacts",
    "ClassificationMetrics": "kfp.runtime.classification",
    "Dataset": "kfp.runtime.artifacts",
    "HTML": "kfp.runtime.artifacts",
    "EmbeddedInput": "kfp.runtime.annotations",
    "Input": "kfp.runtime.annotations",
    "InputPath": "kfp.runtime.annotations",
    "Markdown": "kfp.runtime.artifacts",
    "Metrics": "kfp.runtime.artifacts",
    "Model": "kfp.runtime.artifacts",
    "Output": "kfp.runtime.annotations",
    "OutputPath": "kfp.runtime.annotations",
    "PipelineTaskFinalStatus": "kfp.runtime.status",
    "SlicedClassificationMetrics": "kfp.runtime.classification",
    "TaskConfig": "kfp.runtime.task_config",
    "get_uri": "kfp.runtime.artifacts",
    # what an author uses
    "Collected": "kfp.dsl.collected",
    "Condition": "kfp.dsl.conditions",
    "Elif": "kfp.dsl.conditions",
    "Else": "kfp.dsl.conditions",
    "ExitHandler": "kfp.dsl.exit_handler",
    "If": "kfp.dsl.conditions",
    "OneOf": "kfp.dsl.one_of",
    "ParallelFor": "kfp.dsl.parallel_for",
    "ConcatPlaceholder": "kfp.dsl.placeholders",
    "ContainerSpec": "kfp.dsl.container_spec",
    "IfPresentPlaceholder": "kfp.dsl.placeholders",
    "KubernetesWorkspaceConfig": "kfp.dsl.pipeline_config",
    "PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER": "kfp.dsl.placeholders",
    "PIPELINE_JOB_ID_PLACEHOLDER": "kfp.dsl.placeholders",
    "PIPELINE_JOB_NAME_PLACEHOLDER": "kfp.dsl.placeholders",
    "PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER": "kfp.dsl.placeholders",
    "PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER": "kfp.dsl.placeholders",
    "PIPELINE_ROOT_PLACEHOLDER": "kfp.dsl.placeholders",
    "PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER": "kfp.dsl.placeholders",
    "PIPELINE_TASK_EXECUTOR_OUTPUT_PATH_PLACEHOLDER": "kfp.dsl.placeholders",
    "PIPELINE_TASK_ID_PLACEHOLDER": "kfp.dsl.placeholders",
    "PIPELINE_TASK_NAME_PLACEHOLDER": "kfp.dsl.placeholders",
    "PipelineConfig": "kfp.dsl.pipeline_config",
    "PipelineTask": "kfp.dsl.pipeline_task",
    "TaskConfigField": "kfp.dsl.component_task_config",
    "TaskConfigPassthrough": "kfp.dsl.component_task_config",
    "WORKSPACE_PATH_PLACEHOLDER": "kfp.dsl.placeholders",
    "WorkspaceConfig": "kfp.dsl.pipeline_config",
    "component": "kfp.dsl.component_decorator",
    "container_component": "kfp.dsl.container",
    "importer": "kfp.dsl.importer_node",
    "notebook_component": "kfp.dsl.notebook_component_decorator",
    "pipeline": "kfp.dsl.pipeline_decorator",
    "run_notebook": "kfp.dsl.notebook_component_decorator",
}
"""The public names, and the module that has each."""


if not TYPE_CHECKING:  # type checkers take the imports above: any name is fine with __getattr__, none with this __all__
    __all__ = sorted(MODULES)  # noqa: PLE0605 -- a list, made from the table

    def __getattr__(name: str) -> "Any":
        module = MODULES.get(name)
        if module is None:
            raise AttributeError("module 'kfp.dsl' has no attribute {!r}".format(name))
        from importlib import import_module

        value = getattr(import_module(module), name)
        globals()[name] = value
        return value


def __dir__() -> "List[str]":
    return sorted(set(globals()) | set(MODULES))
