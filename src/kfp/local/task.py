"""A component or pipeline that was called on this machine, and what came of it."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from kfp.dsl.pipeline_task import PipelineTask
from kfp.errors import AuthoringError, NoOutputs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_HARMLESS = ("set_cpu_", "set_memory_", "set_accelerator_", "set_gpu_limit", "add_node_selector_", "set_display_name")
"""What KFP takes of a task that has run, too."""


class LocalTask:
    """A component or pipeline that was called and has run, or one of the tasks in it.

    Args:
        name: of the component or pipeline; of a task, the path of task names down to it, joined by `/`.
        state: SUCCEEDED, FAILED, CANCELED or SKIPPED.
        outputs: parameters as values, artifacts as objects with local paths, by name.
        error: what went wrong, with the step's own traceback.
        run_id: names the run in `kfp run get`.
        inputs: what it was called with, by name; of tasks in a run nothing.
        log: the file with what the last attempt of a step wrote.
        tasks: the tasks of the run, by their paths; those of nested pipelines and of loops, too.
    """

    def __init__(
        self,
        name: str,
        state: str,
        outputs: Mapping[str, Any],
        error: str | None,
        run_id: str,
        *,
        inputs: Mapping[str, Any] | None = None,
        log: Path | None = None,
        tasks: Mapping[str, LocalTask] | None = None,
    ) -> None:
        self.name = name
        self.state = state
        self.error = error
        self.run_id = run_id
        self.inputs = dict(inputs or {})
        self.log = log
        self.tasks = dict(tasks or {})
        self._outputs = dict(outputs)

    @property
    def outputs(self) -> dict[str, Any]:
        """The outputs by name; none where the run did not succeed, and asking for one by name tells why."""
        return self._outputs if self.state == "SUCCEEDED" else _Nothing(self._why_none())

    @property
    def output(self) -> Any:  # noqa: ANN401 - a JSON value or an artifact
        """The output, where there is exactly one.

        Raises:
            NoOutputs: the run did not succeed.
            AttributeError: there is none, or there are several.
        """
        if self.state != "SUCCEEDED":
            raise NoOutputs(self._why_none())
        if len(self._outputs) == 1:
            return next(iter(self._outputs.values()))
        if not self._outputs:
            raise AttributeError(f"{self.name!r} has no output")
        names = " or ".join(repr(name) for name in self._outputs)
        raise AttributeError(f"{self.name!r} has several outputs; name one: .outputs[{names}]")

    def _why_none(self) -> str:
        told = f"{self.name!r} has no outputs, its run {self.run_id} {self.state.lower()}"
        return f"{told}\n{self.error}" if self.error else told

    def __repr__(self) -> str:
        return f"<LocalTask {self.name!r} {self.state}>"


def _too_late(method: str) -> Callable[..., LocalTask]:
    def explain(task: LocalTask, *_args: object, **_options: object) -> LocalTask:
        told = f"{task.name!r} has run already: {method}()"
        if not method.startswith(_HARMLESS):
            raise AuthoringError(f"{told} comes too late", hint=f"call {task.name} in a pipeline, and run that")
        warnings.warn(f"{told} changes nothing; it does for a task of a pipeline", stacklevel=2)
        return task

    return explain


for _name in dir(PipelineTask):
    if not _name.startswith("_") and callable(getattr(PipelineTask, _name)):
        setattr(LocalTask, _name, _too_late(_name))


class _Nothing(dict[str, Any]):
    """The outputs of what did not succeed."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self._why = why

    def __missing__(self, name: str) -> Any:  # noqa: ANN401 - as a dict's
        raise NoOutputs(self._why)
