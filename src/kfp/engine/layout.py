"""Where a run's files lie: one directory per step and attempt, and artifacts under the pipeline root.

<home>/runs/<run id>/tasks/<task>/[<task of a nested DAG>/…]<attempt>/   executor input and output, log, scratch
<pipeline root>/<pipeline>/<run id>/<task>/[…]<artifact>                 what the steps make

Where the pipeline root is an object store, steps write to <home>/runs/<run id>/artifacts, and that goes there.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from kfp.engine.records.record import RunRecord

_EXECUTOR_OUTPUT = "executor_output.json"  # lies beside the artifacts
_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}")


def path_name(name: str) -> str:
    """Return a file name for a name out of a document; two names never share one.

    A name of letters, digits, `_`, `-` and `.` is its own file name. Any other (empty, long, with a separator, hidden)
    has its strange characters replaced and a digest of the whole name added.
    """
    if _PLAIN.fullmatch(name) and "~" not in name and name != _EXECUTOR_OUTPUT:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return re.sub(r"[^A-Za-z0-9_-]", "-", name[:60]) + "~" + digest


class StepPaths(msgspec.Struct, frozen=True):
    """The files of one attempt of a step.

    Args:
        directory: the attempt's own directory.
        artifacts: the directory that the task writes artifacts to, shared by its attempts.
        root: the URI that they go to from there; empty where they stay.
    """

    directory: Path
    artifacts: Path
    root: str = ""

    @property
    def executor_input(self) -> Path:
        """What the step is told, as JSON."""
        return self.directory / "executor_input.json"

    @property
    def executor_output(self) -> Path:
        """What the step tells, as JSON; `dsl.get_uri` gives neighbours of this file."""
        return self.artifacts / _EXECUTOR_OUTPUT

    @property
    def log(self) -> Path:
        """What the step writes to its standard output and standard error."""
        return self.directory / "output.log"

    @property
    def scratch(self) -> Path:
        """The step's working directory where it has no other."""
        return self.directory / "work"

    def parameter(self, name: str) -> Path:
        """The file that the step writes an output parameter to."""
        return self.directory / "parameters" / path_name(name)

    def artifact(self, name: str) -> Path:
        """The file or directory that the step writes an artifact to."""
        return self.artifacts / path_name(name)

    def artifact_uri(self, name: str) -> str:
        """The URI of an artifact, in the end."""
        return f"{self.root}/{path_name(name)}" if self.root else str(self.artifact(name))

    def make(self, executor_input: str) -> None:
        """Make the directories that the step expects, write what it is told, and remove what an earlier attempt made.

        Args:
            executor_input: JSON text.

        Raises:
            OSError: the disk refuses.
        """
        self.scratch.mkdir(parents=True, exist_ok=True)
        (self.directory / "parameters").mkdir(exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.artifacts)
        self.artifacts.mkdir(parents=True)
        self.executor_input.write_text(executor_input, encoding="utf-8")


class RunPaths(msgspec.Struct, frozen=True):
    """The directories of a run.

    Args:
        directory: its own.
        artifacts: the one that its steps write artifacts to; absolute, as the other.
        root: the URI that they go to from there; empty where they stay.
    """

    directory: Path
    artifacts: Path
    root: str = ""

    @classmethod
    def of(cls, home: Path, pipeline_root: Path | str, pipeline: str, run_id: str) -> RunPaths:
        """Return the directories of a run.

        Args:
            home: the home directory.
            pipeline_root: a directory, or the URI of an object store.
            pipeline: the pipeline's name.
            run_id: the run's identifier.
        """
        directory = home.absolute() / "runs" / run_id
        if isinstance(pipeline_root, Path):
            return cls(directory, pipeline_root.absolute() / path_name(pipeline) / run_id)
        return cls.at(directory, f"{pipeline_root.rstrip('/')}/{path_name(pipeline)}/{run_id}")

    @classmethod
    def at(cls, directory: Path, artifacts: str) -> RunPaths:
        """Return the directories of a run that has some already: `RunRecord.directory` and `RunRecord.artifacts`."""
        if "://" in artifacts:
            return cls(directory, directory / "artifacts", artifacts)
        return cls(directory, Path(artifacts))

    @property
    def uri(self) -> str:
        """Where its artifacts are in the end: a path, or a URI."""
        return self.root or str(self.artifacts)

    def step(self, task_path: tuple[str, ...], attempt: int) -> StepPaths:
        """Return the files of an attempt.

        Args:
            task_path: the names of the DAGs' tasks down to the step's.
            attempt: counts from 1.
        """
        names = [path_name(name) for name in task_path]
        return StepPaths(
            self.directory.joinpath("tasks", *names, str(attempt)),
            self.artifacts.joinpath(*names),
            "/".join([self.root, *names]) if self.root else "",
        )

    def last_attempt(self, task_path: tuple[str, ...]) -> int:
        """Return the number of the last attempt of a step that there are files of, 0 where there are none."""
        try:
            entries = list(self.directory.joinpath("tasks", *map(path_name, task_path)).iterdir())
        except OSError:
            return 0
        return max((int(entry.name) for entry in entries if entry.name.isdecimal()), default=0)


def remove_run(record: RunRecord, home: Path) -> None:
    """Remove a run's own directories: its logs, and its artifacts where they lie on this machine.

    Args:
        record: the run.
        home: the directory of the runs; what it holds of a run of version 1 is found by its name.

    Raises:
        OSError: the system refuses.
    """
    artifacts = record.artifacts or str(home / "artifacts" / path_name(record.pipeline) / record.id)
    own = [record.directory, *([Path(artifacts)] if "://" not in artifacts else [])]
    for directory in own:
        if directory.name == record.id and directory.is_dir() and not directory.is_symlink():
            shutil.rmtree(directory)
