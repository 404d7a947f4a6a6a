"""The comment at the top of a pipeline's file: name, description, inputs and outputs for a human reader."""

from __future__ import annotations

import re

from msgspec import UNSET

from kfp.ir.spec import InputArtifactDefinition, InputParameterDefinition, Json, OutputArtifactDefinition, PipelineSpec

_TYPE_NAMES = {
    "NUMBER_INTEGER": "int",
    "INT": "int",
    "NUMBER_DOUBLE": "float",
    "DOUBLE": "float",
    "STRING": "str",
    "BOOLEAN": "bool",
    "LIST": "list",
    "STRUCT": "dict",
    "TASK_FINAL_STATUS": "PipelineTaskFinalStatus",
    "TASK_CONFIG": "TaskConfig",
}

_NOT_IN_YAML = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""What YAML allows nowhere, not even in comments (YAML 1.1, c-printable)."""

_DESCRIPTION = "# Description: "
_CONTINUED = "# " + " " * len("Description: ")


def type_name(parameter_type: str | None) -> str:
    """Return the Python name of a parameter type: `int` for NUMBER_INTEGER."""
    return _TYPE_NAMES.get(parameter_type or "", parameter_type or "")


def header(spec: PipelineSpec, description: str = "") -> str:
    """Return the comment lines, ending with a newline.

    Args:
        spec: the pipeline.
        description: shown where the pipeline has none of its own, such as that of a component compiled alone.
    """
    lines = ["PIPELINE DEFINITION", f"Name: {spec.pipeline_info.name}"]
    text = spec.pipeline_info.description or description
    if text:
        first, *rest = text.splitlines()
        lines += [f"Description: {first}", *(" " * len("Description: ") + line for line in rest)]
    definitions = spec.root.input_definitions
    inputs: dict[str, InputParameterDefinition | InputArtifactDefinition] = {
        **definitions.parameters,
        **definitions.artifacts,
    }
    if inputs:
        lines += ["Inputs:", *(f"   {name}: {_input(inputs[name])}" for name in sorted(inputs))]
    produced = spec.root.output_definitions
    outputs = {name: type_name(item.parameter_type or item.type) for name, item in produced.parameters.items()}
    outputs.update((name, _artifact(item)) for name, item in produced.artifacts.items())
    if outputs:
        lines += ["Outputs:", *(f"   {name}: {outputs[name]}" for name in sorted(outputs))]
    # a line break inside a name would end the comment
    text = "".join(f"# {' '.join(line.splitlines())}\n" for line in lines)
    return _NOT_IN_YAML.sub(lambda match: f"\\x{ord(match.group()):02x}", text)


def described(text: str) -> str | None:
    """Return the description in the comment at the top of a file's text, or None."""
    lines: list[str] = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        if line.startswith(_DESCRIPTION):
            lines.append(line.removeprefix(_DESCRIPTION))
        elif lines and (line.startswith(_CONTINUED) or line == "#"):
            lines.append(line[len(_CONTINUED) :])
        elif lines:
            break
    return "\n".join(lines) or None


def _artifact(definition: InputArtifactDefinition | OutputArtifactDefinition) -> str:
    title = definition.artifact_type.schema_title or ""
    return f"List[{title}]" if definition.is_artifact_list else title


def _input(definition: InputParameterDefinition | InputArtifactDefinition) -> str:
    if isinstance(definition, InputArtifactDefinition):
        return _artifact(definition)
    name = type_name(definition.parameter_type or definition.type)
    return name if definition.default_value is UNSET else f"{name} [Default: {_shown(definition.default_value)}]"


def _shown(default: Json) -> str:
    """Return a default on one line, as a second one would end the comment, with keys in order."""
    text = f"'{default}'" if isinstance(default, str) else repr(_ordered(default))
    return (
        text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r") if "\n" in text or "\r" in text else text
    )


def _ordered(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value)}
    return [_ordered(item) for item in value] if isinstance(value, list) else value
