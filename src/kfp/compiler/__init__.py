"""Compiling pipelines and components to PipelineSpec files."""

from kfp.compiler.compiler import Compiler
from kfp.compiler.manifest import KubernetesManifestOptions

__all__ = ["Compiler", "KubernetesManifestOptions"]
