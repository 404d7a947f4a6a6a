"""Print every figure, upstream beside Skiff; `python -m benchmarks authoring` prints those of one part."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from benchmarks import authoring, containers, images, runs, steps
from benchmarks.contest import Contest, make_base
from benchmarks.measure import HEADER, Figure
from benchmarks.wire import relay
from oracle import environments
from tests.parts.engines import own_dockerd, running_docker
from tests.parts.processes import require
from tests.parts.registry import serve_registry

PARTS = ("authoring", "steps", "runs", "containers", "images")


def every_figure(folder: Path, parts: Sequence[str] = PARTS) -> Iterator[Figure]:
    """Measure everything that this machine can, or some of it."""
    upstream, skiff = environments.upstream("bench"), environments.skiff()
    for part in (authoring, steps, runs):
        name = part.__name__.rpartition(".")[2]
        if name in parts:
            yield from part.figures(upstream, skiff, fresh(folder, name))
    if "containers" in parts:
        yield from containers.figures(skiff, fresh(folder, "containers"))
    if "images" not in parts:
        return
    with contextlib.ExitStack() as stack:
        try:
            require("docker", "docker.io")
            docker = running_docker() or stack.enter_context(own_dockerd(fresh(folder, "dockerd")))
            registry = stack.enter_context(serve_registry(fresh(folder, "registry")))
        except (pytest.skip.Exception, pytest.fail.Exception) as absent:
            print(f"images are not measured: {absent}", file=sys.stderr)
            return
        wire = stack.enter_context(relay(registry.host))
        place = fresh(folder, "images")
        base = make_base(skiff, docker, wire.host, place)
        for wanted in (images.SMALL, images.LARGE):
            contest = Contest(upstream, skiff, fresh(place, wanted.name), docker, wire.host, base, wanted)
            yield from images.figures(contest, wire)


def fresh(folder: Path, name: str) -> Path:
    """Return a new empty directory below `folder`."""
    made = folder / name
    made.mkdir()
    return made


def main(parts: Sequence[str]) -> None:
    """Measure in a temporary directory, and print each figure as soon as it is there.

    Args:
        parts: names of `PARTS`; all of them where none is named.
    """
    unknown = sorted(set(parts) - set(PARTS))
    if unknown:
        sys.exit(f"unknown: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leaves no daemon behind, as Ctrl-C does not
    folder = Path(tempfile.mkdtemp(prefix="skiff-bench-"))
    try:
        print(f"load {', '.join(f'{load:.1f}' for load in os.getloadavg())} on {os.cpu_count()} cores")
        print(HEADER, flush=True)
        for figure in every_figure(folder, parts or PARTS):
            print(figure.row(), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
