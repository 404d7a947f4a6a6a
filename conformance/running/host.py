"""Runs the commands of containers on this machine without their images, so that container components run quickly."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterable

from kfp.engine.planning.plan import Task
from kfp.engine.step import Executor, Handle, Report, Step, StepEnd


class HostExecutor:
    """Hands Python steps to another executor, and runs every other command as it is.

    Args:
        inner: runs the Python steps.
    """

    def __init__(self, inner: Executor) -> None:
        self._inner = inner

    def check(self, tasks: Iterable[Task]) -> None:
        """Have the other executor check its own."""
        from kfp.engine.commands import recognise  # noqa: PLC0415

        self._inner.check(
            [each for each in tasks if each.container and recognise(each.container.command, each.container.args)]
        )

    def start(self, step: Step, report: Report) -> Handle:
        """Start a step."""
        return self._inner.start(step, report) if step.python is not None else _Command(step, report)

    def close(self) -> None:
        """Close the other."""
        self._inner.close()


class _Command:
    def __init__(self, step: Step, report: Report) -> None:
        self._step, self._report = step, report
        threading.Thread(target=self._run, daemon=True).start()

    def cancel(self, *, force: bool = False) -> None:
        """It is over soon."""

    def _run(self) -> None:
        step = self._step
        command = [*step.command, *step.args]
        environment = {**os.environ, **step.environment}
        try:
            done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=60)
        except (OSError, subprocess.TimeoutExpired) as error:
            self._report.ended(StepEnd(error=str(error)))
            return
        for line in (done.stdout + done.stderr).splitlines():
            self._report.line(line)
        self._report.ended(StepEnd(error=f"exit code {done.returncode}\n{done.stderr}" if done.returncode else None))
