"""What an artifact's URI says: what kind of place it names, and what this machine needs to reach it.

A plain path or a `file:` URI is on this machine. Nothing here touches the network, or loads what does.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec


class Scheme(msgspec.Struct, frozen=True):
    """How the object stores of one scheme are reached.

    Args:
        protocol: what fsspec calls it.
        module: what fsspec needs for it.
        extra: the extra of this distribution that brings the module.
    """

    protocol: str
    module: str
    extra: str


STORES: Final = {
    "s3": Scheme("s3", "s3fs", "s3"),
    "minio": Scheme("s3", "s3fs", "minio"),
    "gs": Scheme("gs", "gcsfs", "gs"),
    "az": Scheme("abfs", "adlfs", "az"),
    "abfs": Scheme("abfs", "adlfs", "az"),
    "abfss": Scheme("abfs", "adlfs", "az"),
}
WEB: Final = frozenset({"http", "https"})
IMAGE: Final = "oci"
_SYSTEM: Final = "system."
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_USER = re.compile(r"://([^/@\s]*)@")
_LAST_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*\Z")
_LONGEST_SCHEME = 31
_SECRETS = re.compile(
    r"(?i)([?&](?=[^=&?\s]*(?:sig|signature|token|credential|key|secret|password))[^=&?\s]*=)[^&\s\"]*"
)
# All take time in proportion to a text's length, whatever it is, and little of it where there is no URI: texts of steps
# come here, and values of megabytes.


def scheme(uri: str) -> str:
    """Return the scheme of a URI in lower case, or an empty text for a path."""
    found = _SCHEME.match(uri)
    return found[1].lower() if found else ""


def is_store(uri: str) -> bool:
    """Tell whether a URI lies in an object store."""
    return scheme(uri) in STORES


def is_elsewhere(uri: str) -> bool:
    """Tell whether what a URI names must be brought to this machine before a step can read it."""
    kind = scheme(uri)
    return bool(kind) and (kind in STORES or kind in WEB or kind == IMAGE)


def is_content(schema_title: str) -> bool:
    """Tell whether an artifact of a type is a file; those of other systems, `google.VertexModel`, are resources."""
    return schema_title.startswith(_SYSTEM)


def local(uri: str) -> str:
    """Return the absolute path that a path or a file URI means; any other URI as it is."""
    if uri[:5].lower() == "file:":
        return unquote(urlsplit(uri).path)
    return uri if "://" in uri else str(Path(uri).absolute())


def below(root: str, *names: str) -> str:
    """Return the URI of what lies below another one."""
    return "/".join([root.rstrip("/"), *names])


def basename(uri: str) -> str:
    """Return a file name for what a URI names: its last part, where that can be a file's name."""
    path = urlsplit(uri).path if scheme(uri) in WEB else uri.partition("://")[2] or uri
    name = path.rstrip("/").rpartition("/")[2]
    if scheme(uri) in WEB:
        name = unquote(name).rpartition("/")[2]
    return name if name not in ("", ".", "..") and "\0" not in name and len(name.encode()) <= 255 else "content"  # noqa: PLR2004 - the length of a file's name


def redacted(text: str) -> str:
    """Return a URI, or a text with URIs in it, as it may be shown: without user, password and signature.

    What stands before the `@` of an Azure URI is its container.
    """
    return _SECRETS.sub(r"\1***", _USER.sub(_without_user, text))


def without_user(uri: str) -> str:
    """Return the URI of a web server without user and password; any other as it is."""
    return _USER.sub(lambda found: "://" if _scheme_before(found) else found[0], uri) if scheme(uri) in WEB else uri


def _without_user(found: re.Match[str]) -> str:
    before = _scheme_before(found)
    is_container = STORES.get(before, STORES["s3"]).protocol == "abfs" and ":" not in found[1]
    return "://***@" if before and not is_container else found[0]


def _scheme_before(found: re.Match[str]) -> str:
    """Return in lower case the scheme that ends where a match begins, or an empty text."""
    begin = found.start()
    last = _LAST_SCHEME.search(found.string[max(0, begin - _LONGEST_SCHEME) : begin])
    return last[0].lower() if last else ""
