"""Importers: steps of the engine's own that make an artifact of what exists already (`ImporterSpec`).

A path becomes an artifact as it is, and so does the URI of an object store or an image: it is brought to the steps that
read it. What lies behind http or https is downloaded at once; without `reimport`, what an earlier run has downloaded is
used again. With `downloadToWorkspace` the artifact becomes a copy in the run's workspace. The URI of an artifact of
another system's type, such as `google.VertexModel`, names a resource, not a file, and is handed on.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from typing import TYPE_CHECKING, Any

from kfp.engine.addresses import (
    WEB,
    basename,
    is_content,
    is_elsewhere,
    local,
    redacted,
    scheme,
    without_user,
)
from kfp.engine.executors.own_thread import in_own_thread
from kfp.engine.flow.references import NO_WORKSPACE, input_reference
from kfp.engine.step import StepEnd
from kfp.errors import RunError
from kfp.ir.placeholders import resolve_text, resolve_value
from kfp.ir.values import as_go_writes
from kfp.runtime.artifacts import local_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kfp.engine.flow.values import Values
    from kfp.engine.layout import StepPaths
    from kfp.engine.step import Report
    from kfp.ir.placeholders import Resolve
    from kfp.ir.spec import ComponentSpec, ImporterSpec, Json

_IN_WORKSPACE = ".artifacts"


class Import:
    """An import that was started.

    Args:
        importer: what is imported.
        component: names the artifact.
        inputs: the task's inputs.
        constants: what placeholders that are names on their own stand for.
        paths: the attempt's files.
        home: the home directory, with what was downloaded earlier.
        workspace: the directory that the steps of the run share.

    Raises:
        RunError: the URI is missing, or a placeholder refers to what is not there.
    """

    def __init__(
        self,
        importer: ImporterSpec,
        component: ComponentSpec,
        inputs: Values,
        constants: Mapping[str, str],
        *,
        paths: StepPaths,
        home: Path,
        workspace: Path | None,
    ) -> None:
        resolve = input_reference(constants, inputs)
        self._uri = local(_uri(importer, inputs, resolve))
        self._metadata = _resolved(as_go_writes(importer.metadata), resolve)
        self._component, self._importer = component, importer
        self._paths, self._home, self._workspace = paths, home, workspace
        self._canceled = threading.Event()

    def start(self, report: Report) -> None:
        """Import, in a thread of its own where that takes time.

        Raises:
            RunError: the run has no workspace.
        """
        into = self._goal()
        if into is None:
            self._tell(None)
            report.ended(StepEnd())
            return
        in_own_thread("import", lambda: self._downloaded(into, report), report)

    def cancel(self, *, force: bool = False) -> None:
        """Have a download stop."""
        self._canceled.set()

    def _goal(self) -> Path | None:
        """Return where the artifact's content goes, None where it stays where it is."""
        declared = self._component.output_definitions.artifacts.values()
        if not all(is_content(each.artifact_type.schema_title or "system.Artifact") for each in declared):
            return None
        if self._importer.download_to_workspace and is_elsewhere(self._uri):
            if self._workspace is None:
                raise RunError("this run has no workspace to download to", hint=NO_WORKSPACE)
            mounted = local_path(self._uri)
            inside = mounted if mounted != self._uri else self._uri.replace("://", "/", 1)
            parts = [part for part in inside.split("/") if part not in ("", ".", "..")]
            return self._workspace.joinpath(_IN_WORKSPACE, *parts)
        if scheme(self._uri) in WEB:
            return self._paths.directory / "imported" / basename(self._uri)
        return None

    def _downloaded(self, into: Path, report: Report) -> StepEnd | None:
        from kfp.engine.artifacts.fetch import Depot  # noqa: PLC0415 - start-up time
        from kfp.engine.artifacts.transfer import Transfer, moved  # noqa: PLC0415

        is_own = self._importer.download_to_workspace  # steps write to what is in the workspace
        transfer = Transfer(report.line, self._canceled)

        def download() -> StepEnd:
            with contextlib.closing(Depot(self._home, os.environ)) as depot:
                depot.fetch(self._uri, into, transfer, fresh=self._importer.reimport, own=is_own)
            self._tell(into)
            return StepEnd()

        return moved(download)

    def _tell(self, path: Path | None) -> None:
        """Leave the executor output that a step would."""
        told: dict[str, Any] = {"uri": self._uri, "metadata": self._metadata}
        if path is not None:
            told["customPath"] = str(path)
            told["uri"] = without_user(self._uri)  # it is here: nobody needs the credentials any more
        artifacts = {name: {"artifacts": [told]} for name in self._component.output_definitions.artifacts}
        self._paths.executor_output.write_text(json.dumps({"artifacts": artifacts}), encoding="utf-8")
        self._paths.log.write_text(f"imported {redacted(self._uri)}\n", encoding="utf-8")


def _uri(importer: ImporterSpec, inputs: Values, resolve: Resolve) -> str:
    source = importer.artifact_uri
    if source.runtime_parameter is not None:
        uri = inputs.parameters.get(source.runtime_parameter)
    elif isinstance(source.constant, str):
        uri = resolve_text(source.constant, resolve)
    else:
        uri = source.constant_value.string_value if source.constant_value is not None else None
    if not isinstance(uri, str) or not uri:
        raise RunError("the importer is given no URI")
    return uri


def _resolved(value: Json, resolve: Resolve) -> Json:
    """Return metadata with its placeholders resolved, those in the keys of mappings, too."""
    if isinstance(value, dict):
        return {resolve_text(key, resolve): _resolved(item, resolve) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_resolved(item, resolve) for item in value]
    return resolve_value(value, resolve)
