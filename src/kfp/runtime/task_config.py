"""What a step is told of the pod that its task asked for, instead of running in it: `dsl.TaskConfig`."""

from typing import Any, Dict, List, Optional

from kfp.runtime.record import Record


class TaskConfig(Record):
    """Settings of a task that its component applies itself, such as to the pods that it starts.

    The component names them with `task_config_passthroughs`. All are JSON as Kubernetes has it, None where unset.

    Attributes:
        affinity: an Affinity.
        tolerations: Tolerations.
        node_selector: labels of nodes.
        env: EnvVars.
        volumes: Volumes.
        volume_mounts: VolumeMounts.
        resources: ResourceRequirements.
    """

    def __init__(  # noqa: PLR0917 -- KFP's own signature
        self,
        affinity: Optional[Dict[str, Any]] = None,
        tolerations: Optional[List[Dict[str, Any]]] = None,
        node_selector: Optional[Dict[str, str]] = None,
        env: Optional[List[Dict[str, Any]]] = None,
        volumes: Optional[List[Dict[str, Any]]] = None,
        volume_mounts: Optional[List[Dict[str, Any]]] = None,
        resources: Optional[Dict[str, Any]] = None,
    ) -> None:
        self.affinity = affinity
        self.tolerations = tolerations
        self.node_selector = node_selector
        self.env = env
        self.volumes = volumes
        self.volume_mounts = volume_mounts
        self.resources = resources


def from_json(value: Dict[str, Any]) -> TaskConfig:
    """Read the parameter value that the launcher passes: the attributes by their camelCase names."""
    names = ("affinity", "tolerations", "nodeSelector", "env", "volumes", "volumeMounts", "resources")
    return TaskConfig(*[value.get(name) for name in names])
