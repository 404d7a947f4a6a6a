"""Has what a step wrote, artifacts and workspace, on the disk before its end is reported, in the step's own thread.

Its parameters, and what it says of its artifacts, need nothing of the kind: they are in the store once its end is.
"""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING

from kfp.engine.continuing.run_files import sync_files
from kfp.engine.durable import below, durably, sync_all, sync_changes

if TYPE_CHECKING:
    from pathlib import Path

    from kfp.engine.layout import RunPaths, StepPaths
    from kfp.engine.step import Report, StepEnd


class DurableArtifacts:
    """The artifacts of one run, on the disk; callable from several threads.

    What the run keeps to be continued is synced from the beginning, in a thread of its own, since that takes as long as
    a short step; no step has ended well before it is, and no run has ended.

    Args:
        paths: the run's directories.
        workspace: the directory that the run's steps share.
    """

    def __init__(self, paths: RunPaths, workspace: Path | None = None) -> None:
        self._workspace = workspace
        self._top = paths.artifacts.parent.parent  # the pipeline root, which may be new as well
        self._lasting: set[Path] = set()
        self._directory = paths.directory
        self._refusal: OSError | None = None
        self._files = threading.Thread(target=self._sync_files, name="sync of the run's files", daemon=True)
        self._files.start()

    def report(self, report: Report, paths: StepPaths) -> DurableReport:
        """Return what reports as another does, and before a step's good end waits for the disk."""
        return DurableReport(self, report, paths)

    def sync(self, paths: StepPaths, since: float) -> None:
        """Have what a step wrote on the disk, with all the entries that lead there.

        Artifacts that have gone to an object store are in safety there.

        Args:
            paths: the attempt's files.
            since: when it started, in seconds since 1970.

        Raises:
            OSError: the disk refuses.
        """
        self.sync_files()
        if self._workspace is not None:
            sync_changes(self._workspace, since)
        files, directories = below(paths.artifacts) if not paths.root else ([], [])
        files = [file for file in files if file != str(paths.executor_output)]
        if files or len(directories) > 1:
            above = self._above(paths.artifacts)
            sync_all([*files, *reversed(directories), *map(str, above)])
            self._lasting.update(above[:-1])

    def sync_files(self) -> None:
        """Wait until what the run keeps to be continued is on the disk.

        Raises:
            OSError: the disk refuses.
        """
        self._files.join()
        if self._refusal is not None:
            raise self._refusal

    def close(self) -> None:
        """Wait until nothing of it is on its way to the disk; a refusal no longer matters."""
        self._files.join()

    def _sync_files(self) -> None:
        try:
            sync_files(self._directory)
        except OSError as error:
            self._refusal = error

    def _above(self, directory: Path) -> list[Path]:
        """Return the directories with an entry that may be new, of those that lead to a step's own."""
        found = []
        for each in directory.parents:
            found.append(each)
            if each in self._lasting or each == self._top:
                break
        return found


class DurableReport:
    """Reports as another does, and before a step's good end waits for the disk.

    Args:
        artifacts: those of the run.
        report: the other.
        paths: the attempt's files.
    """

    def __init__(self, artifacts: DurableArtifacts, report: Report, paths: StepPaths) -> None:
        self._artifacts, self._report, self._paths = artifacts, report, paths
        self._since = time.time()

    def line(self, text: str) -> None:
        """Tell a line that the step wrote."""
        self._report.line(text)

    def ended(self, end: StepEnd) -> None:
        """Tell how the attempt ended; it has failed where the disk refuses what it made."""
        sync = partial(self._artifacts.sync, self._paths, self._since)
        self._report.ended(durably(end, "the step's artifacts", sync))
