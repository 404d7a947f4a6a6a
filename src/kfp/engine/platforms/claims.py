"""Volume claims on this machine: directories that outlive runs, made and deleted by steps of the engine's own.

`kubernetes.CreatePVC` and `kubernetes.DeletePVC` run no container anywhere: their images are names that backends know.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.engine.durable import sync_all
from kfp.engine.executors.own_thread import in_own_thread
from kfp.engine.layout import path_name
from kfp.engine.planning.plan import CLAIM_IMAGES
from kfp.engine.step import StepEnd
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.engine.step import Report, Step
    from kfp.ir.spec import Json

CREATE, DELETE = CLAIM_IMAGES
_PRIVATE = 0o700
_SHARED = 0o777


def is_claim_step(image: str) -> bool:
    """Tell whether a step makes or deletes a claim."""
    return image in CLAIM_IMAGES


class Claims:
    """The directories of claims.

    Args:
        root: where they lie, one for each name.
        mapped: directories of the user's own, by name.
    """

    def __init__(self, root: Path, mapped: Mapping[str, Path]) -> None:
        self._root, self._mapped = root, mapped

    def directory(self, name: str, sub_path: str = "") -> Path:
        """Return the directory of a claim, or one inside it; it exists then.

        Raises:
            RunError: `sub_path` leads out of the claim, or a directory of the user's own is not there.
            OSError: it cannot be made.
        """
        root = self._made(name)
        if not sub_path:
            return root
        top = root.resolve()
        inside = (top / sub_path.lstrip("/")).resolve()
        if not inside.is_relative_to(top):
            raise RunError(f"the path {sub_path!r} leads out of the volume claim {name!r}")
        if not inside.is_dir():
            inside.mkdir(parents=True, exist_ok=True)
            sync_all([str(each) for each in inside.parents if each.is_relative_to(top)])
        return inside

    def delete(self, name: str) -> bool:
        """Delete a claim with all that is in it; a directory of the user's own stays. Return whether it is gone."""
        if name in self._mapped:
            return False
        shutil.rmtree(self._root / path_name(name), ignore_errors=True)
        sync_all([str(self._root)])
        return True

    def _made(self, name: str) -> Path:
        mapped = self._mapped.get(name)
        if mapped is not None:
            if not mapped.is_dir():
                raise RunError(f"the volume claim {name!r} is mapped to {mapped}, which is no directory")
            return mapped.absolute()
        # Whoever a container runs as may write, but nobody gets here who may not enter the root.
        self._root.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        directory = self._root / path_name(name)
        if not directory.is_dir():
            directory.mkdir(exist_ok=True)
            directory.chmod(_SHARED)
            sync_all([str(self._root), str(self._root.parent)])
        return directory


class ClaimStep:
    """A step that makes or deletes a claim; it is not canceled: half a claim is of no use to anybody."""

    def __init__(self, claims: Claims) -> None:
        self._claims = claims

    def cancel(self, *, force: bool = False) -> None:
        """Nothing runs."""

    def start(self, step: Step, report: Report) -> None:
        """Do it in a thread of its own, which takes a while where much is deleted."""
        in_own_thread(step.task, lambda: self._do(step, report), report)

    def _do(self, step: Step, report: Report) -> StepEnd:
        values = step.origin.inputs.parameters if step.origin is not None else {}
        said = self._create(step, values) if step.image == CREATE else self._delete(values)
        step.paths.log.write_text(said + "\n", encoding="utf-8")
        report.line(said)
        return StepEnd()

    def _create(self, step: Step, values: Mapping[str, Json]) -> str:
        name, suffix = values.get("pvc_name"), values.get("pvc_name_suffix")
        if bool(name) == bool(suffix):
            raise RunError("CreatePVC takes a pvc_name or a pvc_name_suffix, one of the two")
        if values.get("data_source"):
            raise RunError(
                "CreatePVC on this machine makes an empty volume; it knows no data_source",
                hint="map the claim to a directory that has the data (--volume NAME=DIRECTORY)",
            )
        claim = str(name) if name else f"{step.run_id}{suffix}"
        directory = self._claims.directory(claim)
        step.paths.executor_output.write_text(json.dumps({"parameterValues": {"name": claim}}), encoding="utf-8")
        return f"the volume claim {claim} is {directory}"

    def _delete(self, values: Mapping[str, Json]) -> str:
        claim = values.get("pvc_name")
        if not isinstance(claim, str) or not claim:
            raise RunError("DeletePVC takes a pvc_name")
        if self._claims.delete(claim):
            return f"the volume claim {claim} is deleted"
        return f"the volume claim {claim} is a directory of your own, which stays"
