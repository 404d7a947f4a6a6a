"""A pipeline as Kubernetes resources: `Pipeline` and `PipelineVersion` of `pipelines.kubeflow.org/v2beta1`."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from kfp.errors import AuthoringError

if TYPE_CHECKING:
    from kfp.ir.spec import Document

_API = "pipelines.kubeflow.org/v2beta1"
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_LONGEST_NAME = 253


class KubernetesManifestOptions:
    """Names of the resources; each falls back to the one before it, and the first to the pipeline's own.

    Args:
        pipeline_name: the name of the Pipeline.
        pipeline_display_name: the name of the Pipeline that people see.
        pipeline_version_name: the name of the PipelineVersion; the Pipeline's by default.
        pipeline_version_display_name: the name of the PipelineVersion that people see; its own by default.
        namespace: of both.
        include_pipeline_manifest: whether the Pipeline is written beside its PipelineVersion.
    """

    def __init__(  # noqa: PLR0917 - KFP's own signature
        self,
        pipeline_name: str | None = None,
        pipeline_display_name: str | None = None,
        pipeline_version_name: str | None = None,
        pipeline_version_display_name: str | None = None,
        namespace: str | None = None,
        include_pipeline_manifest: bool = False,
    ) -> None:
        self._given = {
            "pipeline_name": pipeline_name,
            "pipeline_display_name": pipeline_display_name,
            "pipeline_version_name": pipeline_version_name,
            "pipeline_version_display_name": pipeline_version_display_name,
        }
        self.namespace = namespace
        self.include_pipeline_manifest = include_pipeline_manifest
        self._own_name: str | None = None

    def set_pipeline_spec(self, pipeline_spec: Any) -> None:  # noqa: ANN401 - the protobuf message or `ir.PipelineSpec`
        """Take the pipeline's own name."""
        self._own_name = pipeline_spec.pipeline_info.name

    @property
    def pipeline_name(self) -> str | None:
        """The name of the Pipeline."""
        return self._given["pipeline_name"] or self._own_name

    @pipeline_name.setter
    def pipeline_name(self, name: str | None) -> None:
        self._given["pipeline_name"] = name

    @property
    def pipeline_display_name(self) -> str | None:
        """The name of the Pipeline that people see."""
        return self._given["pipeline_display_name"] or self.pipeline_name

    @pipeline_display_name.setter
    def pipeline_display_name(self, name: str | None) -> None:
        self._given["pipeline_display_name"] = name

    @property
    def pipeline_version_name(self) -> str | None:
        """The name of the PipelineVersion."""
        return self._given["pipeline_version_name"] or self.pipeline_name

    @pipeline_version_name.setter
    def pipeline_version_name(self, name: str | None) -> None:
        self._given["pipeline_version_name"] = name

    @property
    def pipeline_version_display_name(self) -> str | None:
        """The name of the PipelineVersion that people see."""
        return self._given["pipeline_version_display_name"] or self.pipeline_version_name

    @pipeline_version_display_name.setter
    def pipeline_version_display_name(self, name: str | None) -> None:
        self._given["pipeline_version_display_name"] = name


def write(document: Document, path: str | os.PathLike[str], options: KubernetesManifestOptions) -> None:
    """Write a pipeline's resources to a YAML file, whole or not at all.

    Raises:
        AuthoringError: the file's name does not end in `.yaml` or `.yml`, or a resource's name is not one.
        SkiffError: the file cannot be written.
    """
    from kfp.ir import files, yaml_text  # noqa: PLC0415 - `from kfp import compiler` costs nothing

    if not os.fspath(path).endswith((".yaml", ".yml")):
        raise AuthoringError(f"{os.fspath(path)}: Kubernetes resources are written as .yaml or .yml")
    files.write_text("---\n".join(yaml_text.dump(resource) for resource in resources(document, options)), path)


def resources(document: Document, options: KubernetesManifestOptions) -> list[dict[str, Any]]:
    """Return the resources of a pipeline as JSON values.

    Raises:
        AuthoringError: a name is not one that Kubernetes takes.
    """
    from kfp.ir.convert import to_json  # noqa: PLC0415 - as above

    options.set_pipeline_spec(document.spec)
    described: dict[str, Any] = {}
    if document.spec.pipeline_info.description:
        described["description"] = document.spec.pipeline_info.description
    spec = {
        **described,
        "displayName": options.pipeline_version_display_name,
        "pipelineName": options.pipeline_name,
        "pipelineSpec": to_json(document.spec),
    }
    if document.platforms:
        spec["platformSpec"] = {"platforms": to_json(document.platforms)}
    version = _resource("PipelineVersion", options.pipeline_version_name, options.namespace, spec)
    if not options.include_pipeline_manifest:
        return [version]
    pipeline = {**described, "displayName": options.pipeline_display_name}
    return [_resource("Pipeline", options.pipeline_name, options.namespace, pipeline), version]


def _resource(kind: str, name: str | None, namespace: str | None, spec: dict[str, Any]) -> dict[str, Any]:
    if name is None or _NAME.fullmatch(name) is None or len(name) > _LONGEST_NAME:
        raise AuthoringError(
            f"{name!r} cannot be the name of a {kind}",
            hint="Kubernetes takes lower case letters, digits, dashes and dots",
        )
    metadata = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": _API, "kind": kind, "metadata": metadata, "spec": spec}
