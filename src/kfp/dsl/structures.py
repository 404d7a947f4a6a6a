"""A component's interface and what it runs, in KFP's words: what `.component_spec` gives.

It is a view of `kfp.dsl.interface`, which this package works with: types have their names of KFP v1, such as `Integer`.
What is assigned to parts of the container, `component.component_spec.implementation.container.image = ...`, holds for
the component from then on, as it does in KFP.
"""

import typing
from copy import copy
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Union

from kfp.dsl.container_spec import ContainerSpec
from kfp.dsl.interface import InputDefinition, Interface, OutputDefinition
from kfp.runtime.interface import ABSENT, TASK_CONFIG, TASK_FINAL_STATUS
from kfp.runtime.parameter_types import python_type
from kfp.runtime.record import Record

if TYPE_CHECKING:
    from kfp.dsl.placeholders import Element

__all__ = [
    "ComponentSpec",
    "ContainerSpec",
    "ContainerSpecImplementation",
    "Implementation",
    "InputSpec",
    "OutputSpec",
]

_NAMES = {
    "STRING": "String",
    "NUMBER_INTEGER": "Integer",
    "NUMBER_DOUBLE": "Float",
    "BOOLEAN": "Boolean",
    "LIST": "List",
    "STRUCT": "Dict",
    TASK_FINAL_STATUS: "PipelineTaskFinalStatus",
    TASK_CONFIG: "TaskConfig",
}


_CHANGEABLE = ("image", "command", "args", "env")


class OutputSpec(Record):
    """An output of a component.

    Attributes:
        type: `String`, `Integer`, `Float`, `Boolean`, `List`, `Dict`, a typing form such as `typing.List[int]`, or an
            artifact's schema, such as `system.Model@0.0.1`.
        is_artifact_list: whether it is a list of artifacts.
        description: what the docstring says of it, or None.
    """

    def __init__(self, type: Any, is_artifact_list: bool = False, description: Optional[str] = None) -> None:  # noqa: A002 -- KFP's name
        self.type = type
        self.is_artifact_list = is_artifact_list
        self.description = description


class InputSpec(Record):
    """An input of a component; the attributes are those of `OutputSpec`, and these.

    Attributes:
        default: its default value, or None.
        optional: whether a call may leave it out.
    """

    def __init__(
        self,
        type: Any,  # noqa: A002 -- KFP's name
        default: Any = None,
        optional: bool = False,
        is_artifact_list: bool = False,
        description: Optional[str] = None,
    ) -> None:
        self.type = type
        self.default = default
        self.optional = optional
        self.is_artifact_list = is_artifact_list
        self.description = description


class ContainerSpecImplementation(Record):
    """The container that a component runs.

    Attributes:
        image: its image.
        command: texts and placeholders, or None.
        args: the same.
        env: environment variables by name, or None.
        resources: None; resources are those of tasks.
    """

    def __init__(
        self,
        image: str,
        command: "Optional[List[Element]]" = None,
        args: "Optional[List[Element]]" = None,
        env: Optional[Dict[str, Any]] = None,
        resources: Any = None,
    ) -> None:
        self.image = image
        self.command = command
        self.args = args
        self.env = env
        self.resources = resources


class Implementation(Record):
    """What a component runs.

    Attributes:
        container: a container, or None.
        importer: None; importers are written with `dsl.importer`.
        graph: a pipeline's `PipelineSpec` message, or None.
    """

    def __init__(
        self, container: Optional[ContainerSpecImplementation] = None, importer: Any = None, graph: Any = None
    ) -> None:
        self.container = container
        self.importer = importer
        self.graph = graph


class ComponentSpec(Record):
    """A component's interface and what it runs.

    Args:
        name: lower case words joined by dashes.
        implementation: what it runs, or a function that gives it when it is asked for.
        description: what the component does, or None.
        inputs: by name; None without any.
        outputs: by name; None without any.
        platform_spec: the `PlatformSpec` message, or a function that gives it.
        task_config_passthroughs: settings of its tasks that the component takes over, or None.
    """

    def __init__(  # noqa: PLR0917 -- KFP's signature
        self,
        name: str,
        implementation: Union[Implementation, Callable[[], Implementation]],
        description: Optional[str] = None,
        inputs: Optional[Dict[str, InputSpec]] = None,
        outputs: Optional[Dict[str, OutputSpec]] = None,
        platform_spec: Any = None,
        task_config_passthroughs: Optional[List[Any]] = None,
    ) -> None:
        self.name = name
        self.description = description
        self.inputs = inputs
        self.outputs = outputs
        self.task_config_passthroughs = task_config_passthroughs
        self._implementation = implementation
        self._compiled: Dict[str, Any] = _parts(implementation) if isinstance(implementation, Implementation) else {}
        self._platform_spec = platform_spec

    @property
    def implementation(self) -> Implementation:
        """What the component runs; that of a Python component is compiled for it."""
        if not isinstance(self._implementation, Implementation):
            self._implementation = self._implementation()
            self._compiled = _parts(self._implementation)
        return self._implementation

    def changes(self) -> Dict[str, Any]:
        """Give what was assigned to the container that was compiled, by the names of `ContainerSpecImplementation`."""
        if not isinstance(self._implementation, Implementation):
            return {}  # nobody looked at it
        return {part: now for part, now in _parts(self._implementation).items() if now != self._compiled.get(part)}

    @property
    def platform_spec(self) -> Any:
        """What platforms add, as the official protobuf message."""
        given = self._platform_spec
        return given() if callable(given) else given

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ComponentSpec):
            return NotImplemented
        fields = ("name", "description", "inputs", "outputs", "task_config_passthroughs", "implementation")
        return all(getattr(self, field) == getattr(other, field) for field in fields)

    __hash__ = None  # as its inputs have none

    def __repr__(self) -> str:
        return "ComponentSpec(name={!r}, description={!r}, inputs={!r}, outputs={!r})".format(
            self.name, self.description, self.inputs, self.outputs
        )


def component_spec(
    interface: Interface,
    implementation: Callable[[], Implementation],
    platform_spec: Callable[[], Any],
    passthroughs: Optional[List[Any]] = None,
) -> ComponentSpec:
    """Give a component's spec.

    Args:
        interface: the component's.
        implementation: gives what it runs.
        platform_spec: gives the message.
        passthroughs: settings of its tasks that the component takes over.
    """
    return ComponentSpec(
        interface.name,
        implementation,
        interface.description,
        {name: _input(given) for name, given in interface.inputs.items()} or None,
        {name: _output(made) for name, made in interface.outputs.items()} or None,
        platform_spec,
        passthroughs,
    )


def compiled_container(pipeline_spec: Any) -> Implementation:
    """Give what a component runs that is compiled alone.

    Args:
        pipeline_spec: the message, whose only executor is a container.
    """
    (executor,) = pipeline_spec.deployment_spec["executors"].values()
    container = executor["container"]
    parts = {part: list(container[part]) if part in container else None for part in ("command", "args", "env")}
    env = None if parts["env"] is None else {variable["name"]: variable["value"] for variable in parts["env"]}
    return Implementation(ContainerSpecImplementation(container["image"], parts["command"], parts["args"], env))


def _parts(implementation: Implementation) -> Dict[str, Any]:
    container = implementation.container
    return {} if container is None else {part: copy(getattr(container, part)) for part in _CHANGEABLE}


def _input(given: InputDefinition) -> InputSpec:
    default = None if given.default is ABSENT else given.default
    return InputSpec(_type_name(given), default, given.optional, given.is_artifact_list, given.description or None)


def _output(made: OutputDefinition) -> OutputSpec:
    return OutputSpec(_type_name(made), made.is_artifact_list, made.description or None)


def _type_name(definition: Any) -> str:
    if definition.type is None:
        return "{}@{}".format(definition.schema_title, definition.schema_version)
    forms: Dict[Any, Any] = {list: typing.List, dict: typing.Dict}
    form = forms.get(python_type(definition.annotation))
    arguments = getattr(definition.annotation, "__args__", None) or ()
    if form is None or not arguments or any(isinstance(argument, typing.TypeVar) for argument in arguments):
        return str(_NAMES.get(definition.type, definition.type))
    return str(form[arguments])
