"""Placeholders: texts that the step's launcher replaces when the container starts.

The grammar is that of KFP: `{{$.inputs.parameters['x']}}` inside texts, and JSON structs for what texts cannot say,
`{"Concat": [...]}` and `{"IfPresent": {...}}`.
"""

import json
import warnings
from typing import Any, List, NoReturn, Optional, Union

from kfp.errors import AuthoringError, UnknownOutputError
from kfp.runtime.interface import TASK_FINAL_STATUS

PIPELINE_JOB_NAME_PLACEHOLDER = "{{$.pipeline_job_name}}"
PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER = "{{$.pipeline_job_resource_name}}"
PIPELINE_JOB_ID_PLACEHOLDER = "{{$.pipeline_job_uuid}}"
PIPELINE_TASK_NAME_PLACEHOLDER = "{{$.pipeline_task_name}}"
PIPELINE_TASK_ID_PLACEHOLDER = "{{$.pipeline_task_uuid}}"
PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER = "{{$}}"
PIPELINE_TASK_EXECUTOR_OUTPUT_PATH_PLACEHOLDER = "{{$.outputs.output_file}}"
PIPELINE_ROOT_PLACEHOLDER = "{{$.pipeline_root}}"
PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER = "{{$.pipeline_job_create_time_utc}}"
PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER = "{{$.pipeline_job_schedule_time_utc}}"
WORKSPACE_PATH_PLACEHOLDER = "{{$.workspace_path}}"


class Placeholder:
    """What may stand in a container's command and args besides text."""

    def struct(self) -> Any:
        """Give the placeholder as text or as the JSON struct that stands for it."""
        raise NotImplementedError

    def __str__(self) -> str:
        struct = self.struct()
        if isinstance(struct, str):
            return struct
        raise AuthoringError(
            "{!r} cannot be written into a text".format(self),
            hint="make it an element of the command or args of its own; dsl.ConcatPlaceholder joins several",
        )

    def __repr__(self) -> str:
        struct = self.struct()
        return "<{} {}>".format(type(self).__name__, struct if isinstance(struct, str) else json.dumps(struct))

    def __bool__(self) -> bool:
        # Libraries for KFP ask `if location:` of a container's inputs, and take the answer as it comes.
        warnings.warn(
            "{!r} is always true here: it has a value only when the container runs; "
            "use dsl.IfPresentPlaceholder for an optional input".format(self),
            stacklevel=2,
        )
        return True


class TextPlaceholder(Placeholder):
    """A reference to one value, URI or path.

    Args:
        path: what follows `{{$.`, such as `inputs.parameters['x']`.
    """

    def __init__(self, path: str) -> None:
        self._reference = path

    def struct(self) -> str:
        """Give the text `{{$.path}}`."""
        return "{{$." + self._reference + "}}"


class InputValuePlaceholder(TextPlaceholder):
    """The value of a parameter among the inputs.

    Args:
        input_name: the parameter.
        type: its type in the schema, such as `STRING`.
    """

    def __init__(self, input_name: str, type: str = "STRING") -> None:  # noqa: A002 - the schema's word
        super().__init__("inputs.parameters['{}']".format(input_name))
        self.input_name = input_name
        # google_cloud_pipeline_components reads both to write JSON
        self._ir_type = "STRUCT" if type == TASK_FINAL_STATUS else type


class MetadataPlaceholder(TextPlaceholder):
    """An artifact's metadata: whole, or one entry by its key."""

    def __getitem__(self, key: str) -> str:
        return "{{$." + self._reference + "['{}']".format(key) + "}}"


class InputPathPlaceholder(TextPlaceholder):
    """The local path of an artifact among the inputs."""

    def __init__(self, input_name: str) -> None:
        super().__init__("inputs.artifacts['{}'].path".format(input_name))
        self.input_name = input_name


class InputUriPlaceholder(TextPlaceholder):
    """Where an artifact among the inputs lies."""

    def __init__(self, input_name: str) -> None:
        super().__init__("inputs.artifacts['{}'].uri".format(input_name))
        self.input_name = input_name


class InputMetadataPlaceholder(MetadataPlaceholder):
    """The metadata of an artifact among the inputs."""

    def __init__(self, input_name: str) -> None:
        super().__init__("inputs.artifacts['{}'].metadata".format(input_name))
        self.input_name = input_name


class ArtifactListPlaceholder(TextPlaceholder):
    """A list of artifacts among the inputs, which is written whole, as JSON."""

    def __init__(self, input_name: str) -> None:
        super().__init__("inputs.artifacts['{}']".format(input_name))
        self.input_name = input_name

    def __getattr__(self, attribute: str) -> NoReturn:
        if attribute.startswith("_"):  # what Python itself looks for
            raise AttributeError(attribute)
        self._refuse("an attribute {!r}".format(attribute))

    def __getitem__(self, key: Any) -> NoReturn:
        self._refuse("an entry {!r}".format(key))

    def _refuse(self, what: str) -> NoReturn:
        raise UnknownOutputError(
            "the list of artifacts {!r} has not {} in a container component".format(self.input_name, what),
            hint="write the list whole: the container gets it as JSON",
        )


class OutputParameterPlaceholder(TextPlaceholder):
    """The file that a parameter among the outputs is written to."""

    def __init__(self, output_name: str) -> None:
        super().__init__("outputs.parameters['{}'].output_file".format(output_name))
        self.output_name = output_name


class OutputPathPlaceholder(TextPlaceholder):
    """The local path of an artifact among the outputs."""

    def __init__(self, output_name: str) -> None:
        super().__init__("outputs.artifacts['{}'].path".format(output_name))
        self.output_name = output_name


class OutputUriPlaceholder(TextPlaceholder):
    """Where an artifact among the outputs will lie."""

    def __init__(self, output_name: str) -> None:
        super().__init__("outputs.artifacts['{}'].uri".format(output_name))
        self.output_name = output_name


class OutputMetadataPlaceholder(MetadataPlaceholder):
    """The metadata of an artifact among the outputs."""

    def __init__(self, output_name: str) -> None:
        super().__init__("outputs.artifacts['{}'].metadata".format(output_name))
        self.output_name = output_name


class ArtifactPlaceholder:
    """An artifact among the parameters of a container component's function.

    Args:
        path: how placeholders refer to it, such as `inputs.artifacts['model']`.
        name: its name among the inputs or outputs.
    """

    def __init__(self, path: str, name: str) -> None:
        self._path = path
        self._name = name

    @property
    def uri(self) -> Placeholder:
        """Where the artifact lies."""
        return TextPlaceholder(self._path + ".uri")

    @property
    def path(self) -> Placeholder:
        """The local path where the container reads or writes it."""
        return TextPlaceholder(self._path + ".path")

    @property
    def metadata(self) -> MetadataPlaceholder:
        """The JSON values that travel with it."""
        return MetadataPlaceholder(self._path + ".metadata")

    def __getattr__(self, attribute: str) -> NoReturn:
        raise UnknownOutputError(
            "artifact {!r} has no {!r} in a container component".format(self._name, attribute),
            hint="it has uri, path and metadata",
        )

    def __str__(self) -> NoReturn:
        raise AuthoringError(
            "artifact {!r} cannot be written into a text whole".format(self._name),
            hint="write its uri or its path: {0}.uri, {0}.path".format(self._name),
        )


Element = Union[str, Placeholder]


class ConcatPlaceholder(Placeholder):
    """Several elements joined without space, where a text cannot do it.

    Args:
        items: texts and placeholders.
    """

    def __init__(self, items: List[Any]) -> None:  # for type checkers, a placeholder of `n: int` is an int
        if any(_has_lists(item) for item in items):
            raise AuthoringError(
                "an IfPresentPlaceholder inside a ConcatPlaceholder has lists, which cannot be joined",
                hint="give `then` and `else_` one element each",
            )
        self.items = items

    def struct(self) -> Any:
        """Give `{"Concat": [...]}`."""
        return {"Concat": [element_struct(item) for item in self.items]}


class IfPresentPlaceholder(Placeholder):
    """Elements that depend on whether an optional input was given.

    Args:
        input_name: the input.
        then: one element, or a list of them, for when it was given.
        else_: the same for when it was not; nothing by default.
    """

    def __init__(self, input_name: str, then: Any, else_: Any = None) -> None:
        self.input_name = input_name
        self.then = then
        self.else_ = else_

    def struct(self) -> Any:
        """Give `{"IfPresent": {"InputName": …, "Then": …, "Else": …}}`."""
        choice = {"InputName": self.input_name, "Then": _branch(self.then)}
        if isinstance(self.else_, Placeholder) or self.else_:
            choice["Else"] = _branch(self.else_)
        return {"IfPresent": choice}


def element_struct(element: Any) -> Any:
    """Give an element of a command as text or JSON struct.

    Raises:
        AuthoringError: it is neither text nor a placeholder.
    """
    if isinstance(element, Placeholder):
        return element.struct()
    if isinstance(element, str):
        return element
    if isinstance(element, ArtifactPlaceholder):
        str(element)
    raise AuthoringError(
        "an element of a container's command or args is {!r}".format(element),
        hint="write texts, and placeholders of the function's parameters",
    )


def missing_inputs(element: Any, known: Any) -> Optional[str]:
    """Give the first input that an IfPresentPlaceholder asks for and that is not known, or None."""
    if isinstance(element, IfPresentPlaceholder):
        if element.input_name not in known:
            return element.input_name
        return missing_inputs(element.then, known) or missing_inputs(element.else_, known)
    items = element.items if isinstance(element, ConcatPlaceholder) else element if isinstance(element, list) else ()
    for item in items:
        found = missing_inputs(item, known)
        if found:
            return found
    return None


def _branch(branch: Any) -> Any:
    return [element_struct(item) for item in branch] if isinstance(branch, list) else element_struct(branch)


def _has_lists(element: Any) -> bool:
    """Tell whether an IfPresentPlaceholder in an element, at any depth, has a list."""
    if isinstance(element, ConcatPlaceholder):
        return any(_has_lists(item) for item in element.items)
    if not isinstance(element, IfPresentPlaceholder):
        return False
    return any(isinstance(branch, list) or _has_lists(branch) for branch in (element.then, element.else_))
