"""Damaged documents: what a person, a merge or an attacker makes of a good one."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from hypothesis import strategies as st

from conformance.cases import corpus

SEEDS = (
    "artifacts.as_named_pipeline_outputs",
    "collected.from_three_levels",
    "containers.concatenation_and_if_present",
    "exit_handlers.nested_loops_in_conditions",
    "importers.downloaded_to_the_workspace",
    "importers.metadata_from_inputs",
    "kubernetes_settings.create_a_claim_with_every_setting",
    "kubernetes_settings.everything_on_one_task",
    "one_of.three_branches",
    "pipeline_settings.every_setting",
    "task_settings.all_at_once",
)
"""Cases of the conformance corpus, besides its combinations."""

ATOMS: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**70, -(2**70), 0.5, -0.0, 1e308, float("nan"), "", "x", "1", "nan",
    "../../etc", "a/b", "\x00", "\ud800", "é", "{{$}}", "{{$.inputs.parameters['x']}}", "root", "dag", [], {}, [[]],
    [None], [{}], {"": ""}, {"x": None}, [1, "a", None], "x" * 300, "NUMBER_INTEGER", "comp-add",
)  # fmt: skip


@cache
def parts() -> tuple[tuple[Any, ...], ...]:
    """The seeds as JSON values: the pipeline, and its platforms where it has some. Long texts are cut short."""
    found = []
    with TemporaryDirectory() as folder:
        for case in corpus():
            if case.id in SEEDS or case.feature == "combinations":
                path = Path(folder) / f"{case.id}.yaml"
                case.compile(path)
                text = path.read_text(encoding="utf-8")
                found.append(tuple(map(shortened, yaml.load_all(text, yaml.CSafeLoader))))
    return tuple(found)


@cache
def documents() -> tuple[str, ...]:
    """The seeds as texts."""
    return tuple(yaml.dump_all(each, Dumper=yaml.CSafeDumper) for each in parts())


def shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shortened(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shortened(inner) for inner in value]
    return value[:80] if isinstance(value, str) else value


def places(value: Any, where: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value inside a value."""
    items: Sequence[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, inner in items:
        yield (*where, key)
        yield from places(inner, (*where, key))


def at(value: Any, where: tuple[Any, ...]) -> Any:
    for key in where:
        value = value[key]
    return value


@st.composite
def damaged(draw: st.DrawFn) -> list[Any]:
    """A seed with one to four parts deleted, replaced, renamed, doubled or exchanged."""
    whole = [copy.deepcopy(each) for each in draw(st.sampled_from(parts()))]
    for _ in range(draw(st.integers(1, 4))):
        ways = list(places(whole))
        if not ways:
            return whole
        *above, key = draw(st.sampled_from(ways))
        container = at(whole, tuple(above))
        act = draw(st.sampled_from(("delete", "replace", "rename", "double", "exchange", "refer")))
        if act == "delete":
            del container[key]
        elif act == "replace":
            container[key] = copy.deepcopy(draw(st.sampled_from(ATOMS) | st.text(max_size=5)))
        elif act in ("rename", "double") and isinstance(container, dict):
            names = [way[-1] for way in ways if isinstance(way[-1], str)]
            other = draw(st.sampled_from(names) | st.text(max_size=5))
            container[other] = copy.deepcopy(container[key]) if act == "double" else container.pop(key)
        elif act == "refer":
            texts = [text for way in ways if isinstance(text := at(whole, way), str)]
            container[key] = draw(st.sampled_from(texts or ["x"]))
        else:
            container[key] = copy.deepcopy(at(whole, draw(st.sampled_from(ways))))
    return whole


@st.composite
def scratched(draw: st.DrawFn) -> str:
    """A seed's text, with up to three pieces cut out, doubled, or written over."""
    text = draw(st.sampled_from(documents()))
    for _ in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(text)))
        end = min(len(text), begin + draw(st.integers(0, 12)))
        piece = draw(st.sampled_from(("", text[begin:end] * 2)) | st.text(max_size=6) | st.sampled_from(SIGNS))
        text = text[:begin] + piece + text[end:]
    return text


SIGNS = (
    "\n",
    "  ",
    "- ",
    ": ",
    "\t",
    "&a ",
    "*a",
    "!!str ",
    "|\n",
    "---\n",
    "...\n",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "#",
    "%",
)


def text_of(whole: list[Any]) -> str:
    """Documents as JSON texts, which YAML reads."""
    return "\n---\n".join(json.dumps(each) for each in whole)
