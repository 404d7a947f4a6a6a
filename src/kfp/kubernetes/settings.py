"""A task's settings for Kubernetes, and the checks that the functions of this package share."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, NoReturn

from kfp.dsl.importer_node import ImporterComponent
from kfp.dsl.pipeline_channel import ChannelReference, PipelineArtifactChannel, PipelineChannel, find_channels
from kfp.dsl.pipeline_task import PipelineTask
from kfp.errors import ArgumentTypeError, AuthoringError
from kfp.location import caller

PLATFORM = "kubernetes"


def settings(task: PipelineTask, setter: str) -> dict[str, Any]:
    """Return a task's settings for Kubernetes, to be changed; those of an importer are forgotten, with a warning.

    Args:
        task: a call of a component that runs in a container.
        setter: the function that asks, for the message.

    Raises:
        ArgumentTypeError: `task` is not a task.
        AuthoringError: it is a call of a pipeline, which has no pod of its own.
    """
    if not isinstance(task, PipelineTask):
        raise ArgumentTypeError(
            f"{setter}() takes a task, not {task!r}", hint="a task is what a component's call in a pipeline returns"
        )
    if isinstance(task.component, ImporterComponent):
        message = f"{setter}() of task {task.name!r} has no effect: an importer runs in no pod"
        where = caller()
        warnings.warn_explicit(message, UserWarning, *(where or ("kfp", 0)))
        return {}
    if not task.component.is_container:
        raise AuthoringError(
            f"{setter}() of task {task.name!r}: it has no pod of its own, for {task.component.name!r} is a pipeline",
            hint="set it on the tasks inside that pipeline",
        )
    return task.platform_config.setdefault(PLATFORM, {})


def append(task: PipelineTask, setter: str, field: str, item: Mapping[str, Any]) -> PipelineTask:
    """Add an item to a list among a task's settings; return the task."""
    settings(task, setter).setdefault(field, []).append(item)
    return task


def text(task: PipelineTask, setter: str, parameter: str, value: str) -> str:
    """Return a text that is known when the pipeline is built.

    Raises:
        ArgumentTypeError: it is a channel, has one in it, or is not a text.
    """
    if not isinstance(value, str) or find_channels(value, task.pipeline):
        _refuse(task, setter, parameter, value, "text that is known when the pipeline is built")
    return value


def texts(task: PipelineTask, setter: str, parameter: str, value: Mapping[str, str]) -> dict[str, str]:
    """Return a dictionary of texts that are known when the pipeline is built."""
    if not isinstance(value, Mapping):
        _refuse(task, setter, parameter, value, "a dictionary of texts")
    return {text(task, setter, parameter, key): text(task, setter, parameter, item) for key, item in value.items()}


def whole(task: PipelineTask, setter: str, parameter: str, value: int) -> int:
    """Return an integer that is known when the pipeline is built; True and False are none."""
    if not isinstance(value, int) or isinstance(value, bool):
        _refuse(task, setter, parameter, value, "an integer that is known when the pipeline is built")
    return value


def flag(task: PipelineTask, setter: str, parameter: str, value: bool) -> bool:
    """Return True or False as it is."""
    if not isinstance(value, bool):
        _refuse(task, setter, parameter, value, "True or False")
    return value


def name(task: PipelineTask, setter: str, parameter: str, value: str | PipelineChannel) -> dict[str, Any]:
    """Return a name as an InputParameterSpec: a constant, or a reference to the parameter that holds it.

    Args:
        task: the task.
        setter: the function that takes the name, for messages.
        parameter: its parameter, for messages.
        value: a text, or a parameter of the running pipeline.
    """
    if isinstance(value, PipelineChannel):
        return reference(task, setter, parameter, value)
    return constant(text(task, setter, parameter, value))


def reference(task: PipelineTask, setter: str, parameter: str, channel: PipelineChannel) -> ChannelReference:
    """Return the InputParameterSpec of a parameter of the running pipeline."""
    if isinstance(channel, PipelineArtifactChannel):
        _refuse(task, setter, parameter, channel, "a parameter, not an artifact")
    if channel.pipeline is not task.pipeline:
        raise AuthoringError(
            f"{setter}() of task {task.name!r}: {parameter} is a value of another pipeline, {channel.pipeline.name!r}",
            hint="pass it into this pipeline as an input",
        )
    if channel.task is task:
        raise AuthoringError(f"{setter}() of task {task.name!r}: {parameter} is an output of the task itself")
    return ChannelReference(channel)


def constant(value: Any) -> dict[str, Any]:  # noqa: ANN401 - a JSON value
    """Return the InputParameterSpec of a constant."""
    return {"runtimeValue": {"constant": value}}


def json_value(task: PipelineTask, setter: str, parameter: str, value: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a JSON object as an InputParameterSpec: a constant, or a reference to the parameter that holds it.

    Raises:
        ArgumentTypeError: the value is none of a parameter, a dictionary and a text, or holds what is not JSON.
    """
    if isinstance(value, PipelineChannel):
        return reference(task, setter, parameter, value)
    if not isinstance(value, (dict, str)):
        _refuse(task, setter, parameter, value, "a dictionary, or a parameter that holds one")
    return constant(_plain(task, setter, parameter, value))


def _plain(task: PipelineTask, setter: str, parameter: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {text(task, setter, parameter, key): _plain(task, setter, parameter, it) for key, it in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(task, setter, parameter, item) for item in value]
    if isinstance(value, str):
        return text(task, setter, parameter, value)
    if not isinstance(value, (bool, int, float)):
        _refuse(task, setter, parameter, value, "JSON that is known when the pipeline is built")
    return value


def _refuse(task: PipelineTask, setter: str, parameter: str, value: object, wanted: str) -> NoReturn:
    raise ArgumentTypeError(f"{setter}() of task {task.name!r}: {parameter} takes {wanted}, not {value!r}")
