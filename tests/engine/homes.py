"""A home directory with the runs of one pipeline, whose steps an executor only plays."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kfp.engine.continuing.run_files import document_text
from kfp.engine.executors.fake import FakeExecutor
from kfp.engine.planning.planner import plan
from kfp.engine.records.store import Store
from kfp.engine.result import RunResult
from kfp.engine.resume import retry
from kfp.engine.run import execute
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from kfp.engine.step import Step, StepEnd
from kfp.ir.arguments import bind
from kfp.ir.spec import Document
from tests.engine import everything


class Home:
    """A home directory with the runs of one document; keeps a journal of the steps that ran."""

    def __init__(self, path: Path, document: Document) -> None:
        self.path, self.document, self.journal = path, document, list[Step]()
        self.text = document_text(document)
        self.plan = plan(document.spec, document.platforms)
        self.bound = bind(document.spec, {}) if document.spec.pipeline_info.name == "everything" else {}

    def executor(self, fail: Iterable[str] = ()) -> FakeExecutor:
        refused = set(fail)

        def behave(step: Step) -> StepEnd:
            self.journal.append(step)
            if step.task in refused:
                return StepEnd(error="it broke")
            everything.play(step)
            return StepEnd()

        return FakeExecutor(behave)

    def run(self, *fail: str, **rest: Any) -> RunResult:
        settings = RunSettings(home=self.path, parallelism=3)
        return execute(
            self.plan, self.bound, self.executor(fail), settings=settings, document=self.text, **rest
        )  # fmt: skip

    def retry(self, *fail: str, **rest: Any) -> RunResult:
        """Continue the newest run."""
        with contextlib.closing(Store(self.path)) as store:
            (run, *_) = store.runs()
        return retry(run.id, home=self.path, executor=self.executor(fail), **rest)

    def told(self, result: RunResult) -> dict[str, Any]:
        """Return what a run came to, apart from its identifier and place."""
        text = json.dumps({path: [str(task.state), task.outputs] for path, task in sorted(result.tasks.items())})
        return dict(json.loads(text.replace(result.run_id, "RUN").replace(str(self.path), "HOME")))

    def ran(self) -> list[str]:
        """Return the tasks that ran since this was called last."""
        tasks, self.journal = [step.task for step in self.journal], []
        return tasks

    def state(self) -> State:
        """Return the state of the newest run."""
        with contextlib.closing(Store(self.path)) as store:
            return store.runs()[0].state

    def done(self) -> set[str]:
        """Return the steps that the store says have succeeded."""
        with contextlib.closing(Store(self.path)) as store:
            (run, *_) = store.runs()
            tasks = store.tasks(run.id)
        return {task.path for task in tasks if task.state is State.SUCCEEDED and task.kind == "container"}
