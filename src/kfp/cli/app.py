"""The root command: global options, and where the groups are."""
# ruff: noqa: PLC0415 -- what a command needs is loaded when it runs: start-up time

from __future__ import annotations

import click

from kfp.cli.command import Entry, Group
from kfp.cli.settings import Settings
from kfp.version import __version__

CLUSTER = "it needs the client of a KFP cluster, which this version does not have"
SHELLS = click.Choice(["bash", "zsh", "fish"])


def _show_completion(ctx: click.Context, _parameter: click.Parameter, shell: str | None) -> None:
    if shell is not None and not ctx.resilient_parsing:
        from kfp.cli import completion

        completion.show(shell)
        ctx.exit()


def _install_completion(ctx: click.Context, _parameter: click.Parameter, shell: str | None) -> None:
    if shell is not None and not ctx.resilient_parsing:
        from kfp.cli import completion

        completion.install(shell)
        ctx.exit()


@click.group(
    cls=Group,
    name="kfp",
    help="Kubeflow Pipelines: write Python functions, build images without Docker, run pipelines here.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    entries={
        "component": Entry("kfp.cli.component", "component", "Build components into container images."),
        "dsl": Entry("kfp.cli.dsl", "dsl", "Compile and draw pipelines."),
        "run": Entry("kfp.cli.runs.group", "run", "Run pipelines and look at runs."),
        "cache": Entry("kfp.cli.cache", "cache", "Look after the outputs that later runs take over."),
        "image": Entry("kfp.cli.image", "image", "Look after the local image store."),
    },
    later=dict.fromkeys(("diagnose-me", "experiment", "pipeline", "recurring-run"), CLUSTER),
    examples=(
        "kfp component build src/",
        "kfp dsl compile --py pipeline.py --output pipeline.yaml",
        "kfp run create -f pipeline.yaml x=2 y=3",
    ),
)
@click.option(
    "--endpoint",
    envvar="KFP_ENDPOINT",
    metavar="URL",
    help="API of a KFP cluster. Without it, runs use the engine on this machine.",
)
@click.option("--iap-client-id", envvar="KFP_IAP_CLIENT_ID", metavar="ID", help="Client ID for Identity-Aware Proxy.")
@click.option(
    "-n",
    "--namespace",
    envvar="KFP_NAMESPACE",
    default="kubeflow",
    show_default=True,
    metavar="NAME",
    help="Kubernetes namespace of the cluster to work in.",
)
@click.option("--other-client-id", envvar="KFP_OTHER_CLIENT_ID", metavar="ID", help="Client ID to obtain tokens with.")
@click.option(
    "--other-client-secret",
    envvar="KFP_OTHER_CLIENT_SECRET",
    metavar="SECRET",
    help="Client secret to obtain tokens with.",
)
@click.option(
    "--existing-token", envvar="KFP_EXISTING_TOKEN", metavar="TOKEN", help="Token obtained elsewhere, sent as it is."
)
@click.option(
    "--output",
    envvar="KFP_OUTPUT",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How to print results: for people, or for programs.",
)
@click.option(
    "--show-completion",
    type=SHELLS,
    expose_value=False,
    is_eager=True,
    callback=_show_completion,
    help="Print the line that switches on completion in a shell.",
)
@click.option(
    "--install-completion",
    type=SHELLS,
    expose_value=False,
    is_eager=True,
    callback=_install_completion,
    help="Add that line to the shell's start-up file.",
)
@click.version_option(__version__, prog_name="kfp", message="%(prog)s %(version)s", help="Print the version.")
def root(*, endpoint: str | None, namespace: str, output: str, **_cluster: object) -> None:
    """Keep the global options for the command; the credentials of a cluster matter to none yet."""
    click.get_current_context().obj = Settings(endpoint=endpoint or None, namespace=namespace, output=output)
