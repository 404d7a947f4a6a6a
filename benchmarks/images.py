"""Building and pushing images, against `docker build` and `docker push` with the Dockerfile that upstream writes."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
RUNS = 5


@dataclass(frozen=True)
class Targets:
    """Seconds that DESIGN asks of whole commands."""

    cold: float
    wheel: float
    file: float
    nothing: float


TARGETS = {"small": Targets(2.0, 1.5, 0.4, 0.35), "large": Targets(5.0, 1.5, 0.6, 0.35)}


@dataclass(frozen=True)
class Race:
    """Two commands that lead to the same thing.

    Args:
        what: the figure's name.
        theirs: upstream's.
        ours: Skiff's.
        target: seconds that ours may take; 0 where nothing is asked.
    """

    what: str
    theirs: Command
    ours: Command
    target: float = 0


@dataclass(frozen=True)
class Sample:
    """Medians of one command: seconds, bytes that were sent to the registry, requests that carried them."""

    seconds: float
    sent: float
    requests: float


def figures(contest: Contest, wire: Wire) -> Iterator[Figure]:
    """Measure images of one set of packages, from nothing there to nothing changed."""
    size, targets = contest.wanted.name, TARGETS[contest.wanted.name]
    for name in ("upstream", "skiff"):
        contest.write(name)
    anew, build, push = contest.docker_build("--no-cache"), contest.docker_build(), contest.docker_push()
    yield from compare(
        wire,
        Race(f"{size}: build, nothing cached", anew, contest.build()),
        Race(f"{size}: push, all of it new", push, contest.build_and_push()),
        before=lambda _: contest.forget(wheels=True),
    )
    yield from compare(
        wire,
        Race(f"{size}: build, wheels in uv's cache", anew, contest.build(), targets.cold),
        before=lambda _: contest.forget(wheels=False),
    )

    def upgrade(run: int) -> None:
        for name in ("upstream", "skiff"):
            contest.write(name, run + 1)

    yield from compare(
        wire,
        Race(f"{size}: build, one wheel changed", build, contest.build(), targets.wheel),
        Race(f"{size}: push, one wheel changed", push, contest.build_and_push()),
        before=upgrade,
        runs=len(contest.wanted.versions) - 1,
    )

    def edit(_: int) -> None:
        for name in ("upstream", "skiff"):
            contest.change(name)

    floor = starting(contest.folder) + walking(contest.folder / "skiff/src")
    both = contest.docker_build_and_push(), contest.build_and_push()
    yield from compare(
        wire,
        Race(f"{size}: build, one file changed", build, contest.build(), targets.file),
        Race(f"{size}: push, one file changed", push, contest.build_and_push()),
        before=edit,
        runs=RUNS,
        floor=floor,
    )
    whole = Race(f"{size}: build and push, one file changed", *both, targets.file)
    yield from compare(wire, whole, before=edit, runs=RUNS, floor=floor)
    whole = Race(f"{size}: build and push, nothing changed", *both, targets.nothing)
    yield from compare(wire, whole, runs=RUNS, floor=floor)
    contest.forget(wheels=False)
    own, children = contest.memory()
    print(f"{size}: {own:.0f} MB resident at most (≤ {MEMORY_LIMIT}), uv {children:.0f} MB", flush=True)


def compare(
    wire: Wire,
    *races: Race,
    before: Callable[[int], None] = lambda _: None,
    runs: int = 1,
    floor: float = 0,
) -> Iterator[Figure]:
    """Run races one after the other, all of them several times, and give the medians of each.

    Args:
        wire: counts what is sent.
        races: what to run.
        before: done before the first, untimed; takes the number of the run.
        runs: how often.
        floor: seconds that no Python program can do without, round trips not counted.
    """
    samples: list[tuple[list[Sample], list[Sample]]] = [([], []) for _ in races]
    for run in range(runs):
        before(run)
        for race, taken in zip(races, samples, strict=True):
            for command, mine in zip((race.theirs, race.ours), taken, strict=True):
                sent, requests = wire.sent, wire.requests
                seconds = command.seconds()
                mine.append(Sample(seconds, wire.sent - sent, wire.requests - requests))
    for race, taken in zip(races, samples, strict=True):
        upstream, skiff = map(_median, taken)
        notes = []
        if upstream.sent or skiff.sent:
            notes.append(f"sent {upstream.sent / MEGABYTE:.3f} and {skiff.sent / MEGABYTE:.3f} MB")
        if floor:
            lowest = floor + skiff.requests * wire.round_trip()
            over = f"{skiff.seconds - lowest:.3f} s over the floor of {lowest:.3f} s"
            notes.append(f"{over} with {skiff.requests:.0f} requests")
        yield Figure(race.what, upstream.seconds, skiff.seconds, race.target, note=", ".join(notes))


def starting(folder: Path, times: int = 9) -> float:
    """Return the median seconds that a Python interpreter takes to start and end, in a folder."""
    command = Command([sys.executable, "-c", "pass"], folder)
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
