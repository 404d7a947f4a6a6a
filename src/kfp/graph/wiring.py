"""Edges while a document is read: those between the same two ends are one edge with several labels."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kfp.graph.model import Edge, EdgeKind
from kfp.graph.naming import UNNAMED, is_channel, short

INPUT = "input:"
"""Begins the ids of the pipeline's inputs; no task's begins so."""


@dataclass(frozen=True)
class Origin:
    """Where a value comes from.

    Args:
        id: the node or box that gives it.
        key: the name of its output.
        is_artifact: whether it is an artifact.
        is_collected: whether it is the list of what each round of a loop gave.
    """

    id: str
    key: str
    is_artifact: bool = False
    is_collected: bool = False

    def collected(self) -> Origin:
        """Return the list of such values."""
        return replace(self, is_collected=True)


class Edges:
    """Collects edges by their ends."""

    def __init__(self) -> None:
        self._labels: dict[tuple[str, str], dict[str, None]] = {}
        self._kinds: dict[tuple[str, str], EdgeKind] = {}
        self._flows: set[tuple[str, str]] = set()

    def data(self, origin: Origin, target: str, key: str | None) -> None:
        """Add what flows from an origin into a node or box.

        Args:
            origin: where it comes from; a loop's item, which comes from the box around the target, needs no edge.
            target: the id of the node or box.
            key: the name of its input, or None for an edge without a label.
        """
        if target.startswith(origin.id + "/"):
            return
        ends = (origin.id, target)
        label = "" if key is None else _label(origin, key)
        self._labels.setdefault(ends, {})
        if label:
            self._labels[ends][label] = None
        if origin.is_artifact or ends not in self._kinds:
            self._kinds[ends] = "artifact" if origin.is_artifact else "parameter"
        for source in _prefixes(origin.id):
            for end in _prefixes(target):
                self._flows.add((source, end))

    def flows(self, source: str, target: str) -> bool:
        """Tell whether something flows between two, or between what is in them."""
        return (source, target) in self._flows or target.startswith(source + "/")

    def order(self, source: str, target: str, label: str = "") -> None:
        """Add that one waits for another, unless something flows between them or between what is in them."""
        if (source, target) not in self._flows:
            self._labels.setdefault((source, target), {label: None} if label else {})
            self._kinds.setdefault((source, target), "order")

    def all(self) -> tuple[Edge, ...]:
        """Return the edges in the order in which their ends first met."""
        return tuple(Edge(*ends, self._kinds[ends], tuple(labels)) for ends, labels in self._labels.items())


def _label(origin: Origin, key: str) -> str:
    """Name what flows: the output's name, or the input's where the output has none of its own."""
    given = short(key)
    name = origin.key
    if origin.id.startswith(INPUT):  # it stands in the node
        name = "" if given == origin.key or is_channel(key) else given
    elif name == UNNAMED:
        name = "" if is_channel(key) else given
    return f"{name}[]" if name and origin.is_collected else name


def _prefixes(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[: index + 1]) for index in range(len(parts))]
