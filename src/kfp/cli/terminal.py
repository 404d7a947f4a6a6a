"""Where the command line writes: data to stdout, everything else to stderr.

Styles appear only where the stream is a terminal that understands them and `NO_COLOR` (https://no-color.org) is unset;
elsewhere every event is one plain line.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TextIO

import click

_LAST_STANDARD = 2


class ReaderGone(Exception):
    """Whoever read what the command writes to stdout reads no more."""


def is_terminal(stream: TextIO) -> bool:
    """Tell whether a person's terminal with cursor movement stands behind the stream."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def has_colour(stream: TextIO) -> bool:
    """Tell whether colours are wanted on the stream."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def width(stream: TextIO) -> int | None:
    """Return the columns of the terminal behind the stream, None where there is no terminal."""
    if not is_terminal(stream):
        return None
    import shutil  # noqa: PLC0415 (start-up: it brings compressors that most commands never use)

    return shutil.get_terminal_size((80, 24)).columns


def prepare() -> None:
    """Make the standard streams ones that can be written to.

    Text that the locale's encoding lacks is printed escaped instead of failing halfway through an output. Streams that
    whoever started the process had closed are there and go nowhere: else the next file that is opened, a database,
    would be what steps inherit as their output.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _LAST_STANDARD:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def silence(stream: TextIO) -> None:
    """Let what is written to a stream go nowhere from now on, also what the interpreter still flushes at its end."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def log(text: str = "") -> None:
    """Write a line of progress or diagnosis to stderr; where that refuses it, the work goes on untold."""
    try:
        click.echo(text, err=True, color=has_colour(sys.stderr))
    except OSError:
        silence(sys.stderr)


def data(text: str) -> None:
    """Write a line of the command's result to stdout."""
    click.echo(text, color=has_colour(sys.stdout))


def data_json(value: object) -> None:
    """Write the command's result to stdout as JSON, indented, keys in the order given."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def note(text: str) -> None:
    """Write a remark that does not stop the command to stderr."""
    log(f"{click.style('note', fg='cyan', bold=True)}: {text}")


def warn(text: str) -> None:
    """Write a warning to stderr."""
    log(f"{click.style('warning', fg='yellow', bold=True)}: {text}")


def error(message: str, hint: str | None = None) -> None:
    """Write an error, and what to do about it, to stderr."""
    log(f"{click.style('error', fg='red', bold=True)}: {message}")
    if hint is not None:
        log(f"{click.style('hint', fg='green', bold=True)}: {hint}")
