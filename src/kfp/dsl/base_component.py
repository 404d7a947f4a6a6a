"""What every component is: an interface, a call, and its compiled form."""

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence

from kfp.dsl.arguments import check_names, check_value
from kfp.dsl.execution import execute
from kfp.dsl.interface import Interface
from kfp.dsl.pipeline_context import current_pipeline
from kfp.dsl.pipeline_task import PipelineTask
from kfp.errors import NotExecutable
from kfp.runtime.structured import plain

if TYPE_CHECKING:
    from kfp.dsl.component_task_config import TaskConfigPassthrough
    from kfp.dsl.structures import ComponentSpec, Implementation
    from kfp.graph import PipelineGraph
    from kfp.pipeline_spec.pipeline_spec_pb2 import (  # type: ignore[import-untyped,unused-ignore]
        PipelineSpec,
        PlatformSpec,
    )


class _CallSignature:
    """The `__signature__` of each component, which `inspect.signature` asks for; a class keeps its own."""

    def __get__(self, component: "Optional[BaseComponent]", _class: type) -> Any:
        if component is None:
            raise AttributeError("__signature__")
        from kfp.dsl.call_signature import call_signature  # only who asks loads inspect

        return call_signature(component.interface)


class BaseComponent:
    """A component: called inside a pipeline it becomes a task, outside it runs on this machine.

    Args:
        interface: the component's interface.
    """

    is_container = True
    """Whether a task of this component runs in a container of its own."""

    kind = "a component"
    """What it is, in a message."""

    __signature__ = _CallSignature()

    def __init__(self, interface: Interface) -> None:
        self.interface = interface
        self._component_spec: "Optional[ComponentSpec]" = None
        if interface.description:
            self.__doc__ = interface.description  # in a notebook, `add?` shows what `add` does

    @property
    def component_spec(self) -> "ComponentSpec":
        """The component's interface and what it runs, in KFP's words; `interface` has it in those of this package."""
        if self._component_spec is None:
            from kfp.dsl.structures import component_spec

            self._component_spec = component_spec(
                self.interface, self._implementation, lambda: self.platform_spec, list(self._passthroughs()) or None
            )
        return self._component_spec

    @property
    def container_changes(self) -> Dict[str, Any]:
        """What was assigned to the container in `component_spec`: image, command, args, env."""
        return {} if self._component_spec is None else self._component_spec.changes()

    def _implementation(self) -> "Implementation":
        from kfp.dsl.structures import Implementation, compiled_container

        return compiled_container(self.pipeline_spec) if self.is_container else Implementation(graph=self.pipeline_spec)

    def _passthroughs(self) -> "Sequence[TaskConfigPassthrough]":
        return ()

    @property
    def name(self) -> str:
        """The component's name: lower case words joined by dashes."""
        return self.interface.name

    @property
    def description(self) -> Optional[str]:
        """What the component does, in its author's words."""
        return self.interface.description

    @property
    def required_inputs(self) -> List[str]:
        """The names of the inputs that a call must give."""
        return [name for name, spec in self.interface.inputs.items() if not spec.optional]

    def _add_or_run(self, *args: Any, **kwargs: Any) -> Any:
        """Add a task to the pipeline under construction, or run the component here.

        Raises:
            ArgumentTypeError: an argument is positional, unknown, missing or of the wrong type.
            RunError: the call is outside a pipeline and no local runner is set up.
        """
        self._check_usable()
        check_names(self.interface, args, kwargs)
        kwargs = {name: plain(value) for name, value in kwargs.items()}
        pipeline = current_pipeline()
        if pipeline is None:
            return execute(self, kwargs)
        for name, value in kwargs.items():
            check_value(self.interface, name, value, pipeline)
        return PipelineTask(self, kwargs, pipeline)

    def _check_usable(self) -> None:
        """Raise what is wrong with the component itself, if it was made although it cannot run."""

    if TYPE_CHECKING:  # for editors a positional argument is an error, too

        def __call__(self, **kwargs: Any) -> PipelineTask:
            """Add a task to the pipeline under construction, or run the component here."""

    else:
        __call__ = _add_or_run

    def execute(self, **kwargs: Any) -> Any:
        """Run what the component stands for in this process, without a pipeline or a container.

        Raises:
            NotExecutable: it stands for nothing that could.
        """
        raise NotExecutable("component {!r} has nothing to run in this process".format(self.name))

    @property
    def pipeline_spec(self) -> "PipelineSpec":
        """The component compiled as a pipeline, as the official protobuf message."""
        from kfp.compiler.proto import pipeline_spec  # the compiler stands above this package; see ARCHITECTURE.md

        return pipeline_spec(self)

    @property
    def platform_spec(self) -> "PlatformSpec":
        """What platforms add to the compiled component, as the official protobuf message."""
        from kfp.compiler.proto import platform_spec

        return platform_spec(self)

    def graph(self) -> "PipelineGraph":
        """Give the compiled component as a graph: `graph().mermaid()`, `graph().svg()`; a notebook shows it."""
        from kfp.compiler.compile import document  # it stands above this package, as does the next
        from kfp.graph import graph

        return graph(document(self))

    def _repr_html_(self) -> Optional[str]:
        """Give what a notebook shows: the graph of a pipeline; a single step is no picture."""
        return None if self.is_container else self.graph()._repr_html_()

    def __repr__(self) -> str:
        return "<{} {!r}>".format(type(self).__name__, self.name)
