"""What must hold of any document, whoever compiled it: it loads, and nothing is lost when it is written again.

It runs in the interpreter that has Skiff, and works on texts, so it serves for documents of any origin.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from conformance.differences import Difference, differences
from kfp import components, dsl
from kfp.compiler import Compiler
from kfp.dsl.base_component import BaseComponent
from kfp.engine.commands import recognise
from kfp.errors import SkiffError
from kfp.ir import files

Json = Any

_CONSTANTS = {
    "NUMBER_INTEGER": 1,
    "NUMBER_DOUBLE": 0.5,
    "STRING": "text",
    "BOOLEAN": True,
    "LIST": [1],
    "STRUCT": {"a": 1},
}


def lost(text: str) -> Iterator[Difference]:
    """Yield what a document loses on its ways through the reader, the loader and the compiler.

    Args:
        text: a PipelineSpec, with platforms or without.

    Yields:
        Differences whose `where` begins with the way: `reads`, `written`, `recompiled`, `enclosed` or `command`.
    """
    try:
        document = files.loads(text)
        component = components.load_component_from_text(text)
    except SkiffError as error:
        yield Difference("reads", "a document", f"{type(error).__name__}: {error}")
        return
    before = values(text)
    written = files.dumps(document)
    if files.loads(written) != document:
        yield Difference("written", "the same document", "another one")
    yield from differences(before, values(written), "written")
    yield from differences(before, values(_compiled(component)), "recompiled")
    yield from _enclosed(component, before)
    for label, executor in document.spec.deployment_spec.executors.items():
        container = executor.container
        if container is None or not any("executor_main" in part for part in container.command):
            continue
        if recognise(container.command, container.args) is None:
            yield Difference(f"command.{label}", "a Python component's", list(container.command))


def values(text: str) -> Json:
    """Return a text's YAML documents, as PyYAML reads them."""
    return list(yaml.load_all(text, Loader=yaml.CSafeLoader))


def _compiled(component: BaseComponent) -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "document.yaml"
        Compiler().compile(component, str(path))
        return path.read_text(encoding="utf-8")


def _enclosed(component: BaseComponent, before: Json) -> Iterator[Difference]:
    """Compile a pipeline with the component as its only task, and compare what the task runs."""
    definitions = before[0]["root"].get("inputDefinitions", {})
    parameters = definitions.get("parameters", {})
    wanted = {
        name: declared["parameterType"]
        for name, declared in parameters.items()
        if ("defaultValue" not in declared and not declared.get("isOptional"))
        or declared["parameterType"] == "TASK_FINAL_STATUS"
    }
    artifacts = definitions.get("artifacts", {})
    if not set(wanted.values()) <= set(_CONSTANTS) or any("isArtifactList" in each for each in artifacts.values()):
        return  # there is no constant of such a type

    workspace = dsl.WorkspaceConfig(size="1Gi")  # some components want one

    @dsl.pipeline(name="enclosing", pipeline_config=dsl.PipelineConfig(workspace=workspace))
    def enclosing() -> None:
        arguments: dict[str, Any] = {name: _CONSTANTS[kind] for name, kind in wanted.items()}
        for name, declared in artifacts.items():
            title = declared["artifactType"]["schemaTitle"]
            found = getattr(dsl, title.rpartition(".")[2], dsl.Artifact)
            arguments[name] = dsl.importer(artifact_uri="gs://bucket/thing", artifact_class=found).output
        component(**arguments)

    after = values(_compiled(enclosing))
    (task,) = (
        each["componentRef"]["name"]
        for each in after[0]["root"]["dag"]["tasks"].values()
        if "importer" not in each["componentRef"]["name"] or not artifacts
    )
    inner = _expanded(after, after[0]["components"][task])
    outer = _expanded(before, before[0]["root"])
    (only,) = outer["tasks"].values() if len(outer["tasks"]) == 1 else (None,)
    if "tasks" not in inner and only is not None:
        outer = only["component"]  # a component compiled alone is itself the task
    for part in (inner, outer):
        part.pop("description", None)
    yield from differences(outer, inner, "enclosed")


def _expanded(documents: Json, component: Json) -> Json:
    """Return a component with its tasks' components, its executor, and its executor's platform settings in place."""
    pipeline, *platforms = documents
    if "dag" not in component:
        label = component["executorLabel"]
        settings = {
            name: config["deploymentSpec"]["executors"][label]
            for each in platforms
            for name, config in each["platforms"].items()
            if label in config.get("deploymentSpec", {}).get("executors", {})
        }
        rest = {key: value for key, value in component.items() if key != "executorLabel"}
        return {**rest, "executor": pipeline["deploymentSpec"]["executors"][label], "platforms": settings}
    tasks = {
        name: {
            **{key: value for key, value in task.items() if key != "componentRef"},
            "component": _expanded(documents, pipeline["components"][task["componentRef"]["name"]]),
        }
        for name, task in component["dag"]["tasks"].items()
    }
    rest = {key: value for key, value in component.items() if key != "dag"}
    return {**rest, "tasks": tasks, "outputs": component["dag"].get("outputs", {})}
