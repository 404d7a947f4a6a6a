"""A child process of a step: its process group, its output line by line, its end."""

from __future__ import annotations

import codecs
import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kfp.engine.executors.leftovers import STEP_ID, end_step_leftovers, end_writers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kfp.engine.executors.guard import Guard

_CHUNK = 65536
_LONGEST_LINE = 16384
_TAIL_LINES = 400
_DRAIN_SECONDS = 2.0
"""How long nothing may come from a pipe that others than the step hold, before they are ended."""


class Exit(msgspec.Struct, frozen=True):
    """How a child ended.

    Args:
        code: its exit code; negative is a signal's number.
        tail: the last lines that it wrote.
        expired: whether it was ended because its time was over.
    """

    code: int
    tail: tuple[str, ...]
    expired: bool = False


class Child:
    """Runs one command at a time in a process group of its own, and stops all of it when it is told to.

    Args:
        grace: seconds between asking the group to end (SIGTERM) and ending it (SIGKILL).
        guard: ends the group where this process cannot.
    """

    def __init__(self, grace: float, guard: Guard) -> None:
        self._grace = grace
        self._guard = guard
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._canceled = False
        self._expired = False
        self._preparing: Callable[[], None] | None = None

    @property
    def canceled(self) -> bool:
        """Whether `cancel` was called."""
        return self._canceled

    @property
    def running(self) -> bool:
        """Whether the command runs."""
        return self._process is not None

    def cancel(self, *, force: bool = False) -> None:
        """Stop the group: politely, and for good after the grace; what has not started will not start.

        Args:
            force: stop it for good at once.
        """
        with self._lock:
            again, self._canceled = self._canceled, True
            if self._preparing is not None:
                self._preparing()
            if self._process is None or (again and not force):
                return
            _signal_group(self._process.pid, signal.SIGKILL if force else signal.SIGTERM)
            if force:
                return
        _after(self._grace, self._kill)

    @contextlib.contextmanager
    def preparing(self, stop: Callable[[], None]) -> Iterator[None]:
        """While the command cannot start yet, have a cancellation stop what is done for it.

        Args:
            stop: is called, from another thread perhaps, when the step is canceled, or has been.
        """
        with self._lock:
            self._preparing = stop
            if self._canceled:
                stop()
        try:
            yield
        finally:
            with self._lock:
                self._preparing = None

    def run(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        cwd: Path,
        log: Path,
        on_line: Callable[[str], None],
        timeout: float | None = None,
    ) -> Exit | None:
        """Run a command to its end, and end what it leaves behind.

        Args:
            command: the program and its arguments.
            environment: the whole environment; `KFP_STEP_ID` names the step, so that what it leaves is found.
            cwd: the working directory.
            log: the file that receives everything that the command writes, as it is.
            on_line: called with each line, from this and one other thread, in order.
            timeout: seconds after which it is told to end; None never is.

        Returns:
            How it ended; None where it was canceled before it could start.

        Raises:
            OSError: the program cannot be started, or the log cannot be written.
        """
        guarded = self._guard.marked(environment)
        with log.open("ab") as file:
            with self._lock:
                if self._canceled:
                    return None
                process = self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    env=guarded,
                    cwd=cwd,
                    start_new_session=True,
                )
            lines = _Lines(process, file.fileno(), on_line)
            lines.start()
            began = time.monotonic()
            timer = None if timeout is None else _after(timeout, self._expire)
            with self._guard.group(process.pid):
                _await_end(process)
                if timer is not None:
                    timer.cancel()
                with self._lock:
                    _signal_group(process.pid, signal.SIGKILL)
                if STEP_ID in environment:
                    end_step_leftovers(environment[STEP_ID], process.pid, time.monotonic() - began)
            with self._lock:
                code = process.wait()
                self._process = None
            lines.finish()
        if lines.failure is not None:
            raise lines.failure
        return Exit(code, tuple(lines.tail), self._expired)

    def _expire(self) -> None:
        with self._lock:
            if self._process is None or self._canceled:
                return
            self._expired = True
            _signal_group(self._process.pid, signal.SIGTERM)
        _after(self._grace, self._kill)

    def _kill(self) -> None:
        with self._lock:
            if self._process is not None:
                _signal_group(self._process.pid, signal.SIGKILL)


class _Lines(threading.Thread):
    """Copies what a process writes into its log and tells it line by line; holds no more than a line and a tail."""

    def __init__(self, process: subprocess.Popen[bytes], log: int, on_line: Callable[[str], None]) -> None:
        super().__init__(name=f"output of {process.pid}", daemon=True)
        self.tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self.failure: OSError | None = None
        self._process = process
        self._log = log
        self._pipe = os.fstat(process.stdout.fileno()).st_ino if process.stdout is not None else 0
        self._open = threading.Lock()
        self._is_over = False
        self._on_line = on_line
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._partial = ""
        self._waits, self._is_waiting = 0, False

    def run(self) -> None:
        if self._process.stdout is None:
            return
        with self._process.stdout as pipe:
            while data := self._read(pipe.fileno()):
                with self._open:
                    if self._is_over:
                        return
                    self._write(data)
                self._tell(self._decoder.decode(data))
            self._tell(self._decoder.decode(b"", final=True))
            if self._partial:
                self._line(self._partial)

    def finish(self) -> None:
        """Wait for the rest, however slowly it is taken.

        A process that left the group, holds the pipe and writes nothing is ended, and not waited for.
        """
        while self.is_alive():
            before = self._waits if self._is_waiting else None
            self.join(_DRAIN_SECONDS)
            if self.is_alive() and self._is_waiting and self._waits == before and not self._has_more():
                self._end_writers()
                break
        with self._open:  # the log's descriptor may now be closed and given to another file
            self._is_over = True

    def _read(self, pipe: int) -> bytes:
        self._waits += 1
        self._is_waiting = True
        data = os.read(pipe, _CHUNK)
        self._is_waiting = False
        return data

    def _has_more(self) -> bool:
        """Whether the thread will go on by itself: something lies in the pipe, or its end."""
        poll = select.poll()
        with contextlib.suppress(ValueError, OSError):  # it is closed: the thread is at its end
            poll.register(self._process.stdout or -1, select.POLLIN)
            return bool(poll.poll(0))
        return True

    def _end_writers(self) -> None:
        if end_writers(self._pipe):
            self.join(_DRAIN_SECONDS)

    def _write(self, data: bytes) -> None:
        if self.failure is not None:
            return
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._log, view) :]
        except OSError as error:  # a full disk: the step must not hang on a pipe that nobody reads
            self.failure = error

    def _tell(self, text: str) -> None:
        lines = (self._partial + text).split("\n")
        self._partial = lines.pop()
        for line in lines:
            self._line(line)
        while len(self._partial) > _LONGEST_LINE:
            self._line(self._partial[:_LONGEST_LINE])
            self._partial = self._partial[_LONGEST_LINE:]

    def _line(self, line: str) -> None:
        line = line.rstrip("\r")
        for start in range(0, len(line) or 1, _LONGEST_LINE):
            if self._is_over:
                return
            piece = line[start : start + _LONGEST_LINE]
            self.tail.append(piece)
            self._on_line(piece)


def _after(seconds: float, do: Callable[[], None]) -> threading.Timer:
    timer = threading.Timer(seconds, do)
    timer.daemon = True
    timer.start()
    return timer


def _await_end(process: subprocess.Popen[bytes]) -> None:
    """Wait for a group's leader without reaping it: until its group is swept, its number must not become another's."""
    if hasattr(os, "waitid"):
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    else:  # macOS before Python 3.13
        process.wait()


def _signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
