"""`kfp dsl`: pipelines into PipelineSpec files; `kfp dsl graph` stands in a file of its own."""

# ruff: noqa: PLC0415 -- what a command needs is loaded when it runs: start-up time

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from kfp.cli import terminal
from kfp.cli.command import Command, Entry, Group

_MANIFEST = (
    "pipeline_name",
    "pipeline_display_name",
    "pipeline_version_name",
    "pipeline_version_display_name",
    "namespace",
    "include_pipeline_manifest",
)


@click.group(
    cls=Group,
    name="dsl",
    no_args_is_help=True,
    entries={"graph": Entry("kfp.cli.dsl_graph", "graph", "Draw a pipeline.")},
)
def dsl() -> None:
    """Compile and draw pipelines."""


@dsl.command(
    "compile",
    cls=Command,
    sections={"Options": [], "Kubernetes manifest": ["kubernetes_manifest_format", *_MANIFEST]},
    examples=(
        "kfp dsl compile --py pipeline.py --output pipeline.yaml",
        """kfp dsl compile --py pipeline.py --output pipeline.yaml --pipeline-parameters '{"x": 2}'""",
    ),
)
@click.option(
    "--py",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Python file with the pipeline.",
)
@click.option(
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write, .yaml or .json.",
)
@click.option(
    "--function",
    metavar="NAME",
    help="Pipeline or component to compile; needed where the file has several.",
)
@click.option(
    "--pipeline-parameters",
    metavar="JSON",
    help="Object with new default values for the pipeline's inputs.",
)
@click.option("--disable-type-check", is_flag=True, help="Connect inputs and outputs whatever their types.")
@click.option(
    "--disable-execution-caching-by-default",
    is_flag=True,
    envvar="KFP_DISABLE_EXECUTION_CACHING_BY_DEFAULT",
    help="Switch caching off for tasks that do not say.",
)
@click.option("--kubernetes-manifest-format", is_flag=True, help="Write Kubernetes resources.")
@click.option("--pipeline-name", metavar="NAME", help="Name of the Pipeline.")
@click.option("--pipeline-display-name", metavar="NAME", help="Display name of the Pipeline.")
@click.option("--pipeline-version-name", metavar="NAME", help="Name of the PipelineVersion.")
@click.option("--pipeline-version-display-name", metavar="NAME", help="Display name of the PipelineVersion.")
@click.option("--namespace", metavar="NAME", help="Namespace of both.")
@click.option("--include-pipeline-manifest", is_flag=True, help="Write the Pipeline beside its PipelineVersion.")
def compile_(
    *,
    py: Path,
    output: Path,
    function: str | None,
    pipeline_parameters: str | None,
    disable_type_check: bool,
    disable_execution_caching_by_default: bool,
    kubernetes_manifest_format: bool,
    **manifest: Any,  # noqa: ANN401 -- the options of KubernetesManifestOptions by name
) -> None:
    """Compile the pipeline or component in a Python file.

    A file with one pipeline, or without a pipeline and with one component, needs no --function.
    """
    given = [name for name in _MANIFEST if manifest[name]]
    if given and not kubernetes_manifest_format:
        options = ", ".join("--" + name.replace("_", "-") for name in given)
        raise click.UsageError(f"{options}: only together with --kubernetes-manifest-format")
    parameters = _parameters(pipeline_parameters)
    if disable_execution_caching_by_default:
        os.environ["KFP_DISABLE_EXECUTION_CACHING_BY_DEFAULT"] = "true"  # read where tasks are made

    import kfp
    from kfp.cli import pipeline_file
    from kfp.compiler import Compiler, KubernetesManifestOptions

    kfp.TYPE_CHECK = not disable_type_check
    found = pipeline_file.find(pipeline_file.load(py), function)
    Compiler().compile(
        found,
        str(output),
        pipeline_parameters=parameters,
        kubernetes_manifest_options=KubernetesManifestOptions(**manifest),
        kubernetes_manifest_format=kubernetes_manifest_format,
    )
    terminal.log(f"compiled {found.name} to {output}")


def _parameters(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        parameters = json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"--pipeline-parameters is not JSON: {error}") from None
    if not isinstance(parameters, dict):
        raise click.UsageError("--pipeline-parameters is not a JSON object, such as '{\"x\": 2}'")
    return parameters
