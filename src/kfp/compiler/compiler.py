"""`Compiler().compile(...)`: a pipeline or component to its file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kfp.compiler import manifest
from kfp.compiler.manifest import KubernetesManifestOptions
from kfp.errors import located
from kfp.location import caller

if TYPE_CHECKING:
    from kfp.dsl.base_component import BaseComponent


class Compiler:
    """Compiles pipelines and components to PipelineSpec files.

    Importing it loads nothing; compiling loads the YAML library and the schema.
    """

    def compile(  # noqa: PLR0917 - KFP's own signature
        self,
        pipeline_func: BaseComponent,
        package_path: str,
        pipeline_name: str | None = None,
        pipeline_display_name: str | None = None,
        pipeline_parameters: dict[str, Any] | None = None,
        type_check: bool = True,
        kubernetes_manifest_options: KubernetesManifestOptions | None = None,
        kubernetes_manifest_format: bool = False,
    ) -> None:
        """Write a pipeline or component as a PipelineSpec file, whole or not at all.

        Args:
            pipeline_func: a function with `@dsl.pipeline`, or any component.
            package_path: the file; its name ends in `.yaml`, `.yml` or `.json`.
            pipeline_name: replaces the pipeline's name.
            pipeline_display_name: replaces the name that people see.
            pipeline_parameters: new defaults of the pipeline's parameters.
            type_check: accepted as KFP's; types are checked where components are called, by `kfp.TYPE_CHECK`.
            kubernetes_manifest_options: names of the Kubernetes resources.
            kubernetes_manifest_format: whether Kubernetes resources are written instead of PipelineSpec.

        Raises:
            AuthoringError: the object is not a component, or a component in it cannot work.
            ArgumentsError: a parameter in `pipeline_parameters` is unknown or of the wrong type.
            SkiffError: the file cannot be written.
        """
        from kfp.compiler.compile import document  # noqa: PLC0415 - `from kfp import compiler` costs nothing
        from kfp.ir import files  # noqa: PLC0415 - the same
        from kfp.ir.validate import validate  # noqa: PLC0415 - the same

        del type_check
        with located(caller()):
            compiled = document(
                pipeline_func,
                name=pipeline_name,
                display_name=pipeline_display_name,
                parameters=pipeline_parameters,
            )
            validate(compiled.spec)
            if kubernetes_manifest_format:
                manifest.write(compiled, package_path, kubernetes_manifest_options or KubernetesManifestOptions())
            else:
                files.write(compiled, package_path, description=pipeline_func.description or "")
