"""What two compilers' documents have in common: all but how executors are shared and how Python is started."""

from __future__ import annotations

import re
import shlex
from typing import Any

import yaml

Json = Any

# What upstream installs into each step for itself; Skiff's steps bring their runtime along.
_OWN = re.compile(r"kfp==2\.17\.\d+$|--no-deps$|typing-extensions>=")
_EMBEDDED = 4000
"""A bootstrap longer than this (characters) carries the runtime."""


def normalise(text: str) -> Json:
    """Return a compiled document as JSON values that can be compared.

    Args:
        text: YAML or JSON as a compiler writes it.

    Returns:
        A mapping: `header` (the lines of the comment), and `documents`. Each component has its executor, and the
        executor's platform settings, in the place of the label. Of the command of a Python component stay its source,
        its packages and pip options. Whole floats are integers.
    """
    header = [_plain_header(line) for line in text.splitlines() if line.startswith("#")]
    documents = [_integers(document) for document in yaml.load_all(text, Loader=yaml.CSafeLoader)]
    if documents and "kind" in documents[0]:
        for manifest in documents:
            body = manifest["spec"]
            if "pipelineSpec" in body:
                body["pipelineSpec"] = _inline(body["pipelineSpec"], body.get("platformSpec", {}))
    elif documents:
        documents[0] = _inline(documents[0], documents[1] if len(documents) > 1 else {})
    return {"header": header, "documents": documents}


def _plain_header(line: str) -> str:
    return re.sub(r"(\d)\.0\b", r"\1", line)


def _inline(pipeline: Json, platforms: Json) -> Json:
    """Give a pipeline whose components hold their executors; `platforms` keeps what is the pipeline's own."""
    executors = pipeline.pop("deploymentSpec", {}).get("executors", {})
    settings = {
        name: config.pop("deploymentSpec", {}).get("executors", {})
        for name, config in platforms.get("platforms", {}).items()
    }
    for component in pipeline.get("components", {}).values():
        label = component.pop("executorLabel", None)
        if label is None:
            continue
        component["executor"] = _executor(executors[label])
        used = {name: configs[label] for name, configs in settings.items() if label in configs}
        if used:
            component["platforms"] = used
    return pipeline


def _executor(executor: Json) -> Json:
    container = executor.get("container")
    command = container.get("command", []) if container else []
    if not any(name in part for part in command for name in ("executor_main", "ephemeral_component")):
        return executor
    return {**executor, "container": {**container, "command": _python_step(command)}}


def _python_step(command: list[str]) -> Json:
    """Return what a Python component's command says, apart from how it says it."""
    containerized = command[-3:] == ["python3", "-m", "kfp.dsl.executor_main"]
    step: dict[str, Json] = {"packages": [], "options": [], "venv": False}
    for part in command if containerized else command[:-1]:
        if "-m venv" in part:
            step["venv"] = True
        for arguments in re.findall(r"pip install ((?:[^&'\"]|'[^']*'|\"[^\"]*\")*)", part):
            _pip(shlex.split(arguments), step)
    step["packages"].sort()
    if not containerized:
        step["runtime"] = any("kfp==2.17" in part or len(part) > _EMBEDDED for part in command[:-1])
        step["source"] = command[-1].splitlines()
    return step


def _pip(words: list[str], step: dict[str, Json]) -> None:
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        if word in {"--index-url", "--extra-index-url", "--trusted-host"}:
            option = [word, words[position]]
            position += 1
            if option not in step["options"]:
                step["options"].append(option)
        elif not word.startswith("--") and not _OWN.match(word) and word not in step["packages"]:
            step["packages"].append(word)


def _integers(value: Json) -> Json:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_integers(item) for item in value]
    if isinstance(value, dict):
        return {key: _integers(item) for key, item in value.items()}
    return value
