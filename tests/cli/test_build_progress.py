"""A build as it goes on: plain lines where nobody looks, rows that move on a terminal."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kfp.build import events
from kfp.cli.build_progress import Progress
from kfp.images.platform import Platform
from kfp.images.reference import Reference

ONE, TWO = Reference.parse("localhost/one:1"), Reference.parse("localhost/two:1")
AMD, ARM = Platform("linux", "amd64"), Platform("linux", "arm64")


@pytest.mark.parametrize(
    ("targets", "several", "ends"),
    [
        ([ONE], False, ""),
        ([ONE], True, "  (linux/arm64)"),
        ([ONE, TWO], False, "  (localhost/one:1)"),
        ([ONE, TWO], True, "  (localhost/one:1, linux/arm64)"),
    ],
)
def test_a_line_says_what_it_is_about_where_that_is_not_clear(
    targets: list[Reference], several: bool, ends: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Progress(several_platforms=several) as progress:
        for target in targets:
            progress(events.ComponentFound("add", Path("a.py"), target))
        progress(events.PhaseStarted("packages", ONE, ARM))
        progress(events.PackagesLocked(("six==1.17.0",), ONE, ARM))
        progress(events.PhaseStarted("layers", ONE, ARM))
        progress(events.LayerBuilt("packages", "six==1.17.0", 11_300, False, ONE, ARM))
        progress(events.LayerBuilt("packages", "numpy==2", 11_300, True, ONE, ARM))
        progress(events.LayerBuilt("source", "1 file", 300, False, ONE, ARM))
        progress(events.PlatformBuilt(ONE, ARM))
        progress(events.ImageStored(ONE, "sha256:i", "sha256:d"))
        assert progress.stored == ["localhost/one:1"]
    lines = capsys.readouterr().err.splitlines()
    assert lines[len(targets) :] == [f"packages six==1.17.0{ends}", f"layer six==1.17.0 (11.3 kB){ends}"]


PROGRAM = """
import sys
from kfp.cli.activity import Activity

activity = Activity(delay=float({delay}))
activity.log("before")
activity.show("first", "working")
sys.stdin.readline()
activity.show("second", "working", done=False)
activity.show("first", "finished", done=True)
activity.log("between " + "x" * 100)
sys.stdin.readline()
activity.close()
activity.log("after")
"""


def on_a_terminal(program: str, *awaited: str) -> str:
    """Run a program, which is sent a line as soon as it has written each of these words."""
    controller, terminal = os.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=terminal, stderr=terminal, env=environment
    ) as process:
        os.close(terminal)
        assert process.stdin is not None
        output, left = b"", list(awaited)
        with contextlib.suppress(OSError):  # how Linux says that the last writer is gone
            while True:
                output += os.read(controller, 4096)
                while left and left[0].encode() in output:
                    del left[0]
                    process.stdin.write(b"\n")
                    process.stdin.flush()
    os.close(controller)
    assert process.returncode == 0
    return output.decode()


def test_rows_move_below_the_lines() -> None:
    output = on_a_terminal(PROGRAM.format(delay=0), "working", "finished")
    assert output.startswith("before\r\n")
    for words in ("first", "second", "working", "finished", "between " + "x" * 100):
        assert words in output
    last = output.rindex("between")
    assert "\x1b[1A\x1b[2K" in output[last:], "rows are taken away before what follows"
    assert output.endswith("after\r\n")


def test_what_is_over_soon_shows_no_rows() -> None:
    output = on_a_terminal(PROGRAM.format(delay=60), "before", "between")
    assert output == f"before\r\nbetween {'x' * 100}\r\nafter\r\n"
