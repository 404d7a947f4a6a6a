"""Pipelines: `@dsl.pipeline` runs the function once and keeps the graph of its tasks."""

from typing import Any, Callable, Dict, NamedTuple, Optional

from kfp.dsl.arguments import compatible
from kfp.dsl.base_component import BaseComponent
from kfp.dsl.interface import Interface, OutputDefinition, type_text
from kfp.dsl.pipeline_channel import PipelineChannel
from kfp.dsl.pipeline_config import PipelineConfig
from kfp.dsl.pipeline_context import Pipeline
from kfp.dsl.place import returned
from kfp.dsl.setting_checks import check_settings
from kfp.dsl.topology import check_output, waits
from kfp.errors import AuthoringError, InconsistentTypeException, NotExecutable
from kfp.location import definition
from kfp.runtime.parameter_types import PYTHON_TYPES


class PipelineSettings(NamedTuple):
    """What `@dsl.pipeline` says of the pipeline as a whole; empty is unset."""

    display_name: str = ""
    pipeline_root: str = ""
    pipeline_config: Optional[PipelineConfig] = None


_LONGEST_NAME = 128


class GraphComponent(BaseComponent):
    """A pipeline, which can be compiled, run, and called as a component of other pipelines.

    Args:
        interface: the interface that the function's signature describes.
        pipeline_func: the function; it is called once, here.
        settings: what holds for the pipeline as a whole.

    Raises:
        AuthoringError: the result does not fit the return annotation, no task was made, or one has settings that
            its component cannot have.
    """

    is_container = False
    kind = "a pipeline"

    def __init__(self, interface: Interface, pipeline_func: Callable[..., Any], settings: PipelineSettings) -> None:
        super().__init__(interface)
        if not 0 < len(interface.name) <= _LONGEST_NAME:
            raise AuthoringError(
                "the pipeline's name is {!r}, of {} letters".format(interface.name, len(interface.name)),
                hint="@dsl.pipeline(name=...) takes 1 to {} of a-z, 0-9 and dashes".format(_LONGEST_NAME),
                location=definition(pipeline_func),
            )
        self.pipeline_func = pipeline_func
        self.settings = settings
        self.pipeline = Pipeline(interface.name, interface.inputs)
        with self.pipeline.building():
            result = pipeline_func(**self.pipeline.inputs)
        self.pipeline.outputs.update(_outputs(interface, result))
        if not self.pipeline.tasks:
            raise AuthoringError(
                "pipeline {!r} has no task".format(interface.name),
                hint="call a component in its function",
                location=definition(pipeline_func),
            )
        try:
            _check_outputs(interface, self.pipeline)
        except AuthoringError as error:
            error.location = returned(pipeline_func)
            raise
        self.pipeline.waits = waits(self.pipeline)
        for task in self.pipeline.tasks.values():
            check_settings(task)

    def execute(self, **kwargs: Any) -> Any:
        """Refuse: a pipeline has no function to call in this process.

        Raises:
            NotExecutable: always.
        """
        raise NotExecutable(
            "pipeline {!r} has nothing to run in this process".format(self.name), hint="call it after local.init(...)"
        )


def _outputs(spec: Interface, result: Any) -> Dict[str, Any]:
    """Name the channels that a pipeline function returned: one, a NamedTuple, or a dict such as `task.outputs`."""
    if result is None:
        return {}
    if isinstance(result, dict):
        return dict(result)
    if isinstance(result, tuple) and hasattr(result, "_asdict"):
        return dict(result._asdict())
    return {"Output": result}


def _check_outputs(spec: Interface, pipeline: Pipeline) -> None:
    title = "pipeline {!r}".format(spec.name)
    for name, channel in pipeline.outputs.items():
        if not isinstance(channel, PipelineChannel):
            raise AuthoringError(
                "{} returns {!r} as its output {!r}".format(title, channel, name),
                hint="return the output of a task: task.output or task.outputs['name']",
            )
        if channel.pipeline is pipeline and channel.home is not pipeline.root and channel.producer is None:
            raise AuthoringError(
                "{} returns {} as its output {!r}, which is another one in each iteration".format(
                    title, channel.title, name
                ),
                hint="return dsl.Collected(...) of a task's output in the loop",
            )
        if channel.producer is None or channel.pipeline is not pipeline:
            what = "its own" if channel.pipeline is pipeline else "another pipeline's"
            raise AuthoringError(
                "{} returns {} input {!r} as its output {!r}".format(title, what, channel.name, name),
                hint="return the output of one of its tasks",
            )
        check_output(channel)
        if name not in spec.outputs:
            raise AuthoringError(
                "{} returns an output {!r} that its signature does not have".format(title, name),
                hint="annotate what it returns: -> {}".format(_annotation(channel)),
            )
        expected: OutputDefinition = spec.outputs[name]
        if not compatible(channel, expected):
            raise InconsistentTypeException(
                "output {!r} of {} takes {}, not {}, which is {}".format(
                    name, title, type_text(expected), channel.title, type_text(channel)
                )
            )
    missing = [name for name in spec.outputs if name not in pipeline.outputs]
    if missing:
        raise AuthoringError(
            "{} does not return its output{} {}".format(
                title, "s" if len(missing) > 1 else "", ", ".join(repr(name) for name in missing)
            ),
            hint="return the outputs of tasks, several of them in the NamedTuple of the annotation",
        )


def _annotation(channel: PipelineChannel) -> str:
    if channel.type in PYTHON_TYPES:
        return str(PYTHON_TYPES[channel.type].__name__)
    return "dsl." + str(channel.schema_title).rpartition(".")[2]
