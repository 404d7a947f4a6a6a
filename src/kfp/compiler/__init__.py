"""Compiling pipelines and components to PipelineSpec files."""

from kfp.compiler.compiler import Compiler

__all__ = ["Compiler"]
