"""`kfp run`: pipelines on this machine's engine."""

from __future__ import annotations

import click

from kfp.cli.command import Entry, Group


@click.group(
    cls=Group,
    name="run",
    no_args_is_help=True,
    entries={
        "create": Entry("kfp.cli.runs.create", "create", "Run a compiled pipeline."),
        "list": Entry("kfp.cli.runs.show", "list_", "List the runs of this machine."),
        "get": Entry("kfp.cli.runs.show", "get", "Show a run and its tasks, or watch it."),
        "report": Entry("kfp.cli.runs.report", "report", "Write one HTML page that tells a run."),
        "artifacts": Entry("kfp.cli.runs.artifacts", "artifacts", "List the artifacts of a run, download them."),
        "logs": Entry("kfp.cli.runs.logs", "logs", "Print what the steps of a run wrote, or write."),
        "retry": Entry("kfp.cli.runs.control", "retry", "Continue a run that did not succeed."),
        "terminate": Entry("kfp.cli.runs.control", "terminate", "Stop a run, whichever process runs it."),
        "archive": Entry("kfp.cli.runs.control", "archive", "Put runs out of the way."),
        "unarchive": Entry("kfp.cli.runs.control", "unarchive", "Take runs back into lists."),
        "delete": Entry("kfp.cli.runs.control", "delete", "Delete runs with their logs and artifacts."),
    },
    aliases={"cancel": "terminate"},
    examples=(
        "kfp run create -f pipeline.yaml x=2 y=3",
        "kfp run list --state failed",
        "kfp run get latest",
        "kfp run logs latest train",
    ),
)
def run() -> None:
    """Run pipelines on this machine and look at the runs."""
