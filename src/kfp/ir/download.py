"""Documents behind URLs."""

from __future__ import annotations

import base64
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from http.client import HTTPMessage
from typing import IO, Any

from kfp.errors import UrlError
from kfp.ir import files

Auth = tuple[str, str] | Callable[[Any], Any]
"""User and password, or a callable that sets the `headers` of a request, as `requests.auth.HTTPBasicAuth` does."""

_SCHEMES = ("http", "https", "file")
_TIMEOUT_SECONDS = 60
_SECRET = "Authorization"  # noqa: S105 - a header's name


def fetch(url: str, auth: Auth | None = None) -> str:
    """Return the text behind a URL.

    Args:
        url: an `http`, `https` or `file` URL.
        auth: who asks; sent to the URL's own host alone, also when that redirects.

    Raises:
        UrlError: the URL is of another kind, or cannot be read.
        SpecError: what is there is too large, or no text.
    """
    if not isinstance(url, str) or urllib.parse.urlsplit(url).scheme not in _SCHEMES:
        raise UrlError(f"cannot load {url!r}", hint=f"accepted are URLs that begin with {', '.join(_SCHEMES)}")
    request = _authorised(urllib.request.Request(url), auth)  # noqa: S310 - the scheme was checked
    opener = urllib.request.build_opener(_Redirects)
    try:
        with opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
            data = response.read(files.MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise UrlError(f"cannot load {url}: {reason}") from None
    return files.decode(data, url)


def _authorised(request: urllib.request.Request, auth: Auth | None) -> urllib.request.Request:
    if auth is None:
        return request
    if callable(auth):
        request = auth(request)
        secret = request.headers.pop(_SECRET, None)
    else:
        secret = f"Basic {base64.b64encode(':'.join(auth).encode()).decode()}"
    if secret is not None:
        request.add_unredirected_header(_SECRET, secret)
    return request


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, and tells who asks to the host that was asked, no other."""

    def redirect_request(  # noqa: PLR0917 - urllib's signature
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        """Return the request that follows a redirect."""
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        secret = req.unredirected_hdrs.get(_SECRET)
        if following is not None and secret is not None and _origin(newurl) == _origin(req.full_url):
            following.add_unredirected_header(_SECRET, secret)
        return following


def _origin(url: str) -> tuple[str, str]:
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.netloc
