"""Which settings of a task its component takes over: `@dsl.component(task_config_passthroughs=[...])`."""

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, Optional, Sequence, Tuple, Union

from kfp.errors import ArgumentTypeError

if TYPE_CHECKING:
    from kfp.pipeline_spec.pipeline_spec_pb2 import (  # type: ignore[import-untyped,unused-ignore]
        TaskConfigPassthrough as Message,
    )


class TaskConfigField(IntEnum):
    """A group of a task's settings; the numbers are those of the proto's `TaskConfigPassthroughType`."""

    RESOURCES = 1
    ENV = 2
    KUBERNETES_AFFINITY = 3
    KUBERNETES_TOLERATIONS = 4
    KUBERNETES_NODE_SELECTOR = 5
    KUBERNETES_VOLUMES = 6


class TaskConfigPassthrough(NamedTuple):
    """A group of settings that a component receives in its `dsl.TaskConfig`.

    Attributes:
        field: the group.
        apply_to_task: whether the task's own pod gets the settings as well.
    """

    field: TaskConfigField
    apply_to_task: bool = False

    def to_proto(self) -> "Message":
        """Give the official protobuf message."""
        from kfp.compiler.proto import task_config_passthrough  # upward and on demand, as Component.pipeline_spec is

        return task_config_passthrough(self)


def read_passthroughs(
    values: Optional[Sequence[Union[TaskConfigPassthrough, TaskConfigField]]],
) -> Tuple[TaskConfigPassthrough, ...]:
    """Give the passthroughs that a decorator's argument lists; a group alone is not applied to the task.

    Raises:
        ArgumentTypeError: one is something else.
    """
    found = []
    for value in values or ():
        if isinstance(value, TaskConfigField):
            found.append(TaskConfigPassthrough(value))
        elif isinstance(value, TaskConfigPassthrough):
            found.append(value)
        else:
            raise ArgumentTypeError(
                "task_config_passthroughs has {!r}".format(value),
                hint="list dsl.TaskConfigField.RESOURCES and the like, or dsl.TaskConfigPassthrough(field=...)",
            )
    return tuple(found)
