"""Component files of KFP v1, which have `implementation.container`, as container components.

Inputs and outputs keep their v1 names in lower case with underscores: `Learning Rate` becomes `learning_rate`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from kfp.compiler import v1_format
from kfp.compiler.compile import document
from kfp.compiler.v1_elements import Elements, key
from kfp.compiler.v1_format import broken
from kfp.dsl.container import ContainerComponent
from kfp.dsl.container_spec import ContainerSpec
from kfp.dsl.interface import InputDefinition, Interface, OutputDefinition, sanitize
from kfp.dsl.yaml_component import YamlComponent
from kfp.errors import ArgumentsError, AuthoringError, SpecError, SpecTypeError
from kfp.ir import spec as ir
from kfp.ir.values import parse_text
from kfp.runtime.artifact_types import artifact_class, named_type
from kfp.runtime.artifacts import Artifact
from kfp.runtime.interface import ABSENT, TASK_FINAL_STATUS
from kfp.runtime.parameter_types import parameter_type

_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")
_UNNAMED = "component"
_GOOGLE = re.compile(r"google\.\w+")
_FINAL_STATUS = "PipelineTaskFinalStatus"


def is_v1(data: object) -> bool:
    """Tell whether a file's value is a component of KFP v1."""
    return isinstance(data, dict) and "implementation" in data and "pipelineInfo" not in data


def load(data: Mapping[str, Any], text: str, source: str = "") -> YamlComponent:
    """Return the component that a v1 file describes.

    Args:
        data: the file's value.
        text: the file's text.
        source: the file's name, if it has one, for errors that are raised later.

    Raises:
        SpecTypeError: it breaks the format; the message carries the field's path. A component that uses an input or
            output as what it is not raises it when it is called or compiled.
    """
    file = v1_format.read(data)
    interface = _interface(file)
    container = file.implementation.container
    if not container.image:
        raise broken("implementation.container.image", "must not be empty")
    elements = Elements(interface)
    try:
        command, args = (
            [
                elements.read(item, f"implementation.container.{field}[{index}]")
                for index, item in enumerate(given or ())
            ]
            for field, given in (("command", container.command), ("args", container.args))
        )
        described = ContainerSpec(container.image, command, args)
        component = ContainerComponent(interface, lambda: described, described)
    except AuthoringError as error:
        raise broken("", error.message) from None
    if elements.misuse is not None:
        where = f"{source}: " if source else ""
        return YamlComponent(interface, SpecTypeError(where + elements.misuse.message), text, is_container=True)
    compiled = document(component)
    if container.env:
        compiled = _with_env(
            compiled, tuple(ir.EnvVar(name=name, value=value) for name, value in container.env.items())
        )
    return YamlComponent(interface, compiled, text, is_container=True)


def _interface(file: v1_format.Component) -> Interface:
    return Interface(
        sanitize(file.name) if file.name else _UNNAMED,
        file.description or None,
        {
            name: _input(item, f"inputs[{index}].default")
            for index, (name, item) in enumerate(_named("inputs", file.inputs or ()))
        },
        {name: _output(item) for name, item in _named("outputs", file.outputs or ())},
    )


def _named(field: str, items: Sequence[Any]) -> list[tuple[str, Any]]:
    named = [(key(item.name), item) for item in items]
    for index, (name, _) in enumerate(named):
        if not name:
            raise broken(f"{field}[{index}].name", "must have a letter or digit")
    if len({name for name, _ in named}) != len(named):
        raise broken(field, "two names differ only in case, blanks and signs")
    return named


def _input(item: v1_format.Input, path: str) -> InputDefinition:
    kind = _parameter(item)
    optional = bool(item.optional) or item.default is not None or kind == TASK_FINAL_STATUS
    if kind is None:
        title, version = _schema(item)
        return InputDefinition(None, title, version, optional=optional)
    return InputDefinition(kind, default=_default(item.default, kind, path), optional=optional)


def _output(item: v1_format.Item) -> OutputDefinition:
    kind = None if item.type == _FINAL_STATUS else _parameter(item)
    return OutputDefinition(None, *_schema(item)) if kind is None else OutputDefinition(kind)


def _parameter(item: v1_format.Item) -> str | None:
    if item.type == _FINAL_STATUS:
        return TASK_FINAL_STATUS
    return parameter_type(named_type(item.type)) if isinstance(item.type, str) else None


def _schema(item: v1_format.Item) -> tuple[str, str]:
    if isinstance(item.type, str) and _GOOGLE.fullmatch(item.type):
        return item.type, Artifact.schema_version
    named = named_type(item.type) if isinstance(item.type, str) else Artifact
    class_ = named if artifact_class(named) else Artifact
    return class_.schema_title, class_.schema_version


def _default(value: Any, kind: str, path: str) -> Any:  # noqa: ANN401 - a JSON value
    if value is None:
        return ABSENT
    if kind == "STRING":
        return value if isinstance(value, str) else json.dumps(value)
    if not isinstance(value, str):
        return value
    if kind == "BOOLEAN" and value.lower() in _TRUE + _FALSE:
        return value.lower() in _TRUE
    try:
        return parse_text(value, kind)
    except (ArgumentsError, SpecError) as error:
        raise broken(path, error.message) from None


def _with_env(compiled: ir.Document, env: tuple[ir.EnvVar, ...]) -> ir.Document:
    ((label, executor),) = compiled.spec.deployment_spec.executors.items()
    changed = msgspec.structs.replace(executor, container=msgspec.structs.replace(executor.container, env=env))  # type: ignore[type-var]
    config = ir.PipelineDeploymentConfig(executors={label: changed})
    return msgspec.structs.replace(compiled, spec=msgspec.structs.replace(compiled.spec, deployment_spec=config))
