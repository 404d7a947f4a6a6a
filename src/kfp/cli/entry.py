"""From arguments to an exit code: runs the command and turns every way it can end into words and a number.

| ending | stderr | code |
|---|---|---|
| done | | 0, or the command's own |
| `SkiffError` | `error: …`, `hint: …` | its `exit_code` |
| wrong usage | `error: …` and where the help is; for a group without a command the help itself | 2 |
| Ctrl-C, SIGTERM | `interrupted`, `terminated` | 130, 143 |
| the reader of stdout went away | | 141 |
| the operating system refused a file | `error: path: reason` | 1 |
| a defect | an apology; the traceback with `KFP_DEBUG=1` | 1 |
"""
# ruff: noqa: PLC0415 -- what a command needs is loaded when it runs: start-up time

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING

import click

from kfp.cli import signals, terminal
from kfp.errors import SkiffError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM
READER_GONE = 128 + 13  # SIGPIPE, which Windows does not define
DEFECT = 1


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived: the command unwinds as for Ctrl-C, so that it cleans up as well."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line.

    Args:
        arguments: the words after `kfp`.

    Returns:
        The exit code of the process.
    """
    from kfp.cli.app import root

    terminal.prepare()
    try:
        with signals.handled(signal.SIGTERM, _terminate):
            outcome = root.main(
                list(arguments), prog_name="kfp", standalone_mode=False, color=terminal.has_colour(sys.stdout)
            )
            sys.stdout.flush()
    except Exception as failure:
        return _report(failure)
    except KeyboardInterrupt as interrupt:
        return _interrupted(interrupt)
    return outcome if isinstance(outcome, int) else 0


def _report(failure: Exception) -> int:
    if isinstance(failure, click.exceptions.Abort):  # click's own wrapping of KeyboardInterrupt and end of input
        return _interrupted(failure.__cause__ or failure)
    if isinstance(failure, (BrokenPipeError, terminal.ReaderGone)):
        return _reader_gone()
    if os.environ.get("KFP_DEBUG") == "1":
        terminal.log("".join(traceback.format_exception(failure)).rstrip())
    if isinstance(failure, click.ClickException):
        return _usage(failure)
    if isinstance(failure, SkiffError):
        terminal.error(failure.located_message, failure.hint)
        return failure.exit_code
    if isinstance(failure, OSError) and failure.filename is not None:
        terminal.error(f"{os.fsdecode(failure.filename)}: {_lower(failure.strerror or type(failure).__name__)}")
        return DEFECT
    if isinstance(failure, OSError) and failure.errno in (errno.ENOSPC, errno.EDQUOT):
        terminal.silence(sys.stdout)  # it may be what is full
        terminal.error(_lower(os.strerror(failure.errno)), "free some space where files, or the output, are written")
        return DEFECT
    terminal.error(
        f"sorry, this is a defect of Skiff, not of your input: {type(failure).__name__}: {failure}",
        "please report it" + _with_traceback(),
    )
    return DEFECT


def _with_traceback() -> str:
    return "" if os.environ.get("KFP_DEBUG") == "1" else " with what KFP_DEBUG=1 prints"


def _usage(failure: click.ClickException) -> int:
    context = getattr(failure, "ctx", None) or click.get_current_context(silent=True)
    command = context.command_path if context is not None else "kfp"
    terminal.error(_lower(failure.format_message()).rstrip("."), f"`{command} --help` shows the usage")
    return failure.exit_code


def _interrupted(interrupt: BaseException) -> int:
    terminated = isinstance(interrupt, Terminated)
    terminal.log("terminated" if terminated else "interrupted")
    return TERMINATED if terminated else INTERRUPTED


def _reader_gone() -> int:
    terminal.silence(sys.stdout)  # the interpreter would complain
    return READER_GONE


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise Terminated
