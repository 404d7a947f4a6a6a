"""Importers: steps of the engine's own that make an artifact of what exists already (`ImporterSpec`).

A path becomes an artifact as it is. What lies behind http or https is downloaded, so that steps find a file; without
`reimport`, what an earlier run has downloaded is used again. Any other URI is handed on, and so is that of an artifact
of another system's type, such as `google.VertexModel`: it names a resource, not a file.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import shutil
import tempfile
import threading
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from kfp.engine.references import input_reference
from kfp.engine.step import StepEnd
from kfp.errors import RunError
from kfp.ir.placeholders import resolve_text, resolve_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.engine.layout import StepPaths
    from kfp.engine.step import Report
    from kfp.engine.values import Values
    from kfp.ir.placeholders import Resolve
    from kfp.ir.spec import ComponentSpec, ImporterSpec, Json

_SECONDS = 60.0
_CHUNK = 1 << 20


class Import:
    """An import that was started.

    Args:
        importer: what is imported.
        component: names the artifact.
        inputs: the task's inputs.
        constants: what placeholders that are names on their own stand for.
        paths: the attempt's files.
        downloads: where downloads are kept for later runs.

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
        downloads: Path,
    ) -> None:
        resolve = input_reference(constants, inputs)
        self._uri = _uri(importer, inputs, resolve)
        self._metadata = _resolved(importer.metadata, resolve)
        self._component, self._reimport = component, importer.reimport
        self._paths, self._downloads = paths, downloads
        self._canceled = threading.Event()

    def start(self, report: Report) -> None:
        """Import, in a thread of its own where that takes the network."""
        declared = self._component.output_definitions.artifacts.values()
        is_file = all((each.artifact_type.schema_title or "").startswith("system.") for each in declared)
        if is_file and urlsplit(self._uri).scheme in ("http", "https"):
            threading.Thread(target=self._download, args=(report,), name="import", daemon=True).start()
            return
        self._tell(_local(self._uri), None)
        report.ended(StepEnd())

    def cancel(self, *, force: bool = False) -> None:
        """Have a download stop."""
        self._canceled.set()

    def _download(self, report: Report) -> None:
        try:
            path = self._fetched()
            if path is None:
                report.ended(StepEnd(canceled=True))
                return
            self._tell(self._uri, path)
        except (OSError, ValueError, http.client.HTTPException) as error:
            report.ended(StepEnd(error=f"{self._uri} cannot be imported: {error}"))
            return
        report.ended(StepEnd())

    def _fetched(self) -> Path | None:
        """Return the file with what lies at the URI, None where the run was canceled meanwhile."""
        directory = self._downloads / hashlib.sha256(self._uri.encode()).hexdigest()
        name = Path(unquote(urlsplit(self._uri).path)).name or "content"
        target = directory / name
        if target.is_file() and not self._reimport:
            return target
        directory.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=directory)
        try:
            with os.fdopen(handle, "wb") as file, urllib.request.urlopen(self._uri, timeout=_SECONDS) as answer:  # noqa: S310 - http or https, checked by `start`
                while chunk := answer.read(_CHUNK):
                    if self._canceled.is_set():
                        return None
                    file.write(chunk)
            if not self._reimport:
                Path(temporary).replace(target)
                return target
            # A run before may still read the file that was kept: this run has its own.
            own = self._paths.artifacts / name
            shutil.move(temporary, own)
            return own
        finally:
            Path(temporary).unlink(missing_ok=True)

    def _tell(self, uri: str, path: Path | None) -> None:
        """Leave the executor output that a step would."""
        told: dict[str, Any] = {"uri": uri, "metadata": self._metadata}
        if path is not None:
            told["customPath"] = str(path)
        artifacts = {name: {"artifacts": [told]} for name in self._component.output_definitions.artifacts}
        self._paths.executor_output.write_text(json.dumps({"artifacts": artifacts}), encoding="utf-8")
        self._paths.log.write_text(f"imported {uri}\n", encoding="utf-8")


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


def _local(uri: str) -> str:
    """Return the absolute path that a path or a file URI means; any other URI as it is."""
    parts = urlsplit(uri)
    if parts.scheme == "file":
        return unquote(parts.path)
    return uri if "://" in uri else str(Path(uri).absolute())


def _resolved(value: Json, resolve: Resolve) -> Json:
    """Return metadata with its placeholders resolved, those in the keys of mappings, too."""
    if isinstance(value, dict):
        return {resolve_text(key, resolve): _resolved(item, resolve) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_resolved(item, resolve) for item in value]
    return resolve_value(value, resolve)
