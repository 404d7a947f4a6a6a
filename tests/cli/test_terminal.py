"""Colours are for terminals, and only where they are wanted."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

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


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_go_nowhere(closed: str, tmp_path: Path) -> None:
    program = (
        "import os, sys; from kfp.cli import terminal; terminal.prepare()\n"
        "file = open(sys.argv[1], 'w'); assert file.fileno() > 2\n"
        "assert all(os.get_inheritable(number) for number in range(3))\n"
        "terminal.data('result'); terminal.log('progress'); file.write('done')\n"
    )
    command = ["sh", "-c", f'"$0" -c "$1" "$2" {closed}', sys.executable, program, str(tmp_path / "file")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "file").read_text() == "done"
    assert done.stdout == ("" if ">&- " in f"{closed} ".replace("2>&-", "") else "result\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
def test_progress_that_nobody_takes_stops_nothing() -> None:
    program = "from kfp.cli import terminal\nfor _ in range(99): terminal.log('x' * 999)\nterminal.data('result')"
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=full, check=False)
    assert (done.returncode, done.stdout) == (0, b"result\n")
