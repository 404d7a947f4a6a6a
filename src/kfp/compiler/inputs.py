"""A task's arguments as the inputs of a PipelineTaskSpec.

A channel that is an argument becomes a reference. One inside a constant becomes the placeholder of an additional
input, `pipelinechannel--<task>-<output>`, and that input becomes the reference.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kfp.compiler.checks.names import check_setting_input
from kfp.compiler.wiring import Wiring, is_same
from kfp.dsl.pipeline_channel import PATTERN, ChannelReference, PipelineArtifactChannel, PipelineChannel
from kfp.dsl.pipeline_task import PipelineTask
from kfp.ir import spec as ir
from kfp.ir.values import coerce

_SETTING_INPUTS = {
    "accelerator_limit": "accelerator_count",
    "accelerator_type": "accelerator_type",
    "container_image": "base_image",
    "cpu_limit": "cpu_limit",
    "cpu_request": "cpu_request",
    "memory_limit": "memory_limit",
    "memory_request": "memory_request",
}
"""Settings that may hold channels, and the task inputs that KFP writes for them."""


class TaskInputs:
    """Collects the inputs of one task.

    Args:
        task: the task.
        wiring: the ports of the groups around it, which take in what it needs.
    """

    def __init__(self, task: PipelineTask, wiring: Wiring) -> None:
        self._task = task
        self._wiring = wiring
        self._parameters: dict[str, ir.InputParameterSpec] = {}
        self._artifacts: dict[str, ir.InputArtifactSpec] = {}
        self._embedded: dict[str, PipelineChannel] = {}
        expected = task.component.interface.inputs
        for name, value in task.inputs.items():
            if isinstance(value, PipelineArtifactChannel):
                self._artifacts[name] = self._artifact(value)
            elif isinstance(value, PipelineChannel):
                self._parameters[name] = self._parameter(value)
            else:
                self._parameters[name] = self._constant(coerce(self._embed(value), _type(expected[name].type, value)))
        for name, spec in expected.items():
            if spec.type == "TASK_FINAL_STATUS" and name not in task.inputs:
                (producer,) = task.pipeline.waits[task.name]
                status = ir.TaskFinalStatus(producer_task=producer)
                self._parameters[name] = ir.InputParameterSpec(task_final_status=status)
        for setting, name in _SETTING_INPUTS.items():
            text = getattr(task.settings, setting)
            if text is not None and "{{channel:" in text:
                check_setting_input(task, setting, name)
                self._parameters[name] = self._constant(self.embed(text))

    def spec(self) -> ir.TaskInputsSpec:
        """Return the inputs."""
        if not self._parameters and not self._artifacts:
            return ir.NO_TASK_INPUTS
        return ir.TaskInputsSpec(parameters=self._parameters, artifacts=self._artifacts)

    def embed(self, text: str) -> str:
        """Return a text with its channels as placeholders, and take those as inputs."""
        if "{{channel:" not in text:
            return text
        return PATTERN.sub(
            lambda match: self._placeholder(self._task.pipeline.channel(match.group(1), match.group(2))), text
        )

    def platforms(self) -> dict[str, dict[str, Any]]:
        """Return the task's settings for platforms, with references in the place of channels.

        A platform reads them beside the task, so that a channel in them is a reference but not an input.
        """
        resolved: dict[str, dict[str, Any]] = self._resolved(self._task.platform_config)
        return resolved

    def _resolved(self, value: Any) -> Any:  # noqa: ANN401 - a JSON value with references in it
        if isinstance(value, ChannelReference):
            reference = msgspec.to_builtins(self._parameter(value.channel))
            if value.others and "parameterExpressionSelector" in reference:
                reference = {}  # an object that is more than a reference has no field for it; its reference inside has
            return {**self._resolved(value.others), **reference}
        if isinstance(value, dict):
            return {key: self._resolved(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._resolved(item) for item in value]
        return value

    def _embed(self, value: Any) -> Any:  # noqa: ANN401 - a JSON value with channels in it
        if isinstance(value, str):
            return self.embed(value)
        if isinstance(value, PipelineChannel):
            return self._placeholder(value)
        if isinstance(value, dict):
            return {self.embed(key): self._embed(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._embed(item) for item in value]
        return value

    def _placeholder(self, channel: PipelineChannel) -> str:
        wanted = self._wiring.input_name(channel, self._task.parent)
        name, number = wanted, 1
        while name in self._embedded and not is_same(self._embedded[name], channel):
            number += 1
            name = f"{wanted}-{number}"
        if name not in self._embedded:
            self._embedded[name] = channel
            self._parameters[name] = self._parameter(channel)
        return f"{{{{$.inputs.parameters['{name}']}}}}"

    def _parameter(self, channel: PipelineChannel) -> ir.InputParameterSpec:
        return self._wiring.source(channel, self._task.parent).parameter()

    def _artifact(self, channel: PipelineChannel) -> ir.InputArtifactSpec:
        return self._wiring.source(channel, self._task.parent).artifact()

    @staticmethod
    def _constant(value: Any) -> ir.InputParameterSpec:  # noqa: ANN401 - any JSON value
        return ir.InputParameterSpec(runtime_value=ir.ValueOrRuntimeParameter(constant=value))


def _type(parameter_type: str | None, value: object) -> str | None:
    """Return the type to normalise to; with `kfp.TYPE_CHECK` off a value may be of another, and stays as it is."""
    return parameter_type if parameter_type == "NUMBER_DOUBLE" and type(value) is float else None
