"""`dsl.TaskConfig` under KFP's module path; `kfp.runtime.task_config` has it."""

from kfp.runtime.task_config import TaskConfig

__all__ = ["TaskConfig"]
