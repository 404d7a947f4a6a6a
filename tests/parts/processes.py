"""Finding programs, free ports, and ending what was started."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skip the test with the reason; in CI, where every part is installed, fail instead."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, and in CI nothing is skipped", pytrace=False)
    pytest.skip(reason)


def require(program: str, debian_package: str) -> str:
    """Return where `program` lies, or leave the test."""
    found = shutil.which(program, path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin" + os.pathsep + "/sbin")
    if found is None:
        missing(f"{program} is not installed (Debian package {debian_package})")
    return found


def require_pypi() -> None:
    """Leave the test where PyPI is not to be reached."""
    failure: OSError | None = None
    for attempt in range(4):
        time.sleep(2.0 * attempt)
        try:
            socket.create_connection(("pypi.org", 443), timeout=10).close()
        except OSError as error:
            failure = error
        else:
            return
    missing(f"PyPI is not to be reached: {failure}")


def gone(pid: int) -> bool:
    """Tell whether a process has ended, or is about to be collected."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (ProcessLookupError, FileNotFoundError):
        return True


def free_port() -> int:
    """Return a loopback port that nothing listens on, and that no client is given by the system meanwhile."""
    while True:
        port = random.SystemRandom().randrange(10_000, 32_000)  # below those of clients
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def running(
    command: Sequence[str],
    log: Path,
    ready: Callable[[], bool],
    *,
    environment: Mapping[str, str] | None = None,
    seconds: float = 120,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends: wait for `ready`, then end it by its process group."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=environment, start_new_session=True
        )
    try:
        deadline = time.monotonic() + seconds
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{command[0]} did not start:\n{log.read_text()[-3000:]}", pytrace=False)
            time.sleep(0.05)
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
