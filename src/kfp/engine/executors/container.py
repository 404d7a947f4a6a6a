"""Runs steps in containers, through the command line of docker or podman."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kfp.engine.executors.availability import require_image
from kfp.engine.executors.child import Child
from kfp.engine.executors.command_line import container_name
from kfp.engine.executors.ending import step_end
from kfp.engine.executors.engines import engine_for_steps, image_user, removal, remove, stop
from kfp.engine.executors.failures import describe_container_failure
from kfp.engine.executors.guard import Guard
from kfp.engine.executors.images import Images
from kfp.engine.executors.mounts import open_to_everybody, seen
from kfp.engine.executors.options import run_options
from kfp.engine.executors.own_thread import in_own_thread
from kfp.engine.executors.run_command import run_command
from kfp.engine.step import StepEnd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kfp.engine.executors.child import Exit
    from kfp.engine.executors.run_command import RunCommand
    from kfp.engine.planning.plan import Task
    from kfp.engine.settings import RunSettings
    from kfp.engine.step import Handle, Report, Step
    from kfp.images.engine import ContainerEngine

_ASK_AGAIN_SECONDS = 0.2
_REFUSED = 125  # the engine's own exit code: the container did not even start


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
        run_options(settings.container_options)  # what is wrong with them is told before anything starts
        self._settings = settings
        self._engine = engine_for_steps()
        self._guard = Guard(removal(self._engine))
        self._images = images or Images(settings.home)
        self._lock = threading.Lock()
        self._ready: dict[str, tuple[str, str]] = {}

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
        name = container_name(step)
        container = _Container(self._engine, name, self._settings.grace, self._guard)
        in_own_thread(name, lambda: self._run_container(step, container, report), report, lambda: container.canceled)
        return container

    def close(self) -> None:
        """Let go of what watches over the containers."""
        self._guard.close()

    def _run_container(self, step: Step, container: _Container, report: Report) -> StepEnd:
        image, user = self._image(step.image)
        if user or step.user:
            open_to_everybody(step)
        command = run_command(self._engine, step, self._settings.container_options, name=container.name, image=image)
        secrets = command.write(step.paths.directory)
        places = seen(step, self._settings.container_options)
        try:
            with self._guard.container(container.name):
                exit_ = container.run(command, step, report)
                if exit_ is None or exit_.expired or container.canceled:
                    remove(self._engine, container.name)
        finally:
            if secrets is not None:
                secrets.unlink(missing_ok=True)

        def failed(ended: Exit) -> StepEnd:
            error = describe_container_failure(ended.code, ended.tail, step.paths.log)
            if ended.code != _REFUSED:
                return StepEnd(error=error)
            hint = "build the image first with `kfp component build`, or check its name and the options"
            told = f"{self._engine.program} did not run image {step.image}: {error}\nhint: {hint}"
            return StepEnd(error=told, final=True)

        return step_end(step, exit_, failed, canceled=container.canceled, seen=places)

    def _image(self, name: str) -> tuple[str, str]:
        """Return the name by which the engine runs an image, after giving it the store's where they differ.

        The second text is the container's user, "" where it is root, who may write everywhere.
        """
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
            user = str(self._settings.container_options.get("user") or "")
            if not user:
                user = stored.config.user if stored is not None else image_user(self._engine, run_as)
            is_root = user.partition(":")[0] in ("", "0", "root")
            self._ready[name] = run_as, "" if is_root else user
            return self._ready[name]


class _Container:
    """A step's container and the client that is attached to it."""

    def __init__(self, engine: ContainerEngine, name: str, grace: float, guard: Guard) -> None:
        self.name = name
        self._is_expired, self._over = False, threading.Event()
        self._engine = engine
        self._grace = grace
        self._child = Child(grace + 10, guard)

    @property
    def canceled(self) -> bool:
        return self._child.canceled

    def cancel(self, *, force: bool = False) -> None:
        # The client passes no signal on where it has a process group of its own, so the engine is asked.
        self._child.cancel()
        threading.Thread(target=self._stop, args=(force,), name=f"stop {self.name}", daemon=True).start()

    def run(self, command: RunCommand, step: Step, report: Report) -> Exit | None:
        paths = step.paths
        timer = threading.Timer(step.timeout, self._expire) if step.timeout is not None else None
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            exit_ = self._child.run(
                command.words, environment=command.environment, cwd=paths.scratch, log=paths.log, on_line=report.line
            )
        finally:
            self._over.set()
            if timer is not None:
                timer.cancel()
        return replace(exit_, expired=self._is_expired) if exit_ is not None else None

    def _expire(self) -> None:
        self._is_expired = True
        while not self._over.is_set():  # the client may not have started yet
            self._stop()
            self._over.wait(_ASK_AGAIN_SECONDS)

    def _stop(self, force: bool = False) -> None:
        while self._child.running:  # again and again: the container may not have been made when it was asked to stop
            if not force:
                stop(self._engine, self.name, self._grace)
            remove(self._engine, self.name)
            time.sleep(_ASK_AGAIN_SECONDS)
