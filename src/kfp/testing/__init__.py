"""Components and pipelines in pytest: `kfp_run` runs them for real, in a store that lasts as long as the test.

    def test_training(kfp_run):
        run = kfp_run(training, epochs=3)
        assert run.tasks["train"].outputs["accuracy"] > 0.9

pytest finds the fixtures by itself (`kfp.testing.fixtures`, an entry point `pytest11`). A step that fails raises
`kfp.errors.StepError`, which knows the step's task, attempt, log and traceback.

pytest loads this package in every project of the environment, so `Run` loads when it is first touched (PEP 562).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kfp.testing.run import Run

__all__ = ["Run"]


def __getattr__(name: str) -> type[Run]:
    if name != "Run":
        raise AttributeError(f"module 'kfp.testing' has no attribute {name!r}")
    from kfp.testing.run import Run  # noqa: PLC0415 - see above

    return Run
