"""What the cache keeps of a step: what went into it, in parts that can be told apart, and what came out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from kfp.engine.caching.contents import Content
from kfp.engine.flow.values import Artifact, Values

_FORMAT = b"kfp step 1\n"


class Part(NamedTuple):
    """One thing that decides what a step makes.

    Args:
        name: `image`, `code`, `input x` and the like.
        digest: of its content.
        shown: what a person may see of it; empty where that is nothing.
    """

    name: str
    digest: str
    shown: str = ""


def key_of(parts: tuple[Part, ...]) -> str:
    """Return the key of a step: equal parts have equal keys, in whatever order they come."""
    digest = hashlib.sha256(_FORMAT)
    for part in sorted(parts):
        name = part.name.encode("utf-8", "surrogatepass")
        digest.update(b"%d %b %b\n" % (len(name), name, part.digest.encode()))
    return digest.hexdigest()


class Entry(msgspec.Struct, frozen=True):
    """A step that has ended well.

    Args:
        key: says what it was.
        pipeline: the pipeline's name.
        task: the task's path, joined by `/`.
        component: digest of the parts that are no inputs.
        run_id: the run that it belonged to.
        created_at: when it ended, in seconds since 1970.
        parts: what went into it.
        outputs: what came out.
        contents: the content of the output artifacts when it ended, by name and in order.
        notices: what its user was told of its outputs.
        used_at: when its outputs were used last.
        hits: how many times they were.
    """

    key: str
    pipeline: str
    task: str
    component: str
    run_id: str
    created_at: float
    parts: tuple[Part, ...] = ()
    outputs: Values = msgspec.field(default_factory=Values)
    contents: Mapping[str, tuple[Content, ...]] = msgspec.field(default_factory=dict)
    notices: tuple[str, ...] = ()
    used_at: float = 0.0
    hits: int = 0

    @property
    def size(self) -> int:
        """The bytes of the output artifacts."""
        return sum(content.size for group in self.contents.values() for content in group)


def values_of(data: Mapping[str, Any]) -> Values:
    """Read what `Values.to_json` wrote."""
    artifacts = {name: tuple(map(Artifact.from_json, group)) for name, group in data["artifacts"].items()}
    return Values(data["parameters"], artifacts)
