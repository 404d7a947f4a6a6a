"""`kfp dsl graph`: a pipeline drawn, from its Python or its compiled file."""

# ruff: noqa: PLC0415 -- what a command needs is loaded when it runs: start-up time

from __future__ import annotations

from pathlib import Path

import click

from kfp.cli import terminal
from kfp.cli.command import Command


@click.command(
    "graph",
    cls=Command,
    examples=("kfp dsl graph pipeline.py -o graph.svg", "kfp dsl graph pipeline.yaml -o graph.mmd"),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write: .svg, or .mmd for Mermaid. Without it, Mermaid goes to stdout.",
)
@click.option("--function", metavar="NAME", help="Pipeline or component to draw; needed where a .py file has several.")
def graph(*, file: Path, output: Path | None, function: str | None) -> None:
    """Draw a pipeline from FILE: Python, or compiled YAML or JSON.

    Tasks, what flows between them, and conditions, loops, exit handlers and pipelines in pipelines as boxes around
    them.
    """
    from kfp import graph as drawing
    from kfp.ir import files

    if file.suffix == ".py":
        from kfp.cli import pipeline_file
        from kfp.compiler.compile import document

        compiled = document(pipeline_file.find(pipeline_file.load(file), function))
    elif function is not None:
        raise click.UsageError("--function: only with a .py file")
    else:
        compiled = files.read(file)
    drawn = drawing.graph(compiled)
    if output is None:
        terminal.data(drawn.mermaid().rstrip("\n"))
        return
    drawn.write(output)
    terminal.log(f"drew {compiled.spec.pipeline_info.name} to {output}")
