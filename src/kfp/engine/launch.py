"""Turns a started task into a step and hands it to the executor."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kfp.engine.artifacts.placing import placed
from kfp.engine.commands import PythonCommand, recognise
from kfp.engine.executor_input import executor_input
from kfp.engine.importer import Import
from kfp.engine.step import Origin, make_step
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kfp.engine.plan import Task
    from kfp.engine.step import Executor, Handle, Report
    from kfp.engine.underway import StartedTask


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
        task, paths = started.task, started.paths
        if paths is None:
            raise RunError(f"task {started.name!r} has no files")
        inputs = placed(started.inputs, paths)
        told = executor_input(task.component, inputs, paths)
        if task.importer is not None:
            imported = Import(
                task.importer,
                task.component,
                started.inputs,
                constants,
                paths=paths,
                home=self._home,
                workspace=self._workspace,
            )
            paths.make(json.dumps(told, ensure_ascii=False))
            imported.start(report)
            return imported
        if task.container is None:
            raise RunError(f"task {started.name!r} runs no container")
        container = task.container
        if task.component.task_config_passthroughs:
            from kfp.engine.task_config import keeps_variables  # noqa: PLC0415 - few components have them

            container = container if keeps_variables(task) else replace(container, env=())
        step = make_step(
            container,
            self._command(task),
            inputs,
            told,
            constants,
            run_id=self._run_id,
            task=started.name,
            attempt=started.attempt,
            paths=paths,
            workspace=self._workspace,
            origin=Origin(self._pipeline, task, started.inputs),
            platform=started.platform,
        )
        paths.make(step.executor_input)
        return self._executor.start(step, report)

    def _command(self, task: Task) -> PythonCommand | None:
        if task.label not in self._commands and task.container is not None:
            self._commands[task.label] = recognise(task.container.command, task.container.args)
        return self._commands[task.label]
