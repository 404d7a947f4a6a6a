"""Turns a started task into a step and hands it to the executor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from kfp.engine.artifacts.placing import placed
from kfp.engine.commands import PythonCommand, recognise
from kfp.engine.executor_input import executor_input
from kfp.engine.flow.references import step_reference
from kfp.engine.importer import Import
from kfp.engine.planning.limits import limits_of
from kfp.engine.step import Origin, Step
from kfp.errors import RunError
from kfp.ir.placeholders import resolve_command, resolve_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.engine.flow.values import Values
    from kfp.engine.layout import StepPaths
    from kfp.engine.planning.plan import Task
    from kfp.engine.running.underway import StartedTask
    from kfp.engine.step import Executor, Handle, Report
    from kfp.ir.spec import ImporterSpec, PipelineContainerSpec


class Launcher:
    """Starts the steps of one run.

    Args:
        executor: runs them.
        pipeline: the pipeline's name.
        run_id: the run's identifier.
        workspace: the directory that the steps share.
        home: the home directory, with what importers have downloaded.
    """

    def __init__(self, executor: Executor, pipeline: str, run_id: str, workspace: Path | None, home: Path) -> None:
        self._executor, self._pipeline, self._run_id = executor, pipeline, run_id
        self._workspace, self._home = workspace, home
        self._commands: dict[str, PythonCommand | None] = {}

    def launch(self, started: StartedTask, constants: Mapping[str, str], report: Report) -> Handle:
        """Start the next attempt of a step.

        Args:
            started: the task, with its inputs and the attempt's files.
            constants: what placeholders that are names on their own stand for.
            report: where the executor tells what the step does.

        Raises:
            SkiffError: the command cannot be resolved.
            OSError: the attempt's files cannot be written.
        """
        paths = started.paths
        if paths is None:
            raise RunError(f"task {started.name!r} has no files")
        inputs = placed(started.inputs, paths)
        told = executor_input(started.task.component, inputs, paths)
        if started.task.importer is not None:
            imported = self._import(started, started.task.importer, constants, paths)
            paths.make(json.dumps(told, ensure_ascii=False))
            imported.start(report)
            return imported
        step = self._step(started, inputs, told, constants, paths)
        paths.make(step.executor_input)
        return self._executor.start(step, report)

    def _import(
        self, started: StartedTask, importer: ImporterSpec, constants: Mapping[str, str], paths: StepPaths
    ) -> Import:
        return Import(
            importer,
            started.task.component,
            started.inputs,
            constants,
            paths=paths,
            home=self._home,
            workspace=self._workspace,
        )

    def _step(
        self,
        started: StartedTask,
        inputs: Values,
        told: Mapping[str, Any],
        constants: Mapping[str, str],
        paths: StepPaths,
    ) -> Step:
        """Put a task's values into its container's command."""
        task, container = started.task, self._container(started)
        python = self._command(task)
        text = json.dumps(told, ensure_ascii=False)
        resolve = step_reference(constants, inputs, told, text)

        def is_present(name: str) -> bool:
            return name in inputs.parameters or name in inputs.artifacts

        def resolved(words: tuple[str, ...]) -> tuple[str, ...]:
            return words if python is not None else tuple(resolve_command(words, resolve, is_present))

        near = [Path(each.path) for group in inputs.artifacts.values() for each in group]
        shared = [path for path in (*near, paths.artifacts, self._workspace) if path is not None and path.is_absolute()]
        return Step(
            run_id=self._run_id,
            task=started.name,
            attempt=started.attempt,
            image=resolve_text(container.image, resolve),
            command=resolved(container.command),
            args=resolved(container.args),
            environment={each.name: resolve_text(each.value, resolve) for each in container.env},
            python=python,
            executor_input=text,
            paths=paths,
            shared=tuple(dict.fromkeys(shared)),
            origin=Origin(self._pipeline, task, started.inputs),
            platform=started.platform,
            limits=limits_of(container.resources, resolve),
        )

    def _container(self, started: StartedTask) -> PipelineContainerSpec:
        """Return what a task's step runs, without the variables that its component sets itself."""
        task = started.task
        if task.container is None:
            raise RunError(f"task {started.name!r} runs no container")
        if task.component.task_config_passthroughs:
            from kfp.engine.flow.task_config import keeps_variables  # noqa: PLC0415 - few components have them

            return task.container if keeps_variables(task) else replace(task.container, env=())
        return task.container

    def _command(self, task: Task) -> PythonCommand | None:
        if task.label not in self._commands and task.container is not None:
            self._commands[task.label] = recognise(task.container.command, task.container.args)
        return self._commands[task.label]
