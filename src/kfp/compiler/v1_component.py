"""Component files of KFP v1, which have `implementation.container`, as container components.

Inputs and outputs keep their v1 names in lower case with underscores: `Learning Rate` becomes `learning_rate`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from kfp.compiler.compile import document
from kfp.dsl.container import ContainerComponent
from kfp.dsl.container_spec import ContainerSpec
from kfp.dsl.interface import InputDefinition, Interface, OutputDefinition, sanitize
from kfp.dsl.placeholders import (
    PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER,
    ConcatPlaceholder,
    Element,
    IfPresentPlaceholder,
    TextPlaceholder,
)
from kfp.dsl.yaml_component import YamlComponent
from kfp.errors import ArgumentsError, AuthoringError, SpecError
from kfp.ir import spec as ir
from kfp.ir.values import parse_text
from kfp.runtime.artifacts import Artifact
from kfp.runtime.interface import ABSENT
from kfp.runtime.system_artifacts import SYSTEM_ARTIFACTS

_PARAMETERS = {
    "string": "STRING",
    "str": "STRING",
    "integer": "NUMBER_INTEGER",
    "int": "NUMBER_INTEGER",
    "float": "NUMBER_DOUBLE",
    "double": "NUMBER_DOUBLE",
    "bool": "BOOLEAN",
    "boolean": "BOOLEAN",
    "list": "LIST",
    "jsonarray": "LIST",
    "dict": "STRUCT",
    "jsonobject": "STRUCT",
}
_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")
_UNNAMED = "component"


def is_v1(data: object) -> bool:
    """Tell whether a file's value is a component of KFP v1."""
    return isinstance(data, dict) and "implementation" in data and "pipelineInfo" not in data


def load(data: Mapping[str, Any], text: str) -> YamlComponent:
    """Return the component that a v1 file describes.

    Args:
        data: the file's value.
        text: the file's text.

    Raises:
        SpecError: it breaks the format; the message carries the field's path.
    """
    inputs = {_key(item, path): _input(item, path) for path, item in _items(data, "inputs")}
    outputs = {_key(item, path): _output(item) for path, item in _items(data, "outputs")}
    for field, names in (("inputs", inputs), ("outputs", outputs)):
        if len(names) != len(_items(data, field)):
            raise _error(field, "two names differ only in case, blanks and signs")
    name, description = data.get("name"), data.get("description")
    spec = Interface(
        sanitize(name) if isinstance(name, str) and name else _UNNAMED,
        description if isinstance(description, str) and description else None,
        inputs,
        outputs,
    )
    container = _mapping(
        _mapping(data["implementation"], "implementation").get("container"), "implementation.container"
    )
    try:
        component = _component(spec, container)
    except AuthoringError as error:
        raise SpecError(f"not a component of KFP v1: {error.message}", hint=error.hint) from None
    compiled = document(component)
    env = _mapping(container.get("env") or {}, "implementation.container.env")
    if env:
        compiled = _with_env(compiled, tuple(ir.EnvVar(name=str(key), value=str(value)) for key, value in env.items()))
    return YamlComponent(spec, compiled, text, is_container=True)


def _component(spec: Interface, container: Mapping[str, Any]) -> ContainerComponent:
    where = "implementation.container"
    image = container.get("image")
    if not isinstance(image, str) or not image:
        raise _error(f"{where}.image", "must be a text")
    elements = _Elements(spec)
    parts = {}
    for field in ("command", "args"):
        given = container.get(field) or []
        if not isinstance(given, list):
            raise _error(f"{where}.{field}", "must be a list")
        parts[field] = [elements.read(item, f"{where}.{field}[{index}]") for index, item in enumerate(given)]
    described = ContainerSpec(image, parts["command"], parts["args"])
    return ContainerComponent(spec, lambda: described, described)


def _with_env(compiled: ir.Document, env: tuple[ir.EnvVar, ...]) -> ir.Document:
    ((label, executor),) = compiled.spec.deployment_spec.executors.items()
    changed = msgspec.structs.replace(executor, container=msgspec.structs.replace(executor.container, env=env))  # type: ignore[type-var]
    config = ir.PipelineDeploymentConfig(executors={label: changed})
    return msgspec.structs.replace(compiled, spec=msgspec.structs.replace(compiled.spec, deployment_spec=config))


class _Elements:
    """Reads the elements of commands and args.

    Args:
        spec: the component's interface, whose inputs and outputs they refer to.
    """

    def __init__(self, spec: Interface) -> None:
        self._spec = spec

    def read(self, item: Any, path: str) -> Element:  # noqa: ANN401 - what a YAML file holds
        """Return an element as text or placeholder."""
        if isinstance(item, str):
            return item
        if not isinstance(item, dict) or len(item) != 1:
            raise _error(path, "must be a text or one placeholder")
        ((kind, value),) = item.items()
        if kind == "executorInput":
            return PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER
        if kind == "concat" and isinstance(value, list):
            return ConcatPlaceholder([self.read(part, f"{path}.concat[{i}]") for i, part in enumerate(value)])
        if kind == "if" and isinstance(value, dict):
            return self._choice(value, f"{path}.if")
        return TextPlaceholder(self._reference(kind, value, f"{path}.{kind}"))

    def _choice(self, value: Mapping[str, Any], path: str) -> IfPresentPlaceholder:
        condition = value.get("cond")
        name = condition.get("isPresent") if isinstance(condition, dict) else None
        if not isinstance(name, str):
            raise _error(f"{path}.cond", "must be `isPresent: <input>`")
        if _sanitized(name) not in self._spec.inputs:
            raise _error(f"{path}.cond.isPresent", f"there is no input {name!r}")
        then, else_ = value.get("then"), value.get("else")
        if then is None:
            raise _error(path, "must have `then`")
        return IfPresentPlaceholder(
            _sanitized(name),
            self._branch(then, f"{path}.then"),
            None if else_ is None else self._branch(else_, f"{path}.else"),
        )

    def _branch(self, value: Any, path: str) -> Element | list[Element]:  # noqa: ANN401 - the same
        if isinstance(value, list):
            return [self.read(item, f"{path}[{index}]") for index, item in enumerate(value)]
        return self.read(value, path)

    def _reference(self, kind: str, name: object, path: str) -> str:
        side = "inputs" if kind.startswith("input") else "outputs"
        if kind not in ("inputValue", "inputPath", "inputUri", "outputPath", "outputUri"):
            raise _error(path, "is not a placeholder of KFP v1")
        known: Mapping[str, InputDefinition | OutputDefinition] = (
            self._spec.inputs if side == "inputs" else self._spec.outputs
        )
        if not isinstance(name, str) or _sanitized(name) not in known:
            raise _error(path, f"there is no {side[:-1]} {name!r}")
        key = _sanitized(name)
        is_parameter = known[key].type is not None
        if is_parameter and kind == "outputPath":
            return f"outputs.parameters['{key}'].output_file"
        if is_parameter != (kind == "inputValue"):
            what = "a parameter, which has a value" if is_parameter else "an artifact, which has a path and a uri"
            raise _error(path, f"{name!r} is {what}")
        part = "uri" if kind.endswith("Uri") else "path"
        return f"inputs.parameters['{key}']" if is_parameter else f"{side}.artifacts['{key}'].{part}"


def _items(data: Mapping[str, Any], field: str) -> list[tuple[str, Mapping[str, Any]]]:
    items = data.get(field) or []
    if not isinstance(items, list):
        raise _error(field, "must be a list")
    return [(f"{field}[{index}]", _mapping(item, f"{field}[{index}]")) for index, item in enumerate(items)]


def _key(item: Mapping[str, Any], path: str) -> str:
    name = item.get("name")
    if not isinstance(name, str) or not _sanitized(name):
        raise _error(f"{path}.name", "must be a text")
    return _sanitized(name)


def _input(item: Mapping[str, Any], path: str) -> InputDefinition:
    kind = _parameter(item)
    default = item.get("default")
    optional = bool(item.get("optional")) or default is not None
    if kind is None:
        title, version = _schema(item)
        return InputDefinition(None, title, version, optional=optional)
    return InputDefinition(kind, default=_default(default, kind, f"{path}.default"), optional=optional)


def _output(item: Mapping[str, Any]) -> OutputDefinition:
    kind = _parameter(item)
    return OutputDefinition(None, *_schema(item)) if kind is None else OutputDefinition(kind)


def _parameter(item: Mapping[str, Any]) -> str | None:
    kind = item.get("type")
    return _PARAMETERS.get(kind.lower()) if isinstance(kind, str) else None


def _schema(item: Mapping[str, Any]) -> tuple[str, str]:
    kind = item.get("type")
    class_ = SYSTEM_ARTIFACTS.get(kind, Artifact) if isinstance(kind, str) else Artifact
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
        raise _error(path, error.message) from None


def _mapping(value: object, path: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _error(path, "must be a mapping")
    return value


def _sanitized(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _error(path: str, reason: str) -> SpecError:
    return SpecError(f"not a component of KFP v1: {path}: {reason}")
