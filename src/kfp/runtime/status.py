"""The status of an upstream task, as an exit task sees it."""

from typing import Optional

from kfp.runtime.record import Record


class PipelineTaskFinalStatus(Record):
    """How the tasks that an exit task waits for ended.

    Attributes:
        state: `SUCCEEDED`, `FAILED` or `CANCELLED`.
        pipeline_job_resource_name: the run's resource name.
        pipeline_task_name: the name of the task, or of the group of tasks, that ended.
        error_code: the google.rpc.Code of the error, None or 0 without one.
        error_message: what went wrong, None or empty without an error.
    """

    def __init__(
        self,
        state: str,
        pipeline_job_resource_name: str,
        pipeline_task_name: str,
        error_code: Optional[int],
        error_message: Optional[str],
    ) -> None:
        self.state = state
        self.pipeline_job_resource_name = pipeline_job_resource_name
        self.pipeline_task_name = pipeline_task_name
        self.error_code = error_code
        self.error_message = error_message
