"""Downloads from a web server that misbehaves."""

from __future__ import annotations

import base64
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kfp.engine.artifacts import web
from kfp.errors import RunError
from tests.engine.artifacts.conftest import Mover

CONTENT = bytes(range(256)) * 10_000
Behave = Callable[[http.server.BaseHTTPRequestHandler, int], None]


class Site:
    """A web server whose answers a test writes; it remembers what it was asked."""

    def __init__(self) -> None:
        self.behave: Behave = lambda handler, _: answer(handler, CONTENT)
        self.asked: list[dict[str, str]] = []
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append({"path": self.path, **dict(self.headers)})
                site.behave(self, len(site.asked))

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.uri = f"http://{self.host}/data%20set/train.csv"


def answer(
    handler: http.server.BaseHTTPRequestHandler, data: bytes, code: int = 200, size: int | None = None, **headers: str
) -> None:
    handler.send_response(code)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    if "Content_Length" not in headers:
        handler.send_header("Content-Length", str(len(data) if size is None else size))
    handler.end_headers()
    handler.wfile.write(data)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr("kfp.engine.artifacts.transfer.Transfer.pause", lambda *_: None)
    made = Site()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def test_a_connection_that_breaks_is_taken_up_where_it_broke(site: Site, mover: Mover, tmp_path: Path) -> None:
    def behave(handler: http.server.BaseHTTPRequestHandler, number: int) -> None:
        half = len(CONTENT) // 2
        if number == 1:
            answer(handler, CONTENT[:half], size=len(CONTENT), ETag='"1"')
            handler.close_connection = True
        else:
            start = int(handler.headers["Range"].removeprefix("bytes=").removesuffix("-"))
            total = f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"
            answer(handler, CONTENT[start:], 206, ETag='"1"', Content_Range=total)

    site.behave = behave
    assert mover.down(site.uri, tmp_path / "got").read_bytes() == CONTENT
    assert [asked.get("Range") for asked in site.asked] == [None, f"bytes={len(CONTENT) // 2}-"]
    assert site.asked[1]["If-Range"] == '"1"'


def test_content_that_changed_meanwhile_is_brought_anew(site: Site, mover: Mover, tmp_path: Path) -> None:
    def behave(handler: http.server.BaseHTTPRequestHandler, number: int) -> None:
        if number == 1:
            answer(handler, CONTENT[:100], size=len(CONTENT), ETag='"1"')
        else:
            answer(handler, b"new", ETag='"2"')

    site.behave = behave
    assert mover.down(site.uri, tmp_path / "got").read_bytes() == b"new"


def test_a_server_that_cannot_now_is_asked_again(site: Site, mover: Mover, tmp_path: Path) -> None:
    site.behave = lambda handler, number: answer(handler, CONTENT, 503 if number < 4 else 200, Retry_After="1")
    assert mover.down(site.uri, tmp_path / "got").read_bytes() == CONTENT
    assert len(site.asked) == 4


@pytest.mark.parametrize(
    ("code", "asked", "hint"),
    [
        (404, 1, "check the URI"),
        (403, 1, "the server wants credentials: https://USER:PASSWORD@host/path, or a signed URL"),
        (500, 5, None),
    ],
)
def test_what_the_server_refuses_is_told(
    site: Site, mover: Mover, tmp_path: Path, code: int, asked: int, hint: str | None
) -> None:
    site.behave = lambda handler, _: answer(handler, b"", code)
    with pytest.raises(RunError, match=f"/train.csv cannot be downloaded: the server answers {code} ") as raised:
        mover.down(site.uri, tmp_path / "got")
    assert (raised.value.hint, len(site.asked)) == (hint, asked)
    assert list((tmp_path / "home" / "cache" / "artifacts").glob("*/content")) == []


def test_a_connection_that_never_holds_is_given_up(site: Site, mover: Mover, tmp_path: Path) -> None:
    site.behave = lambda handler, _: answer(handler, CONTENT[:100], size=len(CONTENT))
    with pytest.raises(RunError, match="cannot be downloaded: the connection ended after 100 of"):
        mover.down(site.uri, tmp_path / "got")
    assert not (tmp_path / "got").exists()


def test_what_is_here_is_not_brought_again(site: Site, mover: Mover, tmp_path: Path) -> None:
    def behave(handler: http.server.BaseHTTPRequestHandler, _: int) -> None:
        if handler.headers.get("If-None-Match") == '"1"':
            handler.send_response(304)
            handler.end_headers()
        else:
            answer(handler, CONTENT, ETag='"1"')

    site.behave = behave
    for number in range(3):
        assert mover.down(site.uri, tmp_path / str(number), fresh=number != 2).read_bytes() == CONTENT
    assert [asked.get("If-None-Match") for asked in site.asked] == [None, '"1"']


def test_credentials_go_to_their_host_alone_and_are_not_shown(site: Site, mover: Mover, tmp_path: Path) -> None:
    def behave(handler: http.server.BaseHTTPRequestHandler, number: int) -> None:
        if number == 1:
            answer(handler, b"", 302, Location=f"http://localhost:{site.server.server_port}/elsewhere?sig=hush")
        else:
            answer(handler, b"", 404)

    site.behave = behave
    with pytest.raises(RunError) as raised:
        mover.down(f"http://ada:s3cret%20lace@{site.host}/data?token=hush", tmp_path / "got")
    expected = base64.b64encode(b"ada:s3cret lace").decode()
    assert [asked.get("Authorization") for asked in site.asked] == [f"Basic {expected}", None]
    assert str(raised.value).startswith(f"http://***@{site.host}/data?token=*** cannot be downloaded")
    assert "s3cret" not in "".join(mover.told) + str(raised.value)
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize("location", ["ftp://127.0.0.1/x", "file:///etc/passwd"])
def test_a_redirection_away_from_http_is_not_followed(site: Site, mover: Mover, tmp_path: Path, location: str) -> None:
    site.behave = lambda handler, _: answer(handler, b"", 302, Location=location)
    with pytest.raises(RunError, match="cannot be downloaded"):
        mover.down(site.uri, tmp_path / "got")
    assert not (tmp_path / "got").exists()


def test_what_does_not_fit_on_the_disk_is_not_begun(site: Site, mover: Mover, tmp_path: Path) -> None:
    site.behave = lambda handler, _: answer(handler, b"x", size=1 << 60)
    with pytest.raises(RunError, match="does not fit on the disk"):
        mover.down(site.uri, tmp_path / "got")
    assert len(site.asked) == 1


def test_a_stream_without_a_size_ends_where_the_disk_does(
    site: Site, mover: Mover, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def behave(handler: http.server.BaseHTTPRequestHandler, _: int) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(bytes(1 << 20))
        except OSError:
            return

    site.behave = behave
    monkeypatch.setattr(web, "_RESERVE", web.shutil.disk_usage(tmp_path).free - (64 << 20))
    with pytest.raises(RunError, match="does not fit on the disk"):
        mover.down(site.uri, tmp_path / "got")
