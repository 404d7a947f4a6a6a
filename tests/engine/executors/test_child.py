from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from kfp.engine.executors import child as child_module
from kfp.engine.executors.child import Child, Exit
from kfp.engine.executors.failures import describe_failure, step_traceback
from kfp.engine.executors.guard import Guard
from tests.engine.executors.test_process import wait_until
from tests.parts.processes import gone


def run(program: str, tmp_path: Path, child: Child | None = None, lines: list[str] | None = None) -> Exit | None:
    guard = Guard()
    with contextlib.closing(guard):
        return (child or Child(0.2, guard)).run(
            [sys.executable, "-c", program],
            environment=os.environ,
            cwd=tmp_path,
            log=tmp_path / "log",
            on_line=(lines if lines is not None else []).append,
        )


def test_output_goes_to_the_log_as_it_is_and_is_told_by_lines(tmp_path: Path) -> None:
    lines: list[str] = []
    program = "import sys; sys.stdout.buffer.write('a\\r\\n\\nü'.encode() + b'\\xff\\nlast'); sys.stderr.write('')"
    assert run(program, tmp_path, lines=lines) == Exit(0, ("a", "", "ü\ufffd", "last"))
    assert lines == ["a", "", "ü\ufffd", "last"]
    assert (tmp_path / "log").read_bytes() == "a\r\n\nü".encode() + b"\xff\nlast"


def test_long_output_is_held_in_pieces(tmp_path: Path) -> None:
    lines: list[str] = []
    ended = run("import sys; sys.stdout.write('x' * 1_000_000); [print(n) for n in range(3000)]", tmp_path, lines=lines)
    assert ended is not None
    assert max(map(len, lines)) <= 16384
    assert "".join(lines).count("x") == 1_000_000
    assert len(ended.tail) == 400
    assert ended.tail[-1] == "2999"
    assert (tmp_path / "log").stat().st_size > 1_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody is told who holds a pipe")
def test_a_daemon_without_our_environment_that_keeps_the_pipe_is_ended(tmp_path: Path) -> None:
    program = (
        "import subprocess\n"
        "daemon = subprocess.Popen(['/bin/sleep', '600'], start_new_session=True, env={})\n"
        "print(daemon.pid)\n"
    )
    lines: list[str] = []
    ended = run(program, tmp_path, lines=lines)  # pytest's own timeout is the judge of time
    assert ended is not None
    assert ended.code == 0
    assert wait_until(lambda: gone(int(lines[0])))


def test_whoever_takes_the_lines_may_be_slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as a loop that waits for the disk; nothing is lost but what comes from others than the step."""
    monkeypatch.setattr(child_module, "_DRAIN_SECONDS", 0.01)
    lines: list[str] = []

    def take(line: str) -> None:
        if not lines:
            time.sleep(0.5)
        lines.append(line)

    with contextlib.closing(Guard()) as guard:
        ended = Child(0.2, guard).run(["sh", "-c", "seq 100"], environment=os.environ, cwd=tmp_path,
                                      log=tmp_path / "log", on_line=take)  # fmt: skip
    expected = [str(number) for number in range(1, 101)]
    assert lines == expected
    assert ended == Exit(0, tuple(expected))
    assert (tmp_path / "log").read_text().split() == expected


@pytest.mark.parametrize("stubborn", [False, True])
def test_cancel(tmp_path: Path, stubborn: bool) -> None:
    guard = Guard()
    child = Child(0.2, guard)
    ignore = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" if stubborn else ""
    started = threading.Event()
    ended: list[Exit | None] = []
    program = f"import signal, time\n{ignore}print('here', flush=True)\ntime.sleep(60)"

    def work() -> None:
        ended.append(
            child.run([sys.executable, "-c", program], environment=os.environ, cwd=tmp_path, log=tmp_path / "log",
                      on_line=lambda _: started.set())
        )  # fmt: skip

    thread = threading.Thread(target=work)
    thread.start()
    assert started.wait(60)
    child.cancel()
    thread.join(60)
    (end,) = ended
    assert end is not None
    assert end.code == (-9 if stubborn else -15)
    assert child.canceled
    assert run("print('never')", tmp_path, child) is None
    guard.close()


def time_is_over_once(event: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have timers wait for an event, too: that a step has started, however long that takes."""

    class Late(threading.Timer):
        def run(self) -> None:
            if not self.finished.wait(self.interval) and event.wait(200) and not self.finished.is_set():
                self.function(*self.args, **self.kwargs)
            self.finished.set()

    monkeypatch.setattr(threading, "Timer", Late)


@pytest.mark.parametrize(("stubborn", "code"), [(False, -15), (True, -9)])
def test_a_child_that_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stubborn: bool, code: int
) -> None:
    here = threading.Event()
    time_is_over_once(here, monkeypatch)
    program = f"{'trap : TERM; ' if stubborn else ''}echo here; while :; do sleep 1; done"
    with contextlib.closing(Guard()) as guard:
        child = Child(0.2, guard)
        ended = child.run(["sh", "-c", program], environment=os.environ, cwd=tmp_path, log=tmp_path / "log",
                          on_line=lambda _: here.set(), timeout=0.01)  # fmt: skip
    assert ended is not None
    assert (ended.code, ended.tail[0], ended.expired) == (code, "here", True)
    assert not child.canceled


def test_a_child_within_its_time_is_left_alone(tmp_path: Path) -> None:
    before = set(threading.enumerate())  # those of other tests may not be over
    with contextlib.closing(Guard()) as guard:
        ended = Child(0.2, guard).run(["true"], environment=os.environ, cwd=tmp_path, log=tmp_path / "log",
                                      on_line=print, timeout=600)  # fmt: skip
    assert ended == Exit(0, ())
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
        assert not thread.is_alive()


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with contextlib.closing(Guard()) as guard, pytest.raises(FileNotFoundError):
        Child(1, guard).run(["no-such-program"], environment={}, cwd=tmp_path, log=tmp_path / "log", on_line=print)


FIRST = ["Traceback (most recent call last):", '  File "a.py", line 1, in f', "KeyError: 'x'"]
SECOND = ["Traceback (most recent call last):", '  File "a.py", line 2, in f', "ValueError: y"]
GROUP = [
    "  + Exception Group Traceback (most recent call last):",
    "  | ExceptionGroup: several (1 sub-exception)",
    "  +-+---------------- 1 ----------------",
    "    | Traceback (most recent call last):",
    "    | ValueError: y",
    "    +------------------------------------",
]
DURING = ["", "During handling of the above exception, another exception occurred:", ""]


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ([], None),
        (["no traceback", "here"], None),
        (["before", *FIRST], FIRST),
        ([*FIRST, "it went on", *SECOND], SECOND),
        ([*FIRST, *DURING, *SECOND, ""], [*FIRST, *DURING, *SECOND]),
        (["before", *GROUP], GROUP),
        ([*FIRST, *DURING, *GROUP], [*FIRST, *DURING, *GROUP]),
        ([*GROUP, *DURING, *SECOND], [*GROUP, *DURING, *SECOND]),
    ],
)
def test_the_last_traceback(tail: list[str], expected: list[str] | None) -> None:
    assert step_traceback(tail) == (None if expected is None else "\n".join(expected))


@pytest.mark.parametrize(
    ("code", "tail", "expected"),
    [
        (1, ["out", *FIRST], "\n".join(FIRST)),
        (3, FIRST, "\n".join([*FIRST, "(the step ended with exit code 3)"])),
        (2, ["usage: x", ""], "the step ended with exit code 2 (log: LOG)\nusage: x"),
        (-9, [], "the step was ended by SIGKILL, perhaps for want of memory (log: LOG)"),
        (-15, [], "the step was ended by SIGTERM (log: LOG)"),
        (-99, [], "the step was ended by signal 99 (log: LOG)"),
    ],
)
def test_failures_in_words(code: int, tail: list[str], expected: str) -> None:
    assert describe_failure(code, tail, Path("LOG")) == expected
