"""The seam between the run and what runs its steps: a `Step` goes in, lines and one `StepEnd` come out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from kfp.engine.commands import PythonCommand
from kfp.engine.flow.values import Values
from kfp.engine.layout import StepPaths, path_name
from kfp.engine.planning.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kfp.engine.planning.plan import Task
    from kfp.engine.platforms.reading import Settings


class Mount(msgspec.Struct, frozen=True):
    """Something of this machine that a step sees at a place of its own.

    Args:
        source: an absolute directory or file, which exists when the step starts.
        target: the absolute path in the step.
        read_only: whether the step cannot write to it.
    """

    source: Path
    target: str
    read_only: bool = False


class Origin(msgspec.Struct, frozen=True):
    """What a step comes from, before the values of this run and this machine were put in.

    Args:
        pipeline: the pipeline's name.
        task: the task: its component, its container's command with placeholders, its caching options.
        inputs: the task's bound inputs.
    """

    pipeline: str
    task: Task
    inputs: Values


class Hidden(dict[str, str]):
    """Environment variables whose values are told to nobody: not logged, not stored, not shown."""

    def __repr__(self) -> str:
        return f"<{len(self)} hidden values>"


class Step(msgspec.Struct, frozen=True):
    """One attempt of a task that runs a container's command.

    Args:
        run_id: the run's identifier.
        task: the task's path, joined by `/`.
        attempt: counts from 1.
        image: the container's image.
        command: the container's command, resolved; empty means the image's own.
        args: its arguments, resolved.
        environment: the environment variables that the pipeline sets.
        python: what the command means where it is a Python component's.
        executor_input: what the step is told, as JSON text.
        paths: the attempt's files.
        shared: directories that the step reads or writes besides its own.
        origin: what it comes from; None for a step of no task.
        platform: what its task says for Kubernetes, with values; it comes true as the members that follow.
        mounts: what it sees at places of its own.
        timeout: seconds after which the attempt is ended and has failed; None never is.
        secrets: more environment variables, which win over `environment`.
        limits: the resources that it may use and counts on.
        user: who a container runs as, in numbers: `USER`, `USER:GROUP` or `:GROUP`; empty is as its image says.
    """

    run_id: str
    task: str
    attempt: int
    image: str
    command: tuple[str, ...]
    args: tuple[str, ...]
    environment: Mapping[str, str]
    python: PythonCommand | None
    executor_input: str
    paths: StepPaths
    shared: tuple[Path, ...] = ()
    origin: Origin | None = None
    platform: Settings | None = None
    mounts: tuple[Mount, ...] = ()
    timeout: float | None = None
    secrets: Mapping[str, str] = msgspec.field(default_factory=Hidden)
    limits: Limits = Limits()
    user: str = ""

    @property
    def id(self) -> str:
        """Names the attempt on this machine: `<run id>/<task>/<attempt>`, without strange characters."""
        return "/".join([self.run_id, *map(path_name, self.task.split("/")), str(self.attempt)])


class StepEnd(msgspec.Struct, frozen=True):
    """How a step ended.

    Args:
        error: what went wrong, with the end of what the step wrote; None where it ended well.
        canceled: whether it was stopped because the run was canceled.
        final: whether another attempt would be pointless.
        crash: an error of the engine itself; the run raises it.
        values: the outputs where they are known, as after a cache hit; None has them read from the step's files.
        cache: what the cache had for the step (`TaskRecord.cache`); None where nobody asked it.
        notices: what its user should know of known outputs and that stops nothing.
        settled: is called, once at most, when the end is on the disk; quick, since the loop waits for it.
        seen: the directories of this machine that the step saw where they lie (`read_outputs`); None for a step that
            saw all of it.
    """

    error: str | None = None
    canceled: bool = False
    final: bool = False
    crash: BaseException | None = None
    values: Values | None = None
    cache: Mapping[str, Any] | None = None
    notices: tuple[str, ...] = ()
    settled: Callable[[], None] | None = None
    seen: tuple[Path, ...] | None = None

    @property
    def is_good(self) -> bool:
        """Whether the step has done what it was to do."""
        return self.error is None and self.crash is None and not self.canceled


class Report(Protocol):
    """Where an executor tells what its step does; callable from any thread."""

    def line(self, text: str) -> None:
        """Tell a line that the step wrote; waits while the run has too many to handle."""

    def ended(self, end: StepEnd) -> None:
        """Tell that the step has ended: once, as the last word."""


class Handle(Protocol):
    """A step that was started."""

    def cancel(self, *, force: bool = False) -> None:
        """Have the step stop, at once where `force` says so; returns at once, and the step still reports its end."""


class Executor(Protocol):
    """Runs steps."""

    def check(self, tasks: Iterable[Task]) -> Sequence[str] | None:
        """Refuse what cannot run here, before anything starts.

        Args:
            tasks: the tasks of the plan that run a container's command.

        Returns:
            What the run's user should know and that stops nothing, each told once.

        Raises:
            SkiffError: a task cannot run here.
        """

    def start(self, step: Step, report: Report) -> Handle:
        """Start a step and return at once."""

    def close(self) -> None:
        """Let go of what the executor holds, now that no more steps come."""
