"""HTML as values: text is escaped where it enters, so nothing that a step wrote can become markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import TypeAlias

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Markup(str):
    """HTML that is well-formed already."""

    __slots__ = ()


Child: TypeAlias = "str | Markup | Iterable[Child] | None"


def element(name: str, *children: Child, **attributes: str | None) -> Markup:
    """Return an element.

    Args:
        name: its tag.
        *children: markup as it is, text escaped; iterables of both; None is nothing.
        **attributes: by name, `_` for `-`, and one at the end for Python's own words (`class_`); None leaves one out.
    """
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{told}>{join(children)}</{name}>")


def note(*children: Child) -> Markup:
    """Return a line that stands back behind what is around it."""
    return element("p", *children, class_="quiet")


def join(children: Child) -> Markup:
    """Return children one after the other."""
    if children is None:
        return Markup()
    if isinstance(children, Markup):
        return children
    if isinstance(children, str):
        return escaped(children)
    return Markup("".join(join(each) for each in children))


def escaped(text: str) -> Markup:
    """Return text as HTML, for content and for attributes in double quotes."""
    return Markup(html.escape(_NOT_XML.sub("\ufffd", text)))
