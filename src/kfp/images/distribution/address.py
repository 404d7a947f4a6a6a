"""Addresses that a registry gives: where an upload goes on, where a token is had, where a blob really lies."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def join_address(base: str, location: str) -> str:
    """Resolve an address against the one that it was found at.

    Returns:
        An absolute URL, or "" for one that cannot be read: no request goes to that.
    """
    try:
        joined = urljoin(base, location)
        _ = urlsplit(joined).port  # raises on a port that is none
    except ValueError:
        return ""
    return joined


def origin(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port: what credentials are bound to."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme)
