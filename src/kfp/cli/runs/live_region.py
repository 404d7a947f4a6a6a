"""Lines at the bottom of a terminal that are drawn over and over; what is written meanwhile stands above them.

The control sequences are those of ECMA-48 and of every terminal emulator since the VT220.
"""

from __future__ import annotations

import contextlib
import os
import signal
import termios
import threading
from typing import TYPE_CHECKING, Any

from kfp.cli import signals
from kfp.cli.cells import Line, paint, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType
    from typing import TextIO

_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"
_CLEAR_LINE, _CLEAR_BELOW = "\x1b[K", "\x1b[J"
_DEFAULT_SIZE = (80, 24)


class Region:
    """The lines; several threads may draw and write.

    Args:
        stream: a terminal.
        colour: whether styles are shown.
    """

    def __init__(self, stream: TextIO, *, colour: bool) -> None:
        self._stream, self._colour = stream, colour
        self._lock = threading.RLock()
        self._widths: list[int] = []  # of the lines that stand there

    def size(self) -> tuple[int, int]:
        """Return the terminal's columns and lines as they are now."""
        try:
            columns, lines = os.get_terminal_size(self._stream.fileno())
        except (OSError, ValueError):
            return _DEFAULT_SIZE
        return columns or _DEFAULT_SIZE[0], lines or _DEFAULT_SIZE[1]

    def draw(self, lines: Sequence[Line], above: Sequence[Line] = ()) -> None:
        """Put lines in place of those that stand there; in the background, nothing is drawn.

        Args:
            lines: what stands there from now on, fitted to the terminal.
            above: what scrolls away above it for good.
        """
        with self._lock:
            if not _is_in_foreground(self._stream):
                return
            text = [self._home() if self._widths else _HIDE_CURSOR]
            # What is cleared is cleared before it is written: in the last column, the cursor stands on what it wrote.
            text += [f"{_CLEAR_BELOW}{self._painted(line)}\r\n" for line in above]
            text.append(_NO_WRAP)
            text += [f"{_CLEAR_LINE}{self._painted(line)}\r\n" for line in lines[:-1]]
            text += [f"{_CLEAR_BELOW}{self._painted(line)}" for line in lines[-1:]]
            text.append(_WRAP)
            self._widths = [sum(width(part) for part, _ in line) for line in lines]
            self._write("".join(text))

    def clear(self) -> None:
        """Take the lines away; the terminal is as before."""
        with self._lock:
            if self._widths:
                self._write(f"{self._home()}{_CLEAR_BELOW}{_SHOW_CURSOR}")
                self._widths = []

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep what is typed out of the lines, and take them away while the user suspends the process."""
        keyboard = _Keyboard(self._stream)
        keyboard.hush()
        try:
            with self._suspendable(keyboard):
                yield
        finally:
            self.clear()
            keyboard.restore()

    @contextlib.contextmanager
    def _suspendable(self, keyboard: _Keyboard) -> Iterator[None]:
        def suspend(number: int, _: FrameType | None) -> None:
            with self._lock:  # nobody draws until the process goes on
                self.clear()
                keyboard.restore()
                signal.signal(number, signal.SIG_DFL)
                os.kill(os.getpid(), number)
                signal.signal(number, suspend)
                keyboard.hush()

        with signals.handled(signal.SIGTSTP, suspend):
            yield

    def _home(self) -> str:
        """Return what takes the cursor to the first line; a terminal that has become narrower has broken lines."""
        columns, _ = self.size()
        rows = sum(max(1, -(-cells // columns)) for cells in self._widths)
        return "\r" + (f"\x1b[{rows - 1}A" if rows > 1 else "")

    def _painted(self, line: Line) -> str:
        return paint(line, colour=self._colour)

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):  # the terminal is gone: there is nobody to tell
            self._stream.write(text)
            self._stream.flush()


class _Keyboard:
    """The modes of the terminal that say whether it shows what is typed (POSIX, General Terminal Interface).

    Args:
        stream: the terminal.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._before: list[Any] | None = None

    def hush(self) -> None:
        """Let it show nothing; keys that are signals stay signals, and the shell gets the rest."""
        if not _is_in_foreground(self._stream):  # from there, a change would stop this process
            return
        with contextlib.suppress(OSError, ValueError, termios.error):
            modes = termios.tcgetattr(self._stream)
            before = [*modes]
            modes[3] &= ~termios.ECHO
            termios.tcsetattr(self._stream, termios.TCSANOW, modes)
            self._before = before

    def restore(self) -> None:
        """Let it show what it showed before."""
        if self._before is not None:
            with contextlib.suppress(OSError, ValueError, termios.error):
                termios.tcsetattr(self._stream, termios.TCSANOW, self._before)
            self._before = None


def _is_in_foreground(stream: TextIO) -> bool:
    """Tell whether a terminal is this process's to draw on, and not its shell's; nobody's is anybody's."""
    try:
        return os.tcgetpgrp(stream.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return True
