"""`@dsl.container_component`: a function that describes a container becomes a component."""

from types import FunctionType
from typing import Any, Callable, Dict, Tuple

from kfp.dsl.base_component import BaseComponent
from kfp.dsl.container_spec import ContainerSpec
from kfp.dsl.interface import Interface, read_interface
from kfp.dsl.placeholders import ArtifactPlaceholder, TextPlaceholder, element_struct, missing_inputs
from kfp.errors import AuthoringError, SignatureError
from kfp.runtime.interface import PATH, Signature
from kfp.runtime.signature import inspect_signature


class ContainerComponent(BaseComponent):
    """A component that is a container of any kind.

    Args:
        interface: the interface that the function's signature describes.
        pipeline_func: the function.
        container: what it returned for placeholders in place of its parameters.
    """

    def __init__(self, interface: Interface, pipeline_func: Callable[..., Any], container: ContainerSpec) -> None:
        super().__init__(interface)
        self.pipeline_func = pipeline_func
        self.container = container
        self.command = _structs(interface, container.command or [])
        self.args = _structs(interface, container.args or [])

    def execute(self, **kwargs: Any) -> Any:
        """Refuse: a container runs nothing in this process."""
        raise AuthoringError("container component {!r} cannot be executed in this process".format(self.name))


def container_component(func: Callable[..., ContainerSpec]) -> ContainerComponent:
    """Make a component from a function that returns a `dsl.ContainerSpec`.

    The function runs once, when it is decorated, with placeholders for its parameters.

    Args:
        func: the function; its annotations are the component's interface.

    Raises:
        AuthoringError: the function cannot be a component, or does not return a ContainerSpec.
    """
    signature = inspect_signature(_without_return(func))
    spec = read_interface(signature, func.__name__)
    container = func(**_placeholders(signature))
    if not isinstance(container, ContainerSpec):
        raise AuthoringError(
            "container component {!r} returns {!r}".format(spec.name, container), hint="return dsl.ContainerSpec(...)"
        )
    return ContainerComponent(spec, func, container)


def _without_return(func: Callable[..., Any]) -> Callable[..., Any]:
    """Give a copy of the function whose return annotation, which describes no output, is gone."""
    annotations = dict(getattr(func, "__annotations__", {}))
    returned = annotations.pop("return", None)
    if not isinstance(func, FunctionType) or returned is None:
        return func
    text = returned if isinstance(returned, str) else getattr(returned, "__name__", repr(returned))
    if text.rpartition(".")[2] != "ContainerSpec":
        raise SignatureError(
            "container component {!r} is annotated to return {}".format(func.__name__, text),
            hint="annotate dsl.ContainerSpec or nothing; outputs are parameters: dsl.OutputPath(...), dsl.Output[...]",
        )
    copy = FunctionType(func.__code__, func.__globals__, func.__name__, func.__defaults__, func.__closure__)
    copy.__kwdefaults__ = func.__kwdefaults__
    copy.__annotations__ = annotations
    copy.__doc__ = func.__doc__
    return copy


def _placeholders(signature: Signature) -> Dict[str, Any]:
    """Give what stands for each parameter of the function."""
    values: Dict[str, Any] = {}
    for name, given in signature.inputs.items():
        path = "inputs.artifacts['{}']".format(name)
        if given.type is not None:
            values[name] = TextPlaceholder("inputs.parameters['{}']".format(name))
        elif given.is_artifact_list:
            values[name] = TextPlaceholder(path)
        else:
            values[name] = TextPlaceholder(path + ".path") if given.passing == PATH else ArtifactPlaceholder(path, name)
    for name, made in signature.outputs.items():
        path = "outputs.artifacts['{}']".format(name)
        if made.type is not None:
            values[name] = TextPlaceholder("outputs.parameters['{}'].output_file".format(name))
        else:
            values[name] = TextPlaceholder(path + ".path") if made.passing == PATH else ArtifactPlaceholder(path, name)
    return values


def _structs(spec: Interface, elements: Any) -> Tuple[Any, ...]:
    missing = missing_inputs(elements, spec.inputs)
    if missing:
        raise AuthoringError(
            "container component {!r} asks whether {!r} is present, which is not one of its inputs".format(
                spec.name, missing
            )
        )
    return tuple(element_struct(element) for element in elements)
