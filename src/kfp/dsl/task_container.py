"""What the container of one task runs, for authors who change it there: `task.container_spec`."""

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, List, Mapping

from kfp.dsl.placeholders import element_struct

if TYPE_CHECKING:
    from kfp.dsl.pipeline_task import PipelineTask


class TaskContainer:
    """The container of a task; what is assigned to it, or changed in it, holds for that task alone.

    Args:
        task: a task whose component runs a container.

    Attributes:
        command: texts, as the document has them: placeholders are `{{$.inputs.parameters['name']}}`.
        args: the same.
    """

    def __init__(self, task: "PipelineTask") -> None:
        self._task = task
        self._given = task.component_spec.implementation.container
        self.command = _texts(self._given.command)
        self.args = _texts(self._given.args)

    @property
    def image(self) -> str:
        """The image; assigning it is `set_container_image`."""
        changed = self._task.settings.container_image
        return str(self._given.image) if changed is None else changed

    @image.setter
    def image(self, image: str) -> None:
        self._task.set_container_image(image)

    @property
    def env(self) -> Mapping[str, str]:
        """The environment variables, to look at; `set_env_variable` sets one."""
        return MappingProxyType({**(self._given.env or {}), **dict(self._task.settings.env)})

    def __repr__(self) -> str:
        values = (self.image, self.command, self.args, dict(self.env))
        return "TaskContainer(image={!r}, command={!r}, args={!r}, env={!r})".format(*values)


def _texts(elements: Any) -> List[str]:
    structs = [element_struct(element) for element in elements or ()]
    return [struct if isinstance(struct, str) else json.dumps(struct) for struct in structs]
