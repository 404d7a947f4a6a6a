"""Pipelines for the engine's tests, written down as an SDK would compile them."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from typing import Any

from kfp.ir.files import loads
from kfp.ir.spec import Document

KINDS = {int: "NUMBER_INTEGER", float: "NUMBER_DOUBLE", str: "STRING", bool: "BOOLEAN", list: "LIST", dict: "STRUCT"}
PROGRAM = (
    'program_path=$(mktemp -d)\n\nprintf "%s" "$0" > "$program_path/ephemeral_component.py"\n'
    "_KFP_RUNTIME=true python3 -m kfp.dsl.executor_main    --component_module_path    "
    '"$program_path/ephemeral_component.py"    "$@"\n'
)
HEADER = "\nimport kfp\nfrom kfp import dsl\nfrom kfp.dsl import *\nfrom typing import *\n\n"
DATASET = {"artifactType": {"schemaTitle": "system.Dataset", "schemaVersion": "0.0.1"}}


def parameters(kinds: Mapping[str, Any]) -> dict[str, Any]:
    """Declarations: a type, or a declaration of the document's own."""
    return {name: {"parameterType": KINDS[kind]} if isinstance(kind, type) else kind for name, kind in kinds.items()}


class Pipeline:
    """A document in the making."""

    def __init__(self, name: str = "p", inputs: Mapping[str, Any] | None = None) -> None:
        self.data: dict[str, Any] = {
            "pipelineInfo": {"name": name},
            "root": {"dag": {"tasks": {}}},
            "components": {},
            "deploymentSpec": {"executors": {}},
            "schemaVersion": "2.1.0",
            "sdkVersion": "kfp-2.17.0",
        }
        if inputs:
            self.data["root"]["inputDefinitions"] = {"parameters": parameters(inputs)}

    def component(
        self, name: str, inputs: Mapping[str, Any], outputs: Mapping[str, Any], *, artifacts_in: tuple[str, ...] = (),
        artifacts_out: tuple[str, ...] = (), **rest: Any
    ) -> dict[str, Any]:  # fmt: skip
        made: dict[str, Any] = {**rest}
        if inputs or artifacts_in:
            made["inputDefinitions"] = {
                "parameters": parameters(inputs),
                "artifacts": dict.fromkeys(artifacts_in, DATASET),
            }
        if outputs or artifacts_out:
            made["outputDefinitions"] = {
                "parameters": parameters(outputs),
                "artifacts": dict.fromkeys(artifacts_out, DATASET),
            }
        self.data["components"][f"comp-{name}"] = made
        return made

    def container(self, name: str, container: Mapping[str, Any], **interface: Any) -> None:
        self.component(
            name, interface.pop("inputs", {}), interface.pop("outputs", {}), executorLabel=f"exec-{name}", **interface
        )
        self.data["deploymentSpec"]["executors"][f"exec-{name}"] = {"container": dict(container)}

    def python(self, source: str, *, prologue: str = "", env: Mapping[str, str] | None = None, **interface: Any) -> str:
        """A lightweight component, as KFP's SDK compiles it; returns its name."""
        body = textwrap.dedent(source)
        function = body.split("def ", 1)[1].split("(", 1)[0]
        name = function.replace("_", "-")
        command = ["sh", "-ec", PROGRAM, HEADER + body]
        if prologue:
            command = ["sh", "-c", prologue + ' && "$0" "$@"\n', *command]
        args = ["--executor_input", "{{$}}", "--function_to_execute", function]
        made: dict[str, Any] = {"image": "python:3.11", "command": command, "args": args}
        if env:
            made["env"] = [{"name": key, "value": value} for key, value in env.items()]
        self.container(name, made, **interface)
        return name

    def task(
        self, name: str, component: str | None = None, *, within: dict[str, Any] | None = None,
        after: tuple[str, ...] = (), artifacts: Mapping[str, str] | None = None,
        inputs: Mapping[str, Any] | None = None, **rest: Any
    ) -> None:  # fmt: skip
        """A task; an input `@task.output` is another's output, `$input` is the DAG's, anything else a constant."""
        spec: dict[str, Any] = {
            "componentRef": {"name": f"comp-{component or name}"},
            "taskInfo": {"name": name},
            **rest,
        }
        if after:
            spec["dependentTasks"] = list(after)
        spec["inputs"] = {
            "parameters": {key: _source(value) for key, value in (inputs or {}).items()},
            "artifacts": {key: _artifact_source(value) for key, value in (artifacts or {}).items()},
        }
        (within or self.data["root"])["dag"]["tasks"][name] = spec

    def output(self, name: str, kind: type | None, source: str, within: dict[str, Any] | None = None) -> None:
        """An output of a DAG, from `task.output`; without a kind it is an artifact."""
        target = within or self.data["root"]
        task, key = source.split(".")
        definitions = target.setdefault("outputDefinitions", {})
        outputs = target["dag"].setdefault("outputs", {})
        if kind is None:
            definitions.setdefault("artifacts", {})[name] = DATASET
            selector = {"producerSubtask": task, "outputArtifactKey": key}
            outputs.setdefault("artifacts", {})[name] = {"artifactSelectors": [selector]}
            return
        definitions.setdefault("parameters", {})[name] = {"parameterType": KINDS[kind]}
        selector = {"producerSubtask": task, "outputParameterKey": key}
        outputs.setdefault("parameters", {})[name] = {"valueFromParameter": selector}

    def document(self) -> Document:
        return loads(json.dumps(self.data))


def _source(value: Any) -> dict[str, Any]:
    if isinstance(value, str) and value.startswith("$"):
        return {"componentInputParameter": value[1:]}
    if isinstance(value, str) and value.startswith("@"):
        task, key = value[1:].split(".")
        return {"taskOutputParameter": {"producerTask": task, "outputParameterKey": key}}
    return {"runtimeValue": {"constant": value}}


def _artifact_source(value: str) -> dict[str, Any]:
    if value.startswith("$"):
        return {"componentInputArtifact": value[1:]}
    task, key = value[1:].split(".")
    return {"taskOutputArtifact": {"producerTask": task, "outputArtifactKey": key}}
