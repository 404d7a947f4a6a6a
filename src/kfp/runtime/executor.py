"""The execution of one component function: executor input in, the function called, executor output written.

The forms are those of ExecutorInput and ExecutorOutput in KFP's pipeline_spec.proto, as JSON.
"""

import json
import os
from typing import Any, Dict, Optional

from kfp.errors import RunError
from kfp.runtime.annotations import type_text
from kfp.runtime.artifacts import Artifact, remote_uri, set_task_root
from kfp.runtime.interface import ABSENT, ARTIFACT, CONFIG, PATH, STATUS, InputParameter, Signature
from kfp.runtime.status import PipelineTaskFinalStatus
from kfp.runtime.structured import Misfit, plain
from kfp.runtime.system_artifacts import titled
from kfp.runtime.task_config import from_json
from kfp.runtime.values import fit, returned_value


def execute(signature: Signature, executor_input: Dict[str, Any]) -> Dict[str, Any]:
    """Call a component function as a step does and write what it gives.

    Args:
        signature: the component function's.
        executor_input: an ExecutorInput: `inputs` with `parameterValues` and `artifacts`, `outputs` with `parameters`,
            `artifacts` and `outputFile`.

    Returns:
        The ExecutorOutput, which has been written to `outputs.outputFile`.

    Raises:
        RunError: an input is missing, or a returned value does not fit the declared output.
        Exception: whatever the function raises.
    """
    return _Step(signature, executor_input).run()


class _Step:
    def __init__(self, signature: Signature, executor_input: Dict[str, Any]) -> None:
        inputs = executor_input.get("inputs") or {}
        outputs = executor_input.get("outputs") or {}
        self.signature = signature
        self.name = signature.function.__name__
        self.values = inputs.get("parameterValues") or {}
        self.artifacts = inputs.get("artifacts") or {}
        self.output_file = outputs.get("outputFile") or ""
        self.output_parameters = outputs.get("parameters") or {}
        self.output_artifacts = self.declared_artifacts(outputs.get("artifacts") or {})

    def run(self) -> Dict[str, Any]:
        directory = os.path.dirname(self.output_file)
        set_task_root(os.environ.get("KFP_TASK_ROOT") or remote_uri(directory), directory)
        arguments = {}
        for name, input_ in self.signature.inputs.items():
            value = self.argument(input_)
            if value is not ABSENT:
                arguments[name] = value
        for name, output in self.signature.outputs.items():
            if name in self.output_artifacts:
                _make_parent(self.output_artifacts[name].path)
            if output.passing == ARTIFACT:
                arguments[name] = self.output_artifact(name)
            elif output.passing == PATH and output.artifact is not None:
                arguments[name] = self.output_artifact(name).path
            elif output.passing == PATH:
                arguments[name] = self.output_path(name)
        for name, class_ in self.signature.embedded.items():
            arguments[name] = self.embedded(name, class_)
        positional = [arguments.pop(name) for name in self.signature.positional if name in arguments]
        result = self.signature.function(*positional, **arguments)
        return self.write(self.returned(result))

    def argument(self, input_: InputParameter) -> Any:
        if input_.artifact is not None:
            return self.artifact_argument(input_)
        value = self.values.get(input_.name, ABSENT)
        if input_.passing == CONFIG:
            return from_json(value if isinstance(value, dict) else {})
        if value is ABSENT or (value is None and input_.default is not ABSENT):
            return self.absent(input_)
        if input_.passing == STATUS:
            return _status(value)
        if input_.passing == PATH:
            return self.value_file(input_, value)
        try:
            return fit(input_.annotation, value)
        except Misfit as error:
            raise RunError(
                "input {!r} of component {!r} takes {}, and got {}".format(
                    input_.name, self.name, type_text(input_.annotation), error
                )
            ) from None

    def artifact_argument(self, input_: InputParameter) -> Any:
        entries = (self.artifacts.get(input_.name) or {}).get("artifacts") or []
        if not entries and not (input_.is_artifact_list and input_.name in self.artifacts):
            return self.absent(input_)
        class_ = input_.artifact.python_class if input_.artifact else Artifact
        artifacts = [_artifact(entry, class_) for entry in entries]
        if input_.is_artifact_list:
            return [artifact.path for artifact in artifacts] if input_.passing == PATH else artifacts
        return artifacts[0].path if input_.passing == PATH else artifacts[0]

    def absent(self, input_: InputParameter) -> Any:
        """Leave the argument to the function's default; without one an Optional input is None."""
        if input_.optional and input_.passing != STATUS:
            return ABSENT
        if input_.nullable or input_.passing == STATUS:
            return None
        raise RunError(
            "component {!r} got no value for its input {!r}".format(self.name, input_.name),
            hint="pass it where the component is called, or give the parameter a default",
        )

    def embedded(self, name: str, class_: Any) -> Any:
        """Make the artifact of what travels with the component; its source unpacks it and says where."""
        known = self.signature.function.__globals__
        path = known.get("__KFP_EMBEDDED_ASSET_FILE") or known.get("__KFP_EMBEDDED_ASSET_DIR")
        if not path:
            raise RunError("nothing is embedded for the input {!r} of component {!r}".format(name, self.name))
        return class_(uri=path)

    def value_file(self, input_: InputParameter, value: Any) -> str:
        """Write a parameter's value to a file, for a function that asked for its path."""
        path = os.path.join(os.path.dirname(self.output_file) or ".", "inputs", input_.name)
        _make_parent(path)
        value = plain(fit(input_.annotation, value))
        with open(path, "w", encoding="utf-8") as file:
            file.write(value if isinstance(value, str) else json.dumps(value))
        return path

    def declared_artifacts(self, declared: Dict[str, Any]) -> Dict[str, Any]:
        found = {}
        for name, entry in declared.items():
            output = self.signature.outputs.get(name)
            class_ = output.artifact.python_class if output and output.artifact else Artifact
            for artifact in entry.get("artifacts") or []:
                found[name] = _artifact(artifact, class_)
        return found

    def output_artifact(self, name: str) -> Any:
        if name not in self.output_artifacts:
            raise RunError("the executor input has no artifact for the output {!r} of {!r}".format(name, self.name))
        return self.output_artifacts[name]

    def output_path(self, name: str) -> str:
        path = (self.output_parameters.get(name) or {}).get("outputFile")
        if not path:
            raise RunError("the executor input has no file for the output {!r} of {!r}".format(name, self.name))
        _make_parent(path)
        return str(path)

    def returned(self, result: Any) -> Dict[str, Any]:
        """Pair the function's result with the outputs that it declares to return."""
        outputs = self.signature.returned
        if not outputs:
            if result is not None:
                raise RunError(
                    "component {!r} returned a value of type {} but declares no output".format(
                        self.name, type_text(type(result))
                    ),
                    hint="annotate the function's return type",
                )
            return {}
        if not self.signature.returns_tuple:
            return {outputs[0].name: result}
        names = [output.name for output in outputs]
        if isinstance(result, dict) and sorted(result) == sorted(names):
            return result
        if not isinstance(result, (tuple, list)) or len(result) != len(names):
            size = " of {}".format(len(result)) if isinstance(result, (tuple, list)) else ""
            raise RunError(
                "component {!r} returned a {}{} in place of the NamedTuple of {} outputs: {}".format(
                    self.name, type_text(type(result)), size, len(names), ", ".join(names)
                )
            )
        if all(hasattr(result, name) for name in names):
            return {name: getattr(result, name) for name in names}
        return dict(zip(names, result))

    def write(self, returned: Dict[str, Any]) -> Dict[str, Any]:
        values: Dict[str, Any] = {}
        for name, value in returned.items():
            output = self.signature.outputs[name]
            if output.artifact is not None:
                self.take_artifact(name, value)
            elif value is not None or not output.nullable:
                values[name] = returned_value(self.name, output, value)
        artifacts = {name: {"artifacts": [_entry(artifact)]} for name, artifact in self.output_artifacts.items()}
        executor_output: Dict[str, Any] = {}
        if values:
            executor_output["parameterValues"] = values
        if artifacts:
            executor_output["artifacts"] = artifacts
        if self.output_file:
            _make_parent(self.output_file)
            with open(self.output_file, "w", encoding="utf-8") as file:
                json.dump(executor_output, file)
        elif executor_output:
            raise RunError("the executor input has no outputs.outputFile to write the outputs to")
        return executor_output

    def take_artifact(self, name: str, value: Any) -> None:
        """Take a returned artifact; any other value becomes the content of the declared artifact's file."""
        if isinstance(value, Artifact) or hasattr(value, "schema_title"):
            self.output_artifacts[name] = value
        elif value is not None:
            with open(self.output_artifact(name).path, "wb") as file:
                file.write(value if isinstance(value, bytes) else str(value).encode("utf-8"))


def _artifact(entry: Dict[str, Any], class_: Any) -> Any:
    """Make the artifact object of a RuntimeArtifact; a plain `Artifact` becomes the class of its schema title."""
    if class_ is Artifact:
        class_ = titled((entry.get("type") or {}).get("schemaTitle", ""))
    artifact = class_(
        name=entry.get("name") or "", uri=entry.get("uri") or "", metadata=dict(entry.get("metadata") or {})
    )
    custom_path = entry.get("customPath") or entry.get("custom_path")
    if custom_path:
        artifact.custom_path = custom_path
    return artifact


def _entry(artifact: Any) -> Dict[str, Any]:
    entry = {"name": artifact.name, "uri": artifact.uri, "metadata": artifact.metadata}
    if getattr(artifact, "custom_path", ""):
        entry["custom_path"] = artifact.custom_path
    return entry


def _status(value: Dict[str, Any]) -> Optional[PipelineTaskFinalStatus]:
    error = value.get("error") or {}
    code = error.get("code")
    return PipelineTaskFinalStatus(
        state=value.get("state") or "",
        pipeline_job_resource_name=value.get("pipelineJobResourceName") or "",
        pipeline_task_name=value.get("pipelineTaskName") or "",
        error_code=None if code is None else int(code),
        error_message=error.get("message"),
    )


def _make_parent(path: str) -> None:
    directory = os.path.dirname(path)
    if directory:
        os.makedirs(directory, exist_ok=True)
