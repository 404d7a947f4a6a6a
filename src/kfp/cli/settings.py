"""The options that stand before the command, as the commands see them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Settings:
    """The global options.

    Args:
        endpoint: the cluster's API, None for the embedded engine.
        namespace: the Kubernetes namespace to work in.
        output: `table` or `json`.
    """

    endpoint: str | None = None
    namespace: str = "kubeflow"
    output: str = "table"

    @property
    def json(self) -> bool:
        """Whether stdout is for a machine."""
        return self.output == "json"

    def require_embedded(self) -> None:
        """Refuse to act on the embedded engine when a cluster was asked for.

        Raises:
            RunError: an endpoint is configured.
        """
        if self.endpoint is not None:
            raise RunError(
                f"runs on a cluster are not available yet, and the endpoint {self.endpoint} is configured",
                hint="leave out --endpoint and unset KFP_ENDPOINT to use the embedded engine on this machine",
            )


def current() -> Settings:
    """Return the settings of the command that runs."""
    return click.get_current_context().ensure_object(Settings)


def output_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take `--output` after its name as well."""

    def override(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> None:
        if value is not None:
            ctx.obj = replace(ctx.ensure_object(Settings), output=value)

    return click.option(
        "--output",
        type=click.Choice(["table", "json"]),
        expose_value=False,
        callback=override,
        help="How to print the result, as `kfp --output`.",
    )(function)
