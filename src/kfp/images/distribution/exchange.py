"""One HTTP request and its answer, as values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    import urllib3

_SIZE = re.compile(r"[0-9]{1,18}")
_WEB_PAGES = frozenset({"text/html", "application/xhtml+xml"})


def announced_size(headers: Mapping[str, str]) -> int:
    """Return what a Content-Length says, 0 where it says nothing that a body can have."""
    size = headers.get("Content-Length", "")
    return int(size) if _SIZE.fullmatch(size) else 0


@dataclass(frozen=True)
class Payload:
    """A body that can be opened again when the request is redirected.

    Attributes:
        size: its length in bytes, sent as Content-Length.
        open: returns a fresh stream over the whole body.
    """

    size: int
    open: Callable[[], BinaryIO]


@dataclass(frozen=True)
class Request:
    """One request.

    Attributes:
        method: `GET`, `HEAD`, `POST`, `PUT`, `PATCH`.
        url: absolute.
        headers: without `Authorization`.
        authorization: that header's value; only ever sent to the URL's own origin.
        body: sent whole.
        replay: whether it may be sent again after a failure that leaves open whether it was carried out.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    authorization: str | None = field(default=None, repr=False)
    body: bytes | Payload | None = field(default=None, repr=False)
    replay: bool = True


@dataclass(frozen=True)
class Answer:
    """A complete answer.

    Attributes:
        status: the HTTP status.
        headers: case-insensitive.
        data: the body, within the limit of the request.
        request: what it answers; its URL is where the last redirect led.
    """

    status: int
    headers: urllib3.HTTPHeaderDict
    data: bytes
    request: Request

    @property
    def is_web_page(self) -> bool:
        """Whether something other than a registry answered."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower() in _WEB_PAGES
