"""`dsl.importer`: an artifact that exists already becomes the output of a task."""

from typing import TYPE_CHECKING, Any, Dict, Mapping, NamedTuple, Optional, Type, Union

from kfp.dsl.artifact_schema import schema_problem
from kfp.dsl.base_component import BaseComponent
from kfp.dsl.interface import InputDefinition, Interface, OutputDefinition
from kfp.dsl.pipeline_channel import PATTERN, PipelineArtifactChannel, PipelineChannel, find_channels
from kfp.dsl.pipeline_context import current_pipeline
from kfp.dsl.placeholders import TextPlaceholder
from kfp.errors import ArgumentTypeError, AuthoringError

if TYPE_CHECKING:
    from kfp.dsl.pipeline_context import Pipeline
    from kfp.dsl.pipeline_task import PipelineTask

URI, METADATA, ARTIFACT = "uri", "metadata", "artifact"
"""The names of an importer's inputs and of its output, as KFP writes them."""


class ImporterSettings(NamedTuple):
    """What an importer does.

    Attributes:
        uri: where the artifact lies, or None where that is known only when the pipeline runs.
        reimport: whether a new artifact is registered even if one with this URI is known.
        metadata: JSON that the artifact gets, with placeholders of the importer's inputs.
        download_to_workspace: whether the artifact is copied into the run's workspace.
    """

    uri: Optional[str]
    reimport: bool
    metadata: Dict[str, Any]
    download_to_workspace: bool


class ImporterComponent(BaseComponent):
    """The component behind one call of `dsl.importer`.

    Args:
        interface: its inputs, one for the URI and one for each parameter in the metadata, and its output.
        settings: what it does.
    """

    is_container = False
    kind = "an importer"

    def __init__(self, interface: Interface, settings: ImporterSettings) -> None:
        super().__init__(interface)
        self.settings = settings


def importer(
    artifact_uri: "Union[PipelineChannel, str]",
    artifact_class: Type[Any],
    reimport: bool = False,
    metadata: Optional[Mapping[str, Any]] = None,
    download_to_workspace: bool = False,
) -> "PipelineTask":
    """Add a task whose output is an artifact that exists already.

    Args:
        artifact_uri: where the artifact lies: a text, a parameter, or a text with parameters in it.
        artifact_class: its class, such as `dsl.Model`.
        reimport: whether a new artifact is registered even if one with this URI is known.
        metadata: JSON values that the artifact gets; parameters may stand in it at any depth.
        download_to_workspace: whether the artifact is copied into the run's workspace, which the pipeline must have.

    Returns:
        The task; its only output is named `artifact`.

    Raises:
        ArgumentTypeError: an argument is not of its type.
        RunError: the call is outside a pipeline and no local runner is set up.
    """
    title, version = getattr(artifact_class, "schema_title", None), getattr(artifact_class, "schema_version", None)
    if title is None or version is None:
        raise ArgumentTypeError(
            "dsl.importer: artifact_class is {!r}".format(artifact_class),
            hint="give an artifact class such as dsl.Dataset; it has schema_title and schema_version",
        )
    problem = schema_problem(title, version)
    if problem is not None:
        raise ArgumentTypeError("dsl.importer: {!r} has {}".format(artifact_class, problem))
    template = _Metadata(current_pipeline())
    values = template.of(dict(metadata or {}))
    inputs = {URI: InputDefinition("STRING")}
    inputs.update((name, InputDefinition(channel.type)) for name, channel in template.inputs.items())
    spec = Interface("importer", None, inputs, {ARTIFACT: OutputDefinition(None, title, version)})
    is_constant = isinstance(artifact_uri, str) and PATTERN.search(artifact_uri) is None
    uri = str(artifact_uri) if is_constant else None
    component = ImporterComponent(spec, ImporterSettings(uri, reimport, values, download_to_workspace))
    task: PipelineTask = component(**{URI: artifact_uri}, **template.inputs)
    return task


class _Metadata:
    """Puts placeholders in the place of parameters.

    Args:
        pipeline: the pipeline under construction, if there is one.

    Attributes:
        inputs: the parameters, by the names of the importer's inputs.
    """

    def __init__(self, pipeline: "Optional[Pipeline]") -> None:
        self._pipeline = pipeline
        self.inputs: Dict[str, PipelineChannel] = {}

    def of(self, value: Any) -> Any:
        """Give a JSON value without channels."""
        if isinstance(value, PipelineChannel):
            return self._placeholder(value)
        if isinstance(value, str):
            return PATTERN.sub(self._found, value)
        if isinstance(value, (list, tuple)):
            return [self.of(item) for item in value]
        if isinstance(value, Mapping):
            return {self._key(key): self.of(item) for key, item in value.items()}
        if value is None or isinstance(value, (bool, int, float)):
            return value
        raise ArgumentTypeError(
            "dsl.importer: the metadata has {!r}".format(value), hint="metadata is JSON: texts, numbers, lists, dicts"
        )

    def _key(self, key: Any) -> str:
        if isinstance(key, PipelineChannel):
            return self._placeholder(key)
        if not isinstance(key, str):
            raise ArgumentTypeError(
                "dsl.importer: the metadata has the key {!r}".format(key), hint="keys of metadata are texts"
            )
        return PATTERN.sub(self._found, key)

    def _found(self, match: Any) -> str:
        if self._pipeline is None:
            raise AuthoringError("dsl.importer: {} outside a pipeline".format(match.group()))
        return self._placeholder(find_channels(match.group(), self._pipeline)[0])

    def _placeholder(self, channel: PipelineChannel) -> str:
        if isinstance(channel, PipelineArtifactChannel):
            raise ArgumentTypeError(
                "dsl.importer: the metadata has an artifact, the output {!r}".format(channel.name),
                hint="metadata takes parameters",
            )
        name = next((name for name, known in self.inputs.items() if known is channel), None)
        if name is None:
            name = "{}-{}".format(METADATA, len(self.inputs) + 1) if self.inputs else METADATA
            self.inputs[name] = channel
        return TextPlaceholder("inputs.parameters['{}']".format(name)).struct()
