"""What holds for a run as a whole: `@dsl.pipeline(pipeline_config=dsl.PipelineConfig(...))`."""

import re
from typing import Any, Dict, Optional

from kfp.errors import ArgumentTypeError, AuthoringError

_QUANTITY = re.compile(r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+|[numkKMGTPE]|[KMGTPE]i)?")

_INT32_MAX = 2**31 - 1
"""The times are of type `int32` in `PipelineConfig` of pipeline_spec.proto."""


class KubernetesWorkspaceConfig:
    """How a cluster makes the volume claim of a workspace.

    Args:
        pvcSpecPatch: fields of a PersistentVolumeClaim's spec that replace the cluster's own.
    """

    def __init__(self, pvcSpecPatch: Optional[Dict[str, Any]] = None) -> None:  # noqa: N803 -- KFP's name
        self.pvcSpecPatch = pvcSpecPatch or {}

    def set_pvcSpecPatch(self, patch: Dict[str, Any]) -> None:  # noqa: N802 -- KFP's name
        """Replace the patch."""
        self.pvcSpecPatch = patch


class WorkspaceConfig:
    """A directory that all steps of a run share, at `dsl.WORKSPACE_PATH_PLACEHOLDER`.

    Args:
        size: a Kubernetes quantity such as `10Gi`.
        kubernetes: how a cluster makes it.

    Raises:
        AuthoringError: the size is missing or not a quantity.
    """

    def __init__(self, size: str, kubernetes: Optional[KubernetesWorkspaceConfig] = None) -> None:
        self.size = size
        self.kubernetes = kubernetes or KubernetesWorkspaceConfig()

    @property
    def size(self) -> str:
        """The size, a Kubernetes quantity."""
        return self._size

    @size.setter
    def size(self, size: str) -> None:
        text = "" if size is None else str(size).strip()
        if _QUANTITY.fullmatch(text) is None:
            raise AuthoringError(
                "WorkspaceConfig: the size is {}".format(repr(size) if text else "missing"),
                hint="write a Kubernetes quantity, such as '10Gi', '500Mi' or '1Ti'",
            )
        self._size = text

    def get_workspace(self) -> Dict[str, Any]:
        """Give the workspace as JSON."""
        return {"size": self.size, "kubernetes": {"pvcSpecPatch": self.kubernetes.pvcSpecPatch}}

    def set_size(self, size: str) -> None:
        """Replace the size."""
        self.size = size

    def set_kubernetes_config(self, kubernetes_config: KubernetesWorkspaceConfig) -> None:
        """Replace how a cluster makes it."""
        self.kubernetes = kubernetes_config


class _Seconds:
    """A time that a `PipelineConfig` has, checked whenever it is set."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, config: "Optional[PipelineConfig]", owner: Optional[type] = None) -> Any:
        return self if config is None else vars(config)[self._name]

    def __set__(self, config: "PipelineConfig", value: Optional[int]) -> None:
        if value is not None:
            self._check(value)
        vars(config)[self._name] = value

    def _check(self, value: int) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ArgumentTypeError("PipelineConfig: {} takes an int, not {!r}".format(self._name, value))
        if value < 0:
            raise AuthoringError("PipelineConfig: {} is {}, and cannot be negative".format(self._name, value))
        if value > _INT32_MAX:
            raise AuthoringError(
                "PipelineConfig: {} is {}, more than an int32 holds".format(self._name, value),
                hint="the most is {} seconds, 68 years".format(_INT32_MAX),
            )


class PipelineConfig:
    """Settings of a whole pipeline; times in seconds, 0 and None are unset.

    Args:
        workspace: a directory that all steps share.
        ttl_seconds_after_finished: how long a cluster keeps the resources of a run that has ended.
        ttl_seconds_after_success: the same for a run that has succeeded.
        ttl_seconds_after_failure: the same for a run that has failed.
        active_deadline_seconds: how long a run may take.

    Raises:
        ArgumentTypeError: a time is not an int.
        AuthoringError: a time is negative, or more than an int32 holds.
    """

    ttl_seconds_after_finished = _Seconds()
    ttl_seconds_after_success = _Seconds()
    ttl_seconds_after_failure = _Seconds()
    active_deadline_seconds = _Seconds()

    def __init__(
        self,
        workspace: Optional[WorkspaceConfig] = None,
        ttl_seconds_after_finished: Optional[int] = None,
        ttl_seconds_after_success: Optional[int] = None,
        ttl_seconds_after_failure: Optional[int] = None,
        active_deadline_seconds: Optional[int] = None,
    ) -> None:
        self.workspace = workspace
        self.ttl_seconds_after_finished = ttl_seconds_after_finished
        self.ttl_seconds_after_success = ttl_seconds_after_success
        self.ttl_seconds_after_failure = ttl_seconds_after_failure
        self.active_deadline_seconds = active_deadline_seconds
