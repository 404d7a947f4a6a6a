"""Where a step finds the artifacts that lie elsewhere, and where it writes those that will.

An input that lies elsewhere has a place below the attempt's directory, known before anything is there:
<attempt>/inputs/<input>/<number in its list>/<the last part of its URI>. An output under a pipeline root that is
elsewhere has its place in the run's directory; its URI says where it goes when the step has ended.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from kfp.engine.addresses import basename, below, is_content, is_elsewhere
from kfp.engine.flow.values import Artifact, Values
from kfp.engine.layout import path_name
from kfp.engine.step import Mount
from kfp.runtime.artifacts import local_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kfp.engine.layout import StepPaths
    from kfp.engine.step import Step

METADATA_ALONE = frozenset({"system.Metrics", "system.ClassificationMetrics", "system.SlicedClassificationMetrics"})
"""Types of artifacts that need no file: what they have to say is their metadata."""

_OF_A_RUN = re.compile(r"/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/")

TASK_ROOT = "KFP_TASK_ROOT"
"""The environment variable that tells a step the URI which its outputs lie below in the end."""


class Wanted(msgspec.Struct, frozen=True):
    """An input that must be brought here.

    Args:
        uri: where it lies.
        path: where the step looks for it.
        may_be_absent: whether a task of a run made it, which may have written nothing, such as metrics.
    """

    uri: str
    path: Path
    may_be_absent: bool = False


def inputs_directory(paths: StepPaths) -> Path:
    """Return the directory of an attempt's inputs from elsewhere."""
    return paths.directory / "inputs"


def is_wanted(artifact: Artifact) -> bool:
    """Tell whether an artifact is a file that lies elsewhere and has no place here."""
    return is_elsewhere(artifact.uri) and not artifact.custom_path and is_content(artifact.schema_title)


def placed(inputs: Values, paths: StepPaths) -> Values:
    """Return a task's inputs with a place on this machine for each artifact that lies elsewhere.

    Args:
        inputs: the task's bound inputs; they are returned as they are where none does.
        paths: the attempt's files.
    """
    if not any(is_wanted(each) for group in inputs.artifacts.values() for each in group):
        return inputs
    artifacts = {
        name: tuple(
            replace(each, custom_path=str(_place(name, number, each, paths))) if is_wanted(each) else each
            for number, each in enumerate(group)
        )
        for name, group in inputs.artifacts.items()
    }
    return Values(inputs.parameters, artifacts)


def wanted(inputs: Values, paths: StepPaths) -> list[Wanted]:
    """Return what must be brought before a step starts.

    Args:
        inputs: the task's bound inputs, as `placed` takes them.
        paths: the attempt's files.
    """
    return [
        Wanted(each.uri, _place(name, number, each, paths), _OF_A_RUN.search(each.uri) is not None)
        for name, group in inputs.artifacts.items()
        for number, each in enumerate(group)
        if is_wanted(each)
    ]


def told(step: Step) -> Step:
    """Return a step that is told where the outputs of `dsl.get_uri` go in the end."""
    root = step.paths.root
    return replace(step, environment={**step.environment, TASK_ROOT: root}) if root else step


def mounted(step: Step, inputs: Sequence[Wanted]) -> Step:
    """Return a step of a container that also finds its artifacts where KFP's launcher would put them.

    Another runtime than ours looks for `s3://bucket/key` at `/s3/bucket/key`; ours is told in the executor input.

    Args:
        step: the step.
        inputs: what was brought for it.
    """
    root = step.paths.root
    places = {local_path(each.uri): Mount(each.path, local_path(each.uri), read_only=True) for each in inputs}
    if root:
        places[local_path(root)] = Mount(step.paths.artifacts, local_path(root))
    mounts = [
        mount
        for target, mount in places.items()
        if target.startswith("/") and ":" not in target and ".." not in target.split("/") and mount.source.exists()
        if not any(target.startswith(f"{other}/") for other in places)
    ]
    return replace(step, mounts=(*step.mounts, *mounts))


def written_path(artifact: Artifact, paths: StepPaths) -> Path | None:
    """Return where a step has written an output, None for what lies elsewhere already."""
    if artifact.custom_path:
        return Path(artifact.custom_path)
    if artifact.uri.startswith("/"):
        return Path(artifact.uri)
    inside = _below(artifact.uri, paths.root)
    return paths.artifacts / inside if inside else None


def goal(artifact: Artifact, paths: StepPaths) -> str:
    """Return the URI that an output is to have: that below the pipeline root for what lies in the task's directory."""
    if not paths.root or _below(artifact.uri, paths.root):
        return artifact.uri
    inside = _below(artifact.uri, str(paths.artifacts))
    return below(paths.root, inside) if inside else artifact.uri


def is_missing(artifact: Artifact, paths: StepPaths) -> bool:
    """Tell whether a step did not write an output that is a file."""
    if artifact.schema_title in METADATA_ALONE and artifact.metadata:
        return False
    path = written_path(artifact, paths)
    return path is not None and not path.exists()


def _below(uri: str, root: str) -> str:
    """Return what a URI has after its root's, an empty text where it lies elsewhere."""
    inside = uri[len(root) + 1 :] if root and uri.startswith(f"{root}/") else ""
    return "" if ".." in inside.split("/") else inside


def _place(name: str, number: int, artifact: Artifact, paths: StepPaths) -> Path:
    return inputs_directory(paths) / path_name(name) / str(number) / basename(artifact.uri)
