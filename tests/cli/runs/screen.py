"""A terminal for tests: a command runs on a pseudo-terminal of its own, and what it draws is seen as people see it."""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_PROGRAM = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from kfp.cli import main
main()
"""
_TOKENS = re.compile(r"\x1b\[([?]?)([0-9;]*)([A-Za-z])|\r|\n|[^\x1b\r\n]+")
_BEGUN = re.compile(r"\x1b(\[[?]?[0-9;]*)?\Z")
"""A control sequence of which the rest is still to come."""


class Screen:
    """What stands on a terminal, all that has scrolled away included.

    Args:
        columns: how wide it is.
    """

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.lines = [""]
        self.row = self.column = 0
        self.wraps = self.has_cursor = True
        self.styles: set[str] = set()
        self._begun = ""

    def write(self, text: str) -> None:
        """Draw what a program writes; any other control sequence is a mistake of the program."""
        text = self._begun + text
        self._begun = begun[0] if (begun := _BEGUN.search(text)) else ""
        text = text.removesuffix(self._begun)
        place = 0
        while place < len(text):
            token = _TOKENS.match(text, place)
            assert token is not None, f"not understood: {text[place : place + 20]!r}"
            place = token.end()
            if token.group() == "\r":
                self.column = 0
            elif token.group() == "\n":
                self._down()
            elif token.group(3):
                self._control(token.group(1), token.group(2), token.group(3))
            else:
                for character in token.group():
                    self._put(character)

    def _control(self, private: str, number: str, kind: str) -> None:
        if private:
            setattr(self, {"25": "has_cursor", "7": "wraps"}[number], kind == "h")
        elif kind == "A":
            self.row = max(0, self.row - int(number or 1))
        elif kind == "K":
            self.lines[self.row] = self.lines[self.row][: self.column]
        elif kind == "J":
            self.lines[self.row :] = [self.lines[self.row][: self.column]]
        else:
            assert kind == "m"
            self.styles.add(number)

    def _put(self, character: str) -> None:
        if self.column >= self.columns:
            if not self.wraps:
                self.column = self.columns - 1
            else:
                self.column = 0
                self._down()
        line = self.lines[self.row].ljust(self.column)
        self.lines[self.row] = line[: self.column] + character + line[self.column + 1 :]
        self.column += 1

    def _down(self) -> None:
        self.row += 1
        if self.row == len(self.lines):
            self.lines.append("")


class Session:
    """A command on a terminal that is its own controlling terminal, so that typed characters become signals.

    Args:
        arguments: after `kfp`.
        environment: variables that it has besides.
        columns: the terminal's width.
        lines: its height.
    """

    def __init__(
        self,
        arguments: Sequence[object],
        environment: Mapping[str, str] | None = None,
        columns: int = 80,
        lines: int = 24,
    ) -> None:
        self.screen = Screen(columns)
        self.seen = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._controller, terminal = os.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.modes = termios.tcgetattr(terminal)
        self._terminal = terminal
        variables = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *map(str, arguments)],
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env={**variables, "TERM": "xterm", **(environment or {})},
            start_new_session=True,
        )

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        os.close(self._terminal)
        os.close(self._controller)

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._controller, text.encode())

    def wait_for(self, reached: Callable[[str], Any], seconds: float = 60) -> None:
        """Read until what was written so far is as wanted."""
        deadline = time.monotonic() + seconds
        os.set_blocking(self._controller, False)
        while not reached(self.seen):
            assert time.monotonic() < deadline, self.seen[-2000:]
            has_ended = self.process.poll() is not None
            assert self._read() or not has_ended, self.seen[-2000:]
            time.sleep(0.02)

    def finish(self, seconds: float = 60) -> int:
        """Wait for the end and return the exit code."""
        os.set_blocking(self._controller, False)
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.seen[-2000:]
            self._read()
            time.sleep(0.02)
        while self._read():
            pass
        return self.process.returncode

    def modes_now(self) -> list[Any]:
        """Return the terminal's modes."""
        return termios.tcgetattr(self._terminal)

    def _read(self) -> bool:
        try:
            text = self._decoder.decode(os.read(self._controller, 1 << 16))
        except BlockingIOError:
            return False
        self.seen += text
        self.screen.write(text)
        return True
