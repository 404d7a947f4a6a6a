"""Values of options that are more than text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from kfp.images.platform import Platform


class PlatformList(click.ParamType[Any]):
    """Platforms separated by commas, such as `linux/amd64,linux/arm64/v8`, or the word `all`."""

    name = "platforms"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Platform, ...] | Literal["all"]:
        """Return the platforms in the order they were given, each once."""
        from kfp.errors import SkiffError  # noqa: PLC0415 -- start-up time
        from kfp.images.platform import Platform  # noqa: PLC0415 -- start-up time

        if str(value).strip() == "all":
            return "all"
        try:
            return tuple(dict.fromkeys(Platform.parse(part.strip()) for part in str(value).split(",")))
        except SkiffError as error:
            self.fail(str(error), param, ctx)
