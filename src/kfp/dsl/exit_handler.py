"""`with dsl.ExitHandler(task):` a task that runs when others have ended, however they ended."""

from typing import Optional

from kfp.dsl.block import BlockGroup
from kfp.dsl.pipeline_task import PipelineTask
from kfp.errors import AuthoringError


class ExitHandler(BlockGroup):
    """Run the tasks in the block, and then the exit task whether they succeeded or not.

    Args:
        exit_task: a task of the same pipeline that waits for no other.
        name: the name that people see.

    Raises:
        AuthoringError: the block stands in another one, or the exit task cannot be one.
    """

    prefix = "exit-handler"
    keyword = "dsl.ExitHandler"
    is_awaitable = True

    def __init__(self, exit_task: PipelineTask, name: Optional[str] = None) -> None:
        super().__init__(name)
        around = self.pipeline.group
        if around is not self.pipeline.root:
            raise AuthoringError(
                "dsl.ExitHandler stands in {} (at {})".format(around.keyword, around.place),
                hint="use it at the top level of the pipeline function, or in a pipeline that is called in the block",
            )
        if not isinstance(exit_task, PipelineTask):
            raise AuthoringError(
                "the exit task of dsl.ExitHandler is {!r}".format(exit_task),
                hint="call a component before the block and pass the task",
            )
        title = "task {!r} cannot be the exit task".format(exit_task.name)
        if exit_task.pipeline is not self.pipeline or exit_task.parent is not self.pipeline.root:
            raise AuthoringError(
                title + ": it was not called at the top level of this pipeline", hint="call it right before the block"
            )
        if exit_task.exit_of is not None:
            raise AuthoringError(title + ": it is that of another dsl.ExitHandler", hint="call its component again")
        if exit_task.waits_for_tasks():
            raise AuthoringError(
                title + ": it depends on other tasks", hint="an exit task takes constants and inputs of the pipeline"
            )
        self.exit_task = exit_task
        exit_task.exit_of = self
