"""The password of a package index appears neither in what is printed nor in anything that a build leaves behind."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.parts.registry import RunningRegistry
from tests.requirements.wheels import write_wheel
from tests.walk.conftest import Project

PASSWORD = "Marker9pass+word"
COMPONENT = """\
import os

from kfp import dsl


@dsl.component(
    base_image={base!r}, target_image={target!r}, packages_to_install=["tiny"], pip_index_urls=[os.environ["INDEX"]]
)
def add(a: int) -> int:
    return a
"""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """The host of a package index that wants a password and has one wheel."""
    wheel = write_wheel(tmp_path / "served", "tiny")
    wanted = "Basic " + base64.b64encode(f"ada:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = f'<a href="/files/{wheel.name}">{wheel.name}</a>'.encode()
            data = wheel.read_bytes() if self.path.startswith("/files/") else page
            known = self.headers.get("Authorization") == wanted
            status = 401 if not known else 200 if self.path.startswith(("/files/", "/simple/tiny")) else 404
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if data is page else "application/zip")
            self.send_header("Content-Length", str(len(data) if status == 200 else 0))
            if not known:
                self.send_header("WWW-Authenticate", 'Basic realm="index"')
            self.end_headers()
            if status == 200:
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def build(project: Project, url: str, *options: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_"))}
    settings = {"INDEX": url, "UV_HTTP_RETRIES": "0", "KFP_HOME": str(project.home), "KFP_DEBUG": "1"}
    return subprocess.run(
        [sys.executable, "-m", "kfp.cli", "--output", "json", "component", "build", "src", *options],
        cwd=project.folder, env={**clean, **settings, "UV_CACHE_DIR": str(project.home.parent / "uv-cache")},
        check=False, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def telling(*folders: Path) -> list[Path]:
    """The files that hold the password in any spelling."""
    spellings = [PASSWORD, quote(PASSWORD, safe=""), base64.b64encode(f"ada:{PASSWORD}".encode()).decode()]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 10
    return [path for path in files if any(spelling.encode() in path.read_bytes() for spelling in spellings)]


def test_a_build_leaves_no_password(project: Project, base_image: str, registry: RunningRegistry, index: str) -> None:
    target = f"{registry.host}/secret/index:v1"
    project.write({"src/my_component.py": COMPONENT.format(base=base_image, target=target)})
    done = build(project, f"http://ada:{quote(PASSWORD, safe='')}@{index}/simple", "--pin")
    assert done.returncode == 0, done.stderr
    assert "tiny==1.0" in done.stdout
    assert "Marker9" not in done.stdout + done.stderr
    assert telling(project.folder, project.home, registry.storage) == []


@pytest.mark.parametrize("place", ["{index}/absent", "127.0.0.1:1/simple"], ids=["no-package", "nobody-there"])
def test_a_build_that_fails_shows_no_password(project: Project, base_image: str, index: str, place: str) -> None:
    project.write({"src/my_component.py": COMPONENT.format(base=base_image, target="localhost:5000/a/b:v1")})
    done = build(project, f"http://ada:{quote(PASSWORD, safe='')}@{place.format(index=index)}", "--no-push-image")
    assert done.returncode == 1
    assert "error: " in done.stderr
    assert "Marker9" not in done.stdout + done.stderr
    assert telling(project.folder, project.home) == []


def test_a_wrong_password_is_not_shown(project: Project, base_image: str, index: str) -> None:
    project.write({"src/my_component.py": COMPONENT.format(base=base_image, target="localhost:5000/a/b:v1")})
    done = build(project, f"http://ada:{quote(PASSWORD, safe='')}x@{index}/simple", "--no-push-image")
    assert done.returncode == 1
    assert "tiny" in done.stderr
    assert "Marker9" not in done.stdout + done.stderr
