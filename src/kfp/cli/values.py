"""Values of options that are more than text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from kfp.images.platform import Platform

_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([KMGT])(i?)B?|B)?", re.IGNORECASE)


class Size(click.ParamType[Any]):
    """A number of bytes, such as `10GB`, `1.5GiB` or `500000`."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the bytes; units are decimal unless they have an i."""
        if isinstance(value, int):
            return value
        found = _SIZE.fullmatch(str(value).strip())
        if found is None:
            self.fail(f"{value!r} is no size; write it as 10GB, 500MB or 1.5GiB", param, ctx)
        number, unit, binary = found.groups()
        power = 0 if unit is None else 1 + "KMGT".index(unit.upper())
        return int(float(number) * (1024 if binary else 1000) ** power)


class Span(click.ParamType[Any]):
    """A span of time in seconds, such as `90s`, `30min`, `12h`, `7d` or `2w`."""

    name = "span"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the seconds."""
        if isinstance(value, (int, float)):
            return value
        found = _SPAN.fullmatch(str(value).strip().lower())
        if found is None:
            self.fail(f"{value!r} is no span of time; write it as 30min, 12h or 7d", param, ctx)
        return float(found[1]) * _UNITS[found[2]]


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
