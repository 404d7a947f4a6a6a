"""Components from compiled files, and from those of KFP v1: `load_component_from_file`, `…_from_text`, `…_from_url`."""

from __future__ import annotations

import os
import re

from kfp.compiler import v1_component
from kfp.compiler.interface import loaded_interface
from kfp.dsl import placeholders
from kfp.dsl.base_component import BaseComponent
from kfp.dsl.container import ContainerComponent
from kfp.dsl.python_component import PythonComponent
from kfp.dsl.yaml_component import YamlComponent
from kfp.errors import SpecError, located
from kfp.ir import files
from kfp.ir import spec as ir
from kfp.ir.download import Auth, fetch
from kfp.ir.header import described
from kfp.location import caller

__all__ = [
    "BaseComponent",
    "ContainerComponent",
    "PythonComponent",
    "YamlComponent",
    "load_component_from_file",
    "load_component_from_text",
    "load_component_from_url",
    "placeholders",
]

_V1 = re.compile(r"^[{ \t]*['\"]?implementation['\"]?\s*:", re.MULTILINE)


def load_component_from_text(text: str) -> YamlComponent:
    """Return the component that a compiled pipeline or component, or a component file of KFP v1, describes.

    Args:
        text: PipelineSpec as YAML or JSON, or a component of KFP v1.

    Raises:
        SpecError: the text is not a valid PipelineSpec; the message carries the field's path.
    """
    with located(caller()):
        return _component(text)


def load_component_from_file(file_path: str | os.PathLike[str]) -> YamlComponent:
    """Return the component in a file that `kfp dsl compile` or `kfp component build` wrote.

    Args:
        file_path: a YAML or JSON file.

    Raises:
        SpecError: the file is not a valid PipelineSpec; the message carries the file and the field's path.
        SkiffError: the file cannot be read.
    """
    with located(caller()):
        return _component(files.read_text(file_path), os.fspath(file_path))


def load_component_from_url(url: str, auth: Auth | None = None) -> YamlComponent:
    """Return the component behind a URL.

    Args:
        url: an `http`, `https` or `file` URL.
        auth: user and password, sent as HTTP basic authentication, or a callable that sets the headers of a request,
            such as `requests.auth.HTTPBasicAuth`.

    Raises:
        SpecError: what is there is not a valid PipelineSpec.
        UrlError: the URL is of another kind, or cannot be read.
    """
    with located(caller()):
        return _component(fetch(url, auth), url)


def _component(text: str, source: str = "") -> YamlComponent:
    if _V1.search(text) is not None:
        v1 = _v1_component(text, source)
        if v1 is not None:
            return v1
    document = files.loads(text, source=source)
    is_single = _is_single(document.spec)
    component = _only_component(document.spec) if is_single else document.spec.root
    interface = loaded_interface(document.spec, component)
    if interface.description is None:
        interface = interface._replace(description=described(text))
    return YamlComponent(interface, document, text, is_container=is_single)


def _v1_component(text: str, source: str) -> YamlComponent | None:
    try:
        values = files.values(text)
        is_v1 = len(values) == 1 and v1_component.is_v1(values[0])
        return v1_component.load(values[0], text, source) if is_v1 else None
    except SpecError as error:
        if not source:
            raise
        raise type(error)(f"{source}: {error.message}", hint=error.hint) from None


def _only_component(spec: ir.PipelineSpec) -> ir.ComponentSpec:
    (component,) = spec.components.values()
    return component


def _is_single(spec: ir.PipelineSpec) -> bool:
    """Tell whether a pipeline is one component compiled alone: its only task passes everything through."""
    dag = spec.root.dag
    if dag is None or len(dag.tasks) != 1 or len(spec.components) != 1:
        return False
    ((name, task),) = dag.tasks.items()
    (component,) = spec.components.values()
    if name != spec.pipeline_info.name or component.executor_label is None:
        return False
    is_same_interface = (
        component.input_definitions == spec.root.input_definitions
        # The first compilers of KFP v2 wrote no outputs of the root
        and spec.root.output_definitions in (component.output_definitions, ir.NO_COMPONENT_OUTPUTS)
    )
    passes_inputs = all(
        source.component_input_parameter == key for key, source in task.inputs.parameters.items()
    ) and all(source.component_input_artifact == key for key, source in task.inputs.artifacts.items())
    return is_same_interface and passes_inputs
