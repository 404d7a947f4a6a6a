"""`@dsl.container_component`: a function that describes a container becomes a component."""

from types import FunctionType
from typing import TYPE_CHECKING, Any, Callable, Dict, Tuple

from kfp.dsl.base_component import BaseComponent
from kfp.dsl.container_spec import ContainerSpec
from kfp.dsl.interface import Interface, read_interface
from kfp.dsl.place import returned
from kfp.dsl.placeholders import (
    ArtifactListPlaceholder,
    ArtifactPlaceholder,
    InputPathPlaceholder,
    InputValuePlaceholder,
    OutputParameterPlaceholder,
    OutputPathPlaceholder,
    element_struct,
    missing_inputs,
)
from kfp.errors import AuthoringError, NotExecutable, SignatureError
from kfp.location import definition
from kfp.runtime.annotations import type_text
from kfp.runtime.artifact_types import artifact_class
from kfp.runtime.forward import resolve
from kfp.runtime.interface import PATH, Signature
from kfp.runtime.signature import inspect_signature

if TYPE_CHECKING:
    from kfp.dsl.structures import Implementation

_CALL = "call it in a pipeline, or here after local.init(...)"


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
        self.command = _structs(interface, container.command or [], pipeline_func)
        self.args = _structs(interface, container.args or [], pipeline_func)

    def _implementation(self) -> "Implementation":
        from kfp.dsl.structures import ContainerSpecImplementation, Implementation

        command, args = self.container.command, self.container.args
        return Implementation(ContainerSpecImplementation(self.container.image, command or None, args or None))

    def execute(self, **kwargs: Any) -> Any:
        """Refuse: a container runs nothing in this process.

        Raises:
            NotExecutable: always.
        """
        raise NotExecutable("container component {!r} has nothing to run in this process".format(self.name), hint=_CALL)


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
    _check_marked(signature)
    container = func(**_placeholders(signature))
    if not isinstance(container, ContainerSpec):
        raise AuthoringError(
            "container component {!r} returns {!r}".format(spec.name, container),
            hint="return dsl.ContainerSpec(...)",
            location=returned(func),
        )
    return ContainerComponent(spec, func, container)


def _without_return(func: Callable[..., Any]) -> Callable[..., Any]:
    """Give a copy of the function whose return annotation, which describes no output, is gone."""
    annotations = dict(getattr(func, "__annotations__", {}))
    annotation = annotations.pop("return", None)
    if not isinstance(func, FunctionType) or annotation is None:
        return func
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", repr(annotation))
    if text.rpartition(".")[2] != "ContainerSpec":
        raise SignatureError(
            "container component {!r} is annotated to return {}".format(func.__name__, text),
            hint="annotate dsl.ContainerSpec or nothing; outputs are parameters: dsl.OutputPath(...), dsl.Output[...]",
            location=definition(func),
        )
    copy = FunctionType(func.__code__, func.__globals__, func.__name__, func.__defaults__, func.__closure__)
    copy.__kwdefaults__ = func.__kwdefaults__
    copy.__annotations__ = annotations
    copy.__doc__ = func.__doc__
    return copy


def _check_marked(signature: Signature) -> None:
    """Check that artifacts are marked as inputs or outputs, as nothing else tells which they are."""
    func = signature.function
    for name, given in signature.inputs.items():
        annotation, _ = resolve(func.__annotations__[name], func.__globals__)
        parts: Any = getattr(annotation, "__args__", None) or (annotation,)
        if given.artifact is not None and any(artifact_class(part) for part in parts):
            raise SignatureError(
                "container component {!r} takes {!r} as {}, neither Input nor Output".format(
                    func.__name__, name, type_text(annotation)
                ),
                hint="mark it: dsl.Input[...] or dsl.Output[...]",
                location=definition(func),
            )


def _placeholders(signature: Signature) -> Dict[str, Any]:
    """Give what stands for each parameter of the function."""
    values: Dict[str, Any] = {}
    for name, given in signature.inputs.items():
        path = "inputs.artifacts['{}']".format(name)
        if given.type is not None:
            values[name] = InputValuePlaceholder(name, given.type)
        elif given.is_artifact_list:
            values[name] = ArtifactListPlaceholder(name)
        else:
            values[name] = InputPathPlaceholder(name) if given.passing == PATH else ArtifactPlaceholder(path, name)
    for name, made in signature.outputs.items():
        path = "outputs.artifacts['{}']".format(name)
        if made.type is not None:
            values[name] = OutputParameterPlaceholder(name)
        else:
            values[name] = OutputPathPlaceholder(name) if made.passing == PATH else ArtifactPlaceholder(path, name)
    return values


def _structs(spec: Interface, elements: Any, func: Callable[..., Any]) -> Tuple[Any, ...]:
    missing = missing_inputs(elements, spec.inputs)
    if missing:
        raise AuthoringError(
            "container component {!r} asks whether {!r} is present, which is not one of its inputs".format(
                spec.name, missing
            ),
            location=returned(func),
        )
    return tuple(element_struct(element) for element in elements)
