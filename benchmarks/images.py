"""Building and pushing images, against `docker build` and `docker push` with the Dockerfile that upstream writes."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.contest import Contest, PackageSet
from benchmarks.measure import Command, Figure
from benchmarks.wire import Wire

SMALL = PackageSet("small", ("numpy",), "pyyaml", ("6.0.2", "6.0.3"))
LARGE = PackageSet(
    "large",
    (
        "numpy", "pandas", "boto3", "sqlalchemy", "aiohttp", "fastapi", "uvicorn", "jinja2", "rich", "requests",
        "pyyaml",
    ),
    "tqdm",
    ("4.67.1", "4.67.0", "4.66.6"),
)  # fmt: skip
"""43 wheels, about 175 MB in 6,500 files, as they were in 2026."""

MEMORY_LIMIT = 150
MEGABYTE = 1e6


@dataclass(frozen=True)
class Targets:
    """Seconds that DESIGN asks of whole commands."""

    cold: float
    wheel: float
    file: float
    nothing: float


TARGETS = {"small": Targets(2.0, 1.5, 0.4, 0.35), "large": Targets(5.0, 1.5, 0.6, 0.35)}


@dataclass(frozen=True)
class Sample:
    """Medians of one command: seconds, bytes that were sent to the registry, requests that carried them."""

    seconds: float
    sent: float
    requests: float


def figures(contest: Contest, wire: Wire) -> Iterator[Figure]:
    """Measure images of one set of packages, from nothing there to nothing changed."""
    size, targets = contest.wanted.name, TARGETS[contest.wanted.name]
    race = partial(compare, wire)
    for name in ("upstream", "skiff"):
        contest.write(name)
    theirs, ours = contest.docker_build("--no-cache"), contest.build()

    def keeping_wheels(_: int) -> None:
        contest.forget(wheels=False)

    yield race(f"{size}: build, nothing cached", theirs, ours, before=lambda _: contest.forget(wheels=True))
    yield race(f"{size}: push, all of it new", contest.docker_push(), contest.build_and_push())
    yield race(
        f"{size}: build, wheels in uv's cache",
        theirs,
        ours,
        targets.cold,
        before=lambda _: contest.forget(wheels=False),
    )

    def newer(run: int) -> None:
        for name in ("upstream", "skiff"):
            contest.write(name, run + 1)

    for run in range(len(contest.wanted.versions) - 1):
        newer(run)
        yield race(f"{size}: build, one wheel changed", contest.docker_build(), ours, targets.wheel)
        yield race(f"{size}: push, one wheel changed", contest.docker_push(), contest.build_and_push())

    def edit(_: int) -> None:
        for name in ("upstream", "skiff"):
            contest.change(name)

    floor = starting() + walking(contest.folder / "skiff/src")
    both = contest.docker_build_and_push(), contest.build_and_push()
    yield race(f"{size}: build, one file changed", contest.docker_build(), ours, before=edit, runs=5, floor=floor)
    yield race(f"{size}: build and push, one file changed", *both, targets.file, before=edit, runs=5, floor=floor)
    yield race(f"{size}: build and push, nothing changed", *both, targets.nothing, runs=5, floor=floor)
    contest.forget(wheels=False)
    own, children = contest.memory()
    print(f"{size}: {own:.0f} MB resident at most (≤ {MEMORY_LIMIT}), uv {children:.0f} MB", flush=True)


def compare(
    wire: Wire,
    what: str,
    theirs: Command,
    ours: Command,
    target: float = 0,
    *,
    before: Callable[[int], None] = lambda _: None,
    runs: int = 1,
    floor: float = 0,
) -> Figure:
    """Run two commands in turn and return the medians.

    Args:
        wire: counts what is sent.
        what: the figure's name.
        theirs: upstream's command.
        ours: Skiff's.
        target: seconds that ours may take; 0 where nothing is asked.
        before: done before both run, untimed; takes the number of the run.
        runs: how often.
        floor: seconds that no Python program can do without, round trips not counted.
    """
    samples: tuple[list[Sample], list[Sample]] = ([], [])
    for run in range(runs):
        before(run)
        for command, taken in zip((theirs, ours), samples, strict=True):
            sent, requests = wire.sent, wire.requests
            seconds = command.seconds()
            taken.append(Sample(seconds, wire.sent - sent, wire.requests - requests))
    upstream, skiff = map(_median, samples)
    notes = []
    if upstream.sent or skiff.sent:
        notes.append(f"sent {upstream.sent / MEGABYTE:.3f} and {skiff.sent / MEGABYTE:.3f} MB")
    if floor:
        lowest = floor + skiff.requests * wire.round_trip()
        notes.append(f"{skiff.seconds - lowest:.3f} s over the floor of {lowest:.3f} s, {skiff.requests:.0f} requests")
    return Figure(what, upstream.seconds, skiff.seconds, target, note=", ".join(notes))


def starting(times: int = 9) -> float:
    """Return the median seconds that a Python interpreter takes to start and end."""
    import sys  # noqa: PLC0415 (only here)

    command = Command([sys.executable, "-c", "pass"], Path.cwd())
    return statistics.median(command.seconds() for _ in range(times))


def walking(folder: Path, times: int = 9) -> float:
    """Return the median seconds that it takes to look at every file below a folder."""

    def walk() -> float:
        begun = time.perf_counter()
        for path, _, names in os.walk(folder):
            for name in names:
                os.lstat(os.path.join(path, name))  # noqa: PTH118 (the floor is the fastest way)
        return time.perf_counter() - begun

    return statistics.median(walk() for _ in range(times))


def _median(samples: list[Sample]) -> Sample:
    columns = zip(*((each.seconds, each.sent, each.requests) for each in samples), strict=True)
    return Sample(*map(statistics.median, columns))
