"""How a component is called, as `inspect.signature` tells it: what notebooks and `help()` show."""

from inspect import Parameter, Signature
from typing import Any

from kfp.dsl.interface import InputDefinition, Interface
from kfp.dsl.pipeline_task import PipelineTask
from kfp.runtime.interface import ABSENT, TASK_CONFIG, TASK_FINAL_STATUS
from kfp.runtime.parameter_types import PYTHON_TYPES


def call_signature(interface: Interface) -> Signature:
    """Give a component's inputs as keyword arguments, and its task as what a call returns.

    Args:
        interface: the component's.
    """
    given = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=_default(definition), annotation=_annotation(definition))
        for name, definition in interface.inputs.items()
        if name.isidentifier() and definition.type not in (TASK_CONFIG, TASK_FINAL_STATUS)  # these the system gives
    ]
    return Signature(given, return_annotation=PipelineTask)


def _default(definition: InputDefinition) -> Any:
    if definition.default is not ABSENT:
        return definition.default
    return None if definition.optional else Parameter.empty


def _annotation(definition: InputDefinition) -> Any:
    if definition.annotation is not None:
        return definition.annotation
    if definition.type is not None:
        return PYTHON_TYPES.get(definition.type, Parameter.empty)
    title = str(definition.schema_title).rpartition(".")[2]
    return "List[{}]".format(title) if definition.is_artifact_list else title
