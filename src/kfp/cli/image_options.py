"""What the commands of `kfp image` share: the store, and the choice of a platform."""

# ruff: noqa: PLC0415 -- what a command needs is loaded when it runs: start-up time

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kfp.images.platform import Platform
    from kfp.images.store import Store

platform_option = click.option("--platform", metavar="OS/ARCH", help="Of an image for several platforms, this one.")


def platform_of(text: str | None) -> Platform | None:
    """Read the value of `--platform`.

    Raises:
        InvalidReference: it names none.
    """
    from kfp.images.platform import Platform

    return None if text is None else Platform.parse(text)


def local_store() -> Store:
    """Return the image store of this machine's user."""
    from kfp.home import kfp_home
    from kfp.images.store import Store

    return Store(kfp_home() / "images")
