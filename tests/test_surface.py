"""The public names of KFP 2.17 and their signatures, which all exist here: `surface.json`, less the table below."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SURFACE: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("surface.json").read_text())

DEVIATIONS = {
    "kfp.components.BaseComponent.__init__": "components are made by decorators",
    "kfp.components.ContainerComponent.__init__": "components are made by decorators",
    "kfp.components.PythonComponent.__init__": "components are made by decorators",
    "kfp.components.YamlComponent.__init__": "components are made by load_component_from_…",
    "kfp.dsl.PipelineTask.__init__": "tasks are made by calls",
    "kfp.dsl.PipelineTask.register_pipeline_channels": "channels are found when the document is compiled",
    "kfp.dsl.TaskConfigPassthrough.apply_to_task": "the default of a field; the class attribute is a descriptor",
}
"""What differs, and why."""


def names() -> Iterator[tuple[str, str]]:
    for module, members in SURFACE.items():
        for name in members:
            yield module, name


def parameters(function: Any) -> list[list[str]]:
    """Give name, kind and, where there is one, default of each parameter."""
    described = []
    for parameter in inspect.signature(function).parameters.values():
        entry = [parameter.name, parameter.kind.name.lower()]
        described.append(entry if parameter.default is parameter.empty else [*entry, repr(parameter.default)])
    return described


def compare(path: str, expected: list[list[str]], function: Any) -> list[str]:
    if path in DEVIATIONS:
        return []
    found = parameters(function)
    return [] if found == expected else [f"{path}: {found} instead of {expected}"]


def members(path: str, expected: dict[str, Any], class_: type) -> Iterator[str]:
    for name, entry in expected.items():
        where = f"{path}.{name}"
        if where in DEVIATIONS:
            continue
        found = inspect.getattr_static(class_, name, None)
        if entry["kind"] == "method":
            if not callable(getattr(class_, name, None)):
                yield f"{where} is missing"
            else:
                yield from compare(where, entry["parameters"], getattr(class_, name))
        elif entry["kind"] == "property":
            settable = not isinstance(found, property) or found.fset is not None
            if entry["settable"] and not settable:
                yield f"{where} cannot be set"
        elif "value" in entry and entry["value"] != "None" and repr(getattr(class_, name, None)) != entry["value"]:
            yield f"{where} is {getattr(class_, name, None)!r} instead of {entry['value']}"


@pytest.mark.parametrize(("module", "name"), list(names()))
def test_name(module: str, name: str) -> None:
    expected = SURFACE[module][name]
    path = f"{module}.{name}"
    if path in DEVIATIONS:
        pytest.skip(DEVIATIONS[path])
    found = getattr(importlib.import_module(module), name)
    differences: list[str] = []
    if expected["kind"] == "class":
        if expected["init"] and not name.endswith(("Field", "Prefix")):  # an Enum's signature is its Python version's
            differences += compare(f"{path}.__init__", expected["init"], found)
        differences += members(path, expected.get("members", {}), found)
    elif expected["kind"] == "function" and name not in {"Input", "Output"}:  # annotations, taken in brackets
        differences += compare(path, expected["parameters"], found)
    elif expected["kind"] == "value":
        assert repr(found) == expected["value"]
    assert not differences, "\n".join(differences)


@pytest.mark.parametrize(
    ("module", "name"), [at for at in names() if SURFACE[at[0]][at[1]]["kind"] in {"class", "function"}]
)
def test_an_editor_can_show_what_it_is(module: str, name: str) -> None:
    found = getattr(importlib.import_module(module), name)
    assert inspect.getdoc(found)
    for member in SURFACE[module][name].get("members", {}):
        described = inspect.getattr_static(found, member, None)
        if callable(described) or isinstance(described, (property, classmethod, staticmethod)):
            assert inspect.getdoc(described), f"{name}.{member}"
