"""What stands on nodes and boxes: names as authors know them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from kfp.graph.model import BoxKind
from kfp.ir import spec as ir

UNNAMED = "Output"
"""What KFP calls the only output of a function; it says nothing."""

_CHANNEL = "pipelinechannel--"
_ITEM = re.compile(r"(?:.*-)?loop-item(?:-param-\d+)?(?:-subvar-(.+))?")
_ONE_OF = re.compile(r"(?:.*-)?condition-branches-\d+-oneof-\d+")
_PARAMETER = re.compile(r"inputs\.parameter_values\['([^']*)'\]")
_CAST = re.compile(r"\b(?:int|double|string|bool)\(([^()]*)\)")
_MADE_UP = re.compile(r"(condition|for-loop|condition-branches|exit-handler)-\d+")
_INSTEAD = {"condition": "", "for-loop": "", "condition-branches": "branches", "exit-handler": "exit handler"}
_SHOWN_ITEMS = 4


def short(name: str) -> str:
    """Return a name without what KFP puts before it: `pipelinechannel--` of inputs, `system.` of artifact types."""
    return name.removeprefix(_CHANNEL).removeprefix("system.")


def channel(name: str) -> str:
    """Return what an input that KFP named carries, as authors write it: `rates`, `train.output`, `item.rate`."""
    plain = name.removeprefix(_CHANNEL)
    if plain == name:
        return name
    if item := _ITEM.fullmatch(plain):
        return f"item.{item[1]}" if item[1] else "item"
    if _ONE_OF.fullmatch(plain):
        return "one of the branches"
    task, dash, output = plain.rpartition("-")
    return f"{task}.{'output' if output == UNNAMED else output}" if dash else plain


def is_channel(name: str) -> bool:
    """Tell whether KFP gave an input its name."""
    return name.startswith(_CHANNEL)


def escaped(name: str) -> str:
    """Return a name as a part of an id, in which `/` parts the levels and `:` marks what is no task."""
    return name.replace("~", "~0").replace("/", "~1").replace(":", "~2")


def node_id(names: Iterable[str]) -> str:
    """Return the id of a task's node or box.

    Args:
        names: of the tasks down to it.
    """
    return "/".join(escaped(name) for name in names)


def executor_detail(executor: ir.ExecutorSpec) -> str:
    """Return what an executor runs: the last part of its image, or an artifact's type."""
    if executor.container is not None:
        return executor.container.image.rpartition("/")[2].partition("@")[0]
    if executor.importer is not None:
        return short(executor.importer.type_schema.schema_title or "")
    return ""


def box_kind(name: str, task: ir.PipelineTaskSpec) -> BoxKind:
    """Return what a DAG in a DAG is; conditions and loops are seen by their task, the others by KFP's names."""
    if task.parameter_iterator is not None or task.artifact_iterator is not None:
        return "loop"
    if task.trigger_policy is not None and task.trigger_policy.condition:
        return "condition"
    if re.fullmatch(r"condition-branches-\d+", name):
        return "branches"
    if re.fullmatch(r"exit-handler-\d+", name):
        return "exit-handler"
    return "pipeline"


def box_label(name: str, task: ir.PipelineTaskSpec) -> str:
    """Return a box's name; where KFP made it up, what the box is, or nothing where its detail says so."""
    label = task.task_info.name or name
    made_up = _MADE_UP.fullmatch(label)
    return label if made_up is None else _INSTEAD[made_up.group(1)]


def box_detail(task: ir.PipelineTaskSpec) -> str:
    """Return a condition or loop as its author would write it."""
    if task.parameter_iterator is not None:
        items = task.parameter_iterator.items
        over = channel(items.input_parameter) if items.input_parameter else _items(items.raw or "[]")
        return f"for each of {over}"
    if task.artifact_iterator is not None:
        return f"for each of {channel(task.artifact_iterator.items.input_artifact)}"
    if task.trigger_policy is not None and task.trigger_policy.condition:
        text = _PARAMETER.sub(lambda match: channel(match.group(1)), task.trigger_policy.condition)
        return _branch(_CAST.sub(r"\1", text))
    return ""


def _branch(condition: str) -> str:
    """Return `if`, `elif` or `else`; of the last two the condition begins with the negations of those before."""
    rest, word = condition, "if"
    while rest.startswith("!("):
        word, end = "elif", _closing(rest, 1)
        if end + 1 == len(rest):
            return "else"
        if not rest.startswith(" && ", end + 1):
            return f"if {condition}"
        rest = rest[end + 5 :]
    return f"{word} {rest}"


def _closing(text: str, start: int) -> int:
    """Return where the bracket closes that opens at `start`, or the last position where none does."""
    depth = 0
    for position in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return position
    return len(text) - 1


def _items(raw: str) -> str:
    try:
        items = json.loads(raw)
    except ValueError:
        return raw
    if not isinstance(items, list) or len(items) <= _SHOWN_ITEMS:
        return raw
    shown = ", ".join(json.dumps(item) for item in items[: _SHOWN_ITEMS - 1])
    return f"[{shown}, … {len(items)} items]"
