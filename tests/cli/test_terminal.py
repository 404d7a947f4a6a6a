"""Colours are for terminals, and only where they are wanted."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest


def on_a_terminal(**environment: str) -> str:
    """Run a command that fails with its stderr on a pseudo-terminal and return what appeared there."""
    controller, terminal = pty.openpty()
    settings = {**os.environ, "TERM": "xterm", **environment}
    program = [sys.executable, "-c", "from kfp.cli import main; main()", "nope"]
    subprocess.run(program, stderr=terminal, env=settings, check=False)
    os.close(terminal)
    return read_all(controller)


def read_all(controller: int) -> str:
    """Return what was written to a pseudo-terminal whose other end is closed."""
    seen = b""
    try:
        while piece := os.read(controller, 4096):
            seen += piece
    except OSError:  # Linux answers so once nobody has the other end open
        pass
    os.close(controller)
    return seen.decode()


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours(environment: dict[str, str], coloured: bool) -> None:
    seen = on_a_terminal(**environment)
    assert ("\x1b[" in seen) is coloured
    assert "unknown command 'nope'" in seen


def test_no_colours_in_a_pipe(kfp: object) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from kfp.cli import main; main()", "nope"], capture_output=True, text=True, check=False
    )
    assert done.stderr.startswith("error: unknown command 'nope'\n")


def test_text_that_the_encoding_lacks_is_escaped() -> None:
    program = "from kfp.cli import terminal; terminal.prepare(); terminal.data('déjà → vu')"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        encoding="latin-1",
        check=True,
    )
    assert done.stdout == "déjà \\u2192 vu\n"
