"""Runs Python steps as processes of this machine; whatever else a step is goes to a container."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.engine.commands import recognise
from kfp.engine.executors.child import Child
from kfp.engine.executors.compiled import compiled_runtime
from kfp.engine.executors.ending import step_end
from kfp.engine.executors.failures import describe_failure
from kfp.engine.executors.guard import Guard
from kfp.engine.executors.images import Images
from kfp.engine.executors.installed import is_installed
from kfp.engine.executors.leftovers import STEP_ID
from kfp.engine.executors.own_thread import in_own_thread
from kfp.engine.executors.places import in_places, require_places
from kfp.engine.executors.step_python import StepPython
from kfp.engine.executors.variables import inherited_variables, refuse_strange
from kfp.engine.executors.workdir import link_component
from kfp.engine.prologue import Installation
from kfp.engine.settings import Source
from kfp.engine.step import StepEnd
from kfp.errors import ImageNotFound, RegistryUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kfp.engine.commands import PythonCommand
    from kfp.engine.executors.child import Exit
    from kfp.engine.planning.plan import Task
    from kfp.engine.settings import RunSettings
    from kfp.engine.step import Executor, Handle, Report, Step

_MODULE = "ephemeral_component.py"


class ProcessExecutor:
    """Runs each Python step in a process of its own, with an environment of its own where it wants packages.

    The step runs on an interpreter of the version that its image has.

    Args:
        settings: of the run.
        images: where images are looked up.
    """

    def __init__(self, settings: RunSettings, *, images: Images | None = None) -> None:
        self._settings = settings
        self._images = images or Images(settings.home)
        self._guard = Guard()
        self._lock = threading.Lock()
        self._python = StepPython(settings, self._images)
        self._runtimes: dict[Path, Path] = {}
        self._containers: Executor | None = None

    def check(self, tasks: Iterable[Task]) -> Sequence[str]:
        """Refuse a step that needs a container where there is no engine, or an image or a Python that is nowhere.

        Returns:
            Which steps run on another Python than their image has.

        Raises:
            EngineUnavailable: a step is no Python component, and no container engine answers.
            ImageError: the code of a containerized component, or the image of another step, cannot be had.
            RunError: this machine has no Python of the version that an image has, or lets no process have the
                volumes that a task has.
        """
        commands: list[Task] = []
        for task in {task.label: task for task in tasks}.values():
            if task.container is None:
                continue
            python = recognise(task.container.command, task.container.args)
            if python is None:
                commands.append(task)
                continue
            self._require_places(task)
            if "{{$" not in task.container.image:
                if python.source is None:
                    self._source(task.container.image, python.function, task.name)
                self._python.of(task.container.image, task.name)
        notices = (self._in_container(commands[0].name).check(commands) or ()) if commands else ()
        return (*self._python.notices, *notices)

    def start(self, step: Step, report: Report) -> Handle:
        """Start a step and return at once."""
        python = step.python
        if python is None:
            return self._in_container(step.task).start(step, report)
        child = Child(self._settings.grace, self._guard)
        in_own_thread(step.task, lambda: self._run_python(step, python, child, report), report, lambda: child.canceled)
        return child

    def close(self) -> None:
        """Let go of what watches over the steps."""
        self._guard.close()
        if self._containers is not None:
            self._containers.close()

    def _run_python(self, step: Step, code: PythonCommand, child: Child, report: Report) -> StepEnd:
        options: list[str] = ["--executor_input", f"@{step.paths.executor_input}"]
        options += ["--function_to_execute", code.function]
        if code.source is not None:
            module = step.paths.directory / _MODULE
            module.write_text(code.source, encoding="utf-8")
            options += ["--component_module_path", str(module)]
            packages = code.installation
            import_path: tuple[Path, ...] = ()
        else:
            source = self._source(step.image, code.function, step.task)
            link_component(source.directory, step.paths.scratch, source.modules)
            packages = Installation(source.requirements, source.index_urls, source.trusted_hosts)
            import_path = source.import_path
        python = self._python.of(step.image, step.task)
        interpreter = self._interpreter(packages, python, child)
        with in_places(step, [str(interpreter), "-m", "kfp.dsl.executor_main", *options]) as command:
            exit_ = child.run(
                command,
                environment=self._environment(step, import_path, python),
                cwd=step.paths.scratch,
                log=step.paths.log,
                on_line=report.line,
                timeout=step.timeout,
            )

        def failed(ended: Exit) -> StepEnd:
            return StepEnd(error=describe_failure(ended.code, ended.tail, step.paths.log))

        return step_end(step, exit_, failed, canceled=child.canceled)

    def _require_places(self, task: Task) -> None:
        if task.platform is None or not task.platform.has_volumes:
            return
        settings = self._settings
        needed = [settings.home, Path(sys.executable), Path(sys.prefix), Path(sys.base_prefix), Path(os.__file__)]
        needed += [source.directory for source in settings.sources.values()]
        needed += [settings.artifacts] if isinstance(settings.artifacts, Path) else []
        require_places(task.name, task.platform.places, [each.absolute() for each in needed])

    def _interpreter(self, packages: Installation, python: Path, child: Child) -> Path:
        """Return an interpreter, or that of an environment that has the packages; it is made once for all runs."""
        wanted = packages.requirements
        if not wanted or (self._settings.reuse_interpreter and all(is_installed(each) for each in wanted)):
            return python
        from kfp.requirements import environment  # noqa: PLC0415 - most steps need no environment
        from kfp.requirements.uv import Interruption  # noqa: PLC0415

        interruption = Interruption()
        interruption.join()
        root = self._settings.home / "cache" / "environments"
        indexes, hosts = packages.index_urls, packages.trusted_hosts
        with child.preparing(interruption.end):
            return environment(wanted, index_urls=indexes, trusted_hosts=hosts, python=str(python), root=root).python

    def _environment(self, step: Step, import_path: Sequence[Path], python: Path) -> dict[str, str]:
        """Return the environment of a step: this process's, the pipeline's settings, and the way to the runtime."""
        refuse_strange(step.environment, step.task)
        variables = {**inherited_variables(), **step.environment, **step.secrets, STEP_ID: step.id}
        # The step has another working directory, so what was relative to this one is made absolute.
        inherited = [str(Path(each).absolute()) for each in variables.get("PYTHONPATH", "").split(os.pathsep) if each]
        variables["PYTHONPATH"] = os.pathsep.join([str(self._runtime(python)), *map(str, import_path), *inherited])
        variables["PYTHONUNBUFFERED"] = "1"
        variables["PYTHONSAFEPATH"] = "1"
        if python != Path(sys.executable):
            variables.pop("PYTHONHOME", None)
        return variables

    def _runtime(self, python: Path) -> Path:
        with self._lock:
            if python not in self._runtimes:
                self._runtimes[python] = compiled_runtime(self._settings.home / "cache" / "runtime", python)
            return self._runtimes[python]

    def _source(self, image: str, function: str, task: str) -> Source:
        given = self._settings.sources.get((image, function))
        if given is not None:
            return given
        try:
            found = self._images.sources(image)
        except (ImageNotFound, RegistryUnreachable) as error:
            raise type(error)(
                f"task {task!r} runs component {function!r} from image {image}, which is not here: {error.message}",
                hint="build it first with `kfp component build`, or check the image's name",
            ) from error
        return Source(
            found.directory,
            import_path=found.import_path,
            requirements=found.requirements,
            index_urls=found.index_urls,
        )

    def _in_container(self, task: str) -> Executor:
        """Return the executor for steps that are no Python components, made when the first one comes."""
        with self._lock:
            if self._containers is None:
                from kfp.engine.executors.containers import container_executor  # noqa: PLC0415 - few runs need one

                self._containers = container_executor(self._settings, self._images, task)
            return self._containers
