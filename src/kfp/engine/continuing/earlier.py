"""What earlier goes of a run have finished: a tree of records, along which a continued run finds what it need not do.

A step is not run again if it had succeeded with the same inputs. Where a step does run, everything that comes after it
is forgotten: the tasks that wait for it, and those that wait for the DAGs that it is in.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from kfp.engine.records.record import TaskRecord
from kfp.engine.states import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kfp.engine.flow.values import Artifact, Values

_LONGEST = 2048
_MOST = 8
"""A longer parameter, and more artifacts, are recorded by their digest: a list of 10,000 items is an input of each of
its 10,000 iterations."""


class Earlier(msgspec.Struct):
    """A task that had succeeded, or a DAG in which some have.

    Args:
        record: the task's record, None where it did not succeed.
        below: the tasks in it, by name.
    """

    record: TaskRecord | None = None
    below: dict[str, Earlier] = msgspec.field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[TaskRecord]) -> Earlier:
        """Return the tree of a run's records."""
        root = cls()
        for record in records:
            if record.state is State.SUCCEEDED:
                node = root
                for name in record.path.split("/"):
                    node = node.below.setdefault(name, cls())
                node.record = record
        return root


class ToldInputs:
    """Inputs as records keep them; a long value is written as JSON once, however many iterations share it."""

    def __init__(self) -> None:
        self._long: dict[int, tuple[object, dict[str, Any]]] = {}

    def told(self, inputs: Values) -> dict[str, Any]:
        """Return inputs as JSON, without the places of artifacts on this machine.

        What is long is `sha256` and number of `characters` of its JSON, and of a list the number of its `items`.
        """
        return {
            "parameters": {name: self._parameter(value) for name, value in inputs.parameters.items()},
            "artifacts": {name: self._artifacts(group) for name, group in inputs.artifacts.items()},
        }

    def _parameter(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if id(value) in self._long:
            return self._long[id(value)][1]
        text = value if isinstance(value, str) else json.dumps(value)
        return value if len(text) <= _LONGEST else self._digest(value, text, value)

    def _artifacts(self, group: tuple[Artifact, ...]) -> Any:  # noqa: ANN401 - JSON
        if id(group) in self._long:
            return self._long[id(group)][1]
        told = [replace(artifact, custom_path="").to_json() for artifact in group]
        return told if len(group) <= _MOST else self._digest(group, json.dumps(told), told)

    def _digest(self, value: object, text: str, data: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        told: dict[str, Any] = {"sha256": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()}
        told["characters"] = len(text)
        if isinstance(data, str) and data.lstrip().startswith("["):
            with contextlib.suppress(ValueError, RecursionError):
                data = json.loads(data)
        if isinstance(data, (list, tuple)):
            told["items"] = len(data)
        self._long[id(value)] = (value, told)  # with the value itself, so that no other takes its identity
        return told


def is_same(one: Mapping[str, Any] | None, other: Mapping[str, Any]) -> bool:
    """Return whether two inputs as records keep them are the same, NaN included."""
    return one is not None and json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
