"""What the fixture `kfp_run` is: runs a component or pipeline, and tells what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from kfp import local
from kfp.errors import StepError

if TYPE_CHECKING:
    from pathlib import Path

    from kfp.dsl.base_component import BaseComponent
    from kfp.local import LocalTask
    from kfp.local.runners import Runner


class Run:
    """Runs components and pipelines in directories of its own.

    From `set_up` on, a component that is called like a function runs there, too.

    Args:
        directory: artifacts go to `artifacts` in it, what the steps share to `workspace`.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def set_up(self, *, runner: Runner | None = None, raise_on_error: bool = True) -> None:
        """Choose how to run, from now on.

        Args:
            runner: what steps run in; None is this interpreter, in a process for each step, with an environment only
                for packages that the interpreter does not have.
            raise_on_error: raise when a run fails; otherwise its `state` and `error` tell.
        """
        local.init(
            runner=runner or local.SubprocessRunner(use_venv=False),
            pipeline_root=str(self._directory / "artifacts"),
            workspace_root=str(self._directory / "workspace"),
            raise_on_error=raise_on_error,
        )

    def __call__(self, component: BaseComponent, /, **arguments: Any) -> LocalTask:  # noqa: ANN401 - any JSON value
        """Run a component or pipeline to its end.

        Args:
            component: what runs.
            **arguments: its inputs; artifacts as objects such as `dsl.Dataset(uri="/data/train.csv")`.

        Returns:
            What came of it: `output`, `outputs`, and `tasks` by the path of their names.

        Raises:
            StepError: a step failed, unless `set_up` said otherwise.
            RunError: the run cannot start.
        """
        __tracebackhide__ = True  # pytest shows the line of the test, and the step's own traceback
        try:
            return cast("LocalTask", component(**arguments))
        except StepError as error:
            raise error.with_traceback(None) from None
