"""`@dsl.pipeline`: a Python function becomes a pipeline."""

from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Optional, Union, overload

from kfp.dsl.graph_component import GraphComponent, PipelineSettings
from kfp.dsl.interface import read_interface
from kfp.dsl.pipeline_config import PipelineConfig
from kfp.dsl.pipeline_context import current_pipeline
from kfp.errors import ArgumentTypeError, AuthoringError
from kfp.location import definition
from kfp.runtime.interface import RETURNED
from kfp.runtime.signature import inspect_signature

if TYPE_CHECKING:

    @overload
    def pipeline(
        func: Callable[..., Any],
        *,
        name: Optional[str] = None,
        description: Optional[str] = None,
        pipeline_root: Optional[str] = None,
        display_name: Optional[str] = None,
        pipeline_config: Optional[PipelineConfig] = None,
    ) -> GraphComponent: ...

    @overload
    def pipeline(
        func: None = None,
        *,
        name: Optional[str] = None,
        description: Optional[str] = None,
        pipeline_root: Optional[str] = None,
        display_name: Optional[str] = None,
        pipeline_config: Optional[PipelineConfig] = None,
    ) -> Callable[[Callable[..., Any]], GraphComponent]: ...


def pipeline(
    func: Optional[Callable[..., Any]] = None,
    *,
    name: Optional[str] = None,
    description: Optional[str] = None,
    pipeline_root: Optional[str] = None,
    display_name: Optional[str] = None,
    pipeline_config: Optional[PipelineConfig] = None,
) -> Union[GraphComponent, Callable[[Callable[..., Any]], GraphComponent]]:
    """Make a pipeline from a Python function; the decorator works with and without arguments.

    The function runs once, when it is decorated: its component calls become tasks. Its parameters are channels then,
    not values.

    Args:
        func: the function; its annotations are the pipeline's interface.
        name: the pipeline's name; the function's by default.
        description: what the pipeline does; the docstring's by default.
        pipeline_root: where runs put their artifacts, such as `s3://bucket/path`.
        display_name: the name that people see.
        pipeline_config: the workspace, lifetimes and deadline of its runs.

    Returns:
        The pipeline, or the decorator that makes it.

    Raises:
        AuthoringError: the function cannot be a pipeline, or is defined in the function of another one. Errors of its
            body are raised as they are.
    """
    if pipeline_config is not None and not isinstance(pipeline_config, PipelineConfig):
        raise ArgumentTypeError(
            "@dsl.pipeline: pipeline_config is {!r}".format(pipeline_config), hint="give a dsl.PipelineConfig(...)"
        )
    settings = PipelineSettings(display_name or "", pipeline_root or "", pipeline_config)
    create = partial(_create, settings, name, description)
    return create if func is None else create(func)


def _create(
    settings: PipelineSettings, name: Optional[str], description: Optional[str], func: Callable[..., Any]
) -> GraphComponent:
    around = current_pipeline()
    if around is not None:
        raise AuthoringError(
            "pipeline {!r} is defined while the function of pipeline {!r} runs".format(func.__name__, around.name),
            hint="define it outside that function, and call it there",
            location=definition(func),
        )
    signature = inspect_signature(func, lists=True)
    for key, output in signature.outputs.items():
        if output.passing != RETURNED:
            raise AuthoringError(
                "pipeline {!r} has an output {!r} among its parameters".format(func.__name__, key),
                hint="a pipeline returns its outputs: annotate what it returns and return the outputs of tasks",
                location=definition(func),
            )
    spec = read_interface(signature, name or func.__name__, description)
    return GraphComponent(spec, func, settings)
