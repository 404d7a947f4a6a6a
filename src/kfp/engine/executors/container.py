"""Runs steps in containers, through the command line of docker or podman."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.engine.executors.availability import require_image
from kfp.engine.executors.child import Child
from kfp.engine.executors.engines import engine_for_steps, removal, remove, stop
from kfp.engine.executors.guard import Guard
from kfp.engine.executors.options import run_options
from kfp.engine.failures import describe_failure
from kfp.engine.images import Images
from kfp.engine.layout import path_name
from kfp.engine.step import StepEnd
from kfp.errors import SkiffError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kfp.engine.executors.child import Exit
    from kfp.engine.plan import Task
    from kfp.engine.settings import RunSettings
    from kfp.engine.step import Handle, Report, Step
    from kfp.images.engine import ContainerEngine

_LONGEST_ARGUMENT = 100_000  # bytes; the system's limit is 128 KiB for each
_ASK_AGAIN_SECONDS = 0.2
_REFUSED = 125  # the engine's own exit code: the container did not even start
_PLACEHOLDER = "{{$}}"


class ContainerExecutor:
    """Runs each step in a container of its own, with the step's directories mounted where they lie.

    Args:
        settings: of the run.
        images: where images that the engine does not have are looked up.

    Raises:
        EngineUnavailable: no container engine answers.
        RunError: a container option is unknown.
    """

    def __init__(self, settings: RunSettings, *, images: Images | None = None) -> None:
        self._options = run_options(settings.container_options)
        self._settings = settings
        self._engine = engine_for_steps()
        self._guard = Guard(removal(self._engine))
        self._images = images or Images(settings.home)
        self._lock = threading.Lock()
        self._ready: dict[str, str] = {}

    def check(self, tasks: Iterable[Task]) -> None:
        """Refuse an image that is nowhere: not in the local store, not with the engine, not in its registry.

        Raises:
            ImageNotFound: an image is nowhere.
            RegistryError: an image's registry does not answer, or refuses.
            InvalidReference: an image's name is malformed.
        """
        names = {task.container.image: task.name for task in tasks if task.container is not None}
        for name, task in names.items():
            if "{{$" not in name:
                require_image(name, task, store=self._images.store, engine=self._engine)

    def start(self, step: Step, report: Report) -> Handle:
        """Start a step and return at once."""
        name = f"kfp-{step.run_id[:8]}-{path_name(step.task).replace('~', '-')}-{step.attempt}"
        container = _Container(self._engine, name, self._settings.grace, self._guard)
        work = threading.Thread(target=self._run, args=(step, container, report), name=name, daemon=True)
        work.start()
        return container

    def close(self) -> None:
        """Let go of what watches over the containers."""
        self._guard.close()

    def _run(self, step: Step, container: _Container, report: Report) -> None:
        try:
            end = self._run_container(step, container, report)
        except (SkiffError, OSError) as error:
            end = StepEnd(error=str(error), canceled=container.canceled, final=True)
        except BaseException as error:  # the run raises it; this thread has nobody to raise it to
            end = StepEnd(crash=error)
        report.ended(end)

    def _run_container(self, step: Step, container: _Container, report: Report) -> StepEnd:
        image = self._image(step.image)
        with self._guard.container(container.name):
            exit_ = container.run(self._command(step, image, container.name), step, report)
            if exit_ is None or container.canceled:
                remove(self._engine, container.name)
                return StepEnd(canceled=True)
        if exit_.code == 0:
            return StepEnd()
        error = describe_failure(exit_.code, exit_.tail, step.paths.log)
        if exit_.code == _REFUSED:
            error = f"{self._engine.program} did not run image {step.image}: {error}"
            error += "\nhint: build the image first with `kfp component build`, or check its name and the options"
        return StepEnd(error=error, final=exit_.code == _REFUSED)

    def _command(self, step: Step, image: str, name: str) -> list[str]:
        words = [self._engine.program, "run", "--rm", "--name", name]
        for directory in _mounts(step):
            words += ["--volume", f"{directory}:{directory}"]
        words += self._options
        for key, value in step.environment.items():
            words += ["--env", f"{key}={value}"]
        command, args = list(step.command), self._args(step)
        if command:
            words += ["--entrypoint", command[0]]
        return [*words, image, *command[1:], *args]

    def _args(self, step: Step) -> list[str]:
        if step.python is None:
            return list(step.args)
        # A long text does not fit into an argument; our own runtime reads it from the mounted file.
        is_long = len(step.executor_input.encode()) > _LONGEST_ARGUMENT
        told = f"@{step.paths.executor_input}" if is_long else step.executor_input
        return [told if argument == _PLACEHOLDER else argument for argument in step.args]

    def _image(self, name: str) -> str:
        """Return the name by which the engine runs an image, after giving it the store's where they differ."""
        from kfp.images.engine import loaded_name, pulled_name  # noqa: PLC0415 - start-up time
        from kfp.images.reference import Reference  # noqa: PLC0415

        with self._lock:  # the same image is loaded once, however many steps wait for it
            if name in self._ready:
                return self._ready[name]
            reference = Reference.parse(name)
            stored = self._images.store.get(reference)
            run_as = pulled_name(reference)
            if stored is not None and not self._engine.has(stored, reference):
                self._engine.load(self._images.find(name), reference)
                run_as = str(loaded_name(reference))
            self._ready[name] = run_as
            return run_as


class _Container:
    """A step's container and the client that is attached to it."""

    def __init__(self, engine: ContainerEngine, name: str, grace: float, guard: Guard) -> None:
        self.name = name
        self._engine = engine
        self._grace = grace
        self._child = Child(grace + 10, guard)

    @property
    def canceled(self) -> bool:
        return self._child.canceled

    def cancel(self, *, force: bool = False) -> None:
        # The client passes no signal on where it has a process group of its own, so the engine is asked.
        threading.Thread(target=self._stop, args=(force,), name=f"stop {self.name}", daemon=True).start()

    def run(self, command: list[str], step: Step, report: Report) -> Exit | None:
        variables = dict(os.environ)
        return self._child.run(
            command, environment=variables, cwd=step.paths.scratch, log=step.paths.log, on_line=report.line
        )

    def _stop(self, force: bool) -> None:
        self._child.cancel()
        while self._child.running:  # again and again: the container may not have been made when it was asked to stop
            if not force:
                stop(self._engine, self.name, self._grace)
            remove(self._engine, self.name)
            time.sleep(_ASK_AGAIN_SECONDS)


def _mounts(step: Step) -> list[Path]:
    """Return the directories that the step needs, without those inside another one of them."""
    wanted = [step.paths.directory, *(path if path.is_dir() else path.parent for path in step.shared)]
    outer: list[Path] = []
    for directory in sorted(set(wanted)):
        if directory.is_dir() and not any(each in directory.parents for each in outer):
            outer.append(directory)
    return outer
