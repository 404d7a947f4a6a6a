"""Fields of a pod (the downward API of Kubernetes), as a step on this machine has them."""

from __future__ import annotations

import re
import socket
import uuid
from typing import TYPE_CHECKING

from kfp.engine.layout import path_name
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kfp.engine.platforms.reading import Settings

NAMESPACE = "default"
_LONGEST_NAME = 63
_MEMBER = re.compile(r"metadata\.(labels|annotations)\['([^']*)'\]")
_FIELDS: Mapping[str, Callable[[Settings, str], str]] = {
    "metadata.name": lambda _, step: _pod_name(step),
    "metadata.namespace": lambda *_: NAMESPACE,
    "metadata.uid": lambda _, step: str(uuid.uuid5(uuid.NAMESPACE_URL, f"kfp:{step}")),
    "metadata.labels": lambda settings, _: _lines(settings.labels),
    "metadata.annotations": lambda settings, _: _lines(settings.annotations),
    "spec.nodeName": lambda *_: socket.gethostname(),
    "spec.serviceAccountName": lambda *_: "default",
    "status.hostIP": lambda *_: "127.0.0.1",
    "status.hostIPs": lambda *_: "127.0.0.1",
    "status.podIP": lambda *_: "127.0.0.1",
    "status.podIPs": lambda *_: "127.0.0.1",
}


def field_value(path: str, settings: Settings, step_id: str) -> str:
    """Return the value of a field.

    Args:
        path: such as `metadata.name` or `metadata.labels['app']`.
        settings: the task's; it has the labels and annotations.
        step_id: names the attempt.

    Raises:
        RunError: a pod has no such field, or none that a variable can be set from.
    """
    member = _MEMBER.fullmatch(path)
    if member is not None:
        return (settings.labels if member[1] == "labels" else settings.annotations).get(member[2], "")
    if path not in _FIELDS:
        raise RunError(
            f"a pod has no field {path!r} that a variable is set from",
            hint=f"there is {', '.join(_FIELDS)}, and metadata.labels['…'] and metadata.annotations['…']",
        )
    return _FIELDS[path](settings, step_id)


def _pod_name(step_id: str) -> str:
    """Return a name of small letters, digits and hyphens, different for each attempt."""
    run_id, *path = step_id.split("/")
    name = re.sub(r"[^a-z0-9]+", "-", "-".join([run_id[:8], *path]).lower()).strip("-")
    if len(name) <= _LONGEST_NAME:
        return name
    digest = path_name("/" + step_id).rpartition("~")[2]
    return f"{name[: _LONGEST_NAME - len(digest) - 1].rstrip('-')}-{digest}"


def _lines(pairs: Mapping[str, str]) -> str:
    return "\n".join(f'{key}="{value}"' for key, value in pairs.items())
