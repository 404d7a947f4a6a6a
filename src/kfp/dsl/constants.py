"""Where a cluster mounts a run's workspace, under KFP's module path; `kfp.dsl.types.artifact_types` has it."""

from kfp.dsl.types.artifact_types import WORKSPACE_MOUNT_PATH

__all__ = ["WORKSPACE_MOUNT_PATH"]
