"""Downloads from web servers: a connection that breaks is taken up where it broke (RFC 9110, section 14)."""

from __future__ import annotations

import base64
import http.client
import os
import shutil
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, BinaryIO, Final, cast
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from kfp.engine.addresses import redacted
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message
    from pathlib import Path

    from kfp.engine.artifacts.transfer import Transfer

_SECONDS: Final = 60.0
_CHUNK: Final = 1 << 20
_RESERVE: Final = 256 << 20
_NOT_MODIFIED, _PARTIAL, _UNSATISFIABLE = 304, 206, 416
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_TRIES: Final = 5
_LONGEST_WAIT: Final = 60.0
_HANDLERS: Final = (  # urllib's own choice would follow a redirection to ftp, too
    urllib.request.ProxyHandler,
    urllib.request.HTTPHandler,
    urllib.request.HTTPSHandler,
    urllib.request.HTTPDefaultErrorHandler,
    urllib.request.HTTPRedirectHandler,
    urllib.request.HTTPErrorProcessor,
)


class Broken(OSError):
    """A connection that ended before everything had come, or a server that cannot now."""

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


class Download:
    """A download from a web server.

    Args:
        uri: an http or https URI.
        transfer: is told, and may be given up.
    """

    def __init__(self, uri: str, transfer: Transfer) -> None:
        self._uri, self._transfer = uri, transfer
        self._answer: http.client.HTTPResponse | None = None
        self.etag = self.modified = ""

    def ask(self, known: Mapping[str, str]) -> bool:
        """Ask for the content, unless it is what is known already.

        Args:
            known: the `etag` and `modified` of the content that is here; empty where none is.

        Returns:
            Whether there is something to `write`.

        Raises:
            Canceled: it was given up.
            RunError: the server refuses, or cannot be reached.
        """
        conditions = {"If-None-Match": known.get("etag", ""), "If-Modified-Since": known.get("modified", "")}
        self._answer = self._request({name: value for name, value in conditions.items() if value})
        if self._answer is None:
            return False
        headers = self._answer.headers
        self.etag, self.modified = headers.get("ETag", ""), headers.get("Last-Modified", "")
        return True

    def write(self, target: Path) -> None:
        """Write the content, which was asked for or is now, to a file that is not there yet.

        Raises:
            Canceled: it was given up.
            RunError: it does not come, or does not fit on the disk.
            OSError: the disk refuses.
        """
        if self._answer is None:
            self.ask({})
        answer = self._answer
        if answer is None:
            raise RunError(f"{redacted(self._uri)} cannot be downloaded: the server gave nothing")
        size = _size(answer.headers)
        self._transfer.begin(f"downloading {redacted(self._uri)}", size or 0)
        with target.open("xb") as file:
            for left in reversed(range(_TRIES)):
                try:
                    self._copy(answer, file, size)
                    break
                except (OSError, http.client.HTTPException) as error:
                    _check_room(file, 0, self._uri)  # a full disk is not the connection's fault
                    if not left:
                        raise RunError(f"{redacted(self._uri)} cannot be downloaded: {_text(error)}") from error
                self._transfer.pause(2.0 ** (_TRIES - left) / 4)
                answer, size = self._again(file, size)
            file.flush()
            os.fsync(file.fileno())

    def close(self) -> None:
        """Let go of the connection."""
        if self._answer is not None:
            self._answer.close()

    def _copy(self, answer: http.client.HTTPResponse, file: BinaryIO, size: int | None) -> None:
        with answer:
            _check_room(file, (size or 0) - file.tell(), self._uri)
            while data := answer.read(_CHUNK):
                self._transfer.check()
                _check_room(file, len(data), self._uri)
                file.write(data)
                self._transfer.moved(len(data))
        if size is not None and file.tell() != size:
            raise Broken(f"the connection ended after {file.tell()} of {size} bytes")

    def _again(self, file: BinaryIO, size: int | None) -> tuple[http.client.HTTPResponse, int | None]:
        """Ask for what is left, or for all of it where the server cannot tell that it is still the same."""
        done = file.tell()
        validator = self.etag if self.etag and not self.etag.startswith("W/") else self.modified
        asked = {"Range": f"bytes={done}-", "If-Range": validator} if validator and done else {}
        answer = self._request(asked)
        if answer is None:
            raise RunError(f"{redacted(self._uri)} cannot be downloaded: the server gave nothing")
        if answer.status == _PARTIAL and answer.headers.get("Content-Range", "").startswith(f"bytes {done}-"):
            return answer, size
        file.seek(0)
        file.truncate()
        self.etag, self.modified = answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", "")
        return answer, _size(answer.headers)

    def _request(self, headers: Mapping[str, str]) -> http.client.HTTPResponse | None:
        for left in reversed(range(_TRIES)):
            self._transfer.check()
            wait = 2.0 ** (_TRIES - left) / 4
            try:
                return _open(self._uri, headers)
            except Broken as error:
                problem: Exception = error
                wait = error.wait or wait
            except (OSError, http.client.HTTPException) as error:
                problem = error
            if not left:
                raise RunError(f"{redacted(self._uri)} cannot be downloaded: {_text(problem)}") from problem
            self._transfer.pause(wait)
        return None


def _open(uri: str, headers: Mapping[str, str]) -> http.client.HTTPResponse | None:
    """Return the answer to a request, None where the content is what is known already."""
    url, secret = _without_user(uri)
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310 - http or https, checked by the caller
    if secret:
        request.add_unredirected_header("Authorization", secret)
    opener = urllib.request.OpenerDirector()
    for handler in _HANDLERS:
        opener.add_handler(handler())
    try:
        answer = opener.open(request, timeout=_SECONDS)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == _NOT_MODIFIED:
            return None
        text = f"the server answers {error.code} {error.reason}"
        if error.code in _PASSING:
            raise Broken(text, _wait(error.headers)) from None
        raise RunError(f"{redacted(uri)} cannot be downloaded: {text}", hint=_hint(error.code)) from None
    if answer is None:
        raise RunError(f"{redacted(uri)} cannot be downloaded: it leads to what is no http")
    return cast("http.client.HTTPResponse", answer)


def _without_user(uri: str) -> tuple[str, str]:
    """Return a URI without user and password, and the header that carries them; other characters are quoted."""
    parts = urlsplit(uri)
    user, _, place = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    secret = base64.b64encode(f"{unquote(name)}:{unquote(password)}".encode()).decode() if user else ""
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~?")
    return urlunsplit((parts.scheme, place, path, query, "")), f"Basic {secret}" if secret else ""


def _check_room(file: BinaryIO, wanted: int, uri: str) -> None:
    free = shutil.disk_usage(file.name).free
    if wanted > 0 and free - wanted < _RESERVE:
        raise RunError(
            f"{redacted(uri)} does not fit on the disk: {free >> 20} MiB are free", hint="make room, or set KFP_HOME"
        )


def _size(headers: Message) -> int | None:
    text = str(headers.get("Content-Length", ""))
    return int(text) if text.isascii() and text.isdigit() else None


def _wait(headers: Message) -> float:
    text = str(headers.get("Retry-After", ""))
    return min(float(text), _LONGEST_WAIT) if text.isascii() and text.isdigit() else 0.0


def _hint(code: int) -> str | None:
    if code in (401, 403):
        return "the server wants credentials: https://USER:PASSWORD@host/path, or a signed URL"
    return "check the URI" if code in (404, 410) else None


def _text(error: Exception) -> str:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    return redacted(str(reason)) or type(error).__name__
