"""The same pipelines on this machine's engine, on upstream's `kfp.local`, and as flows of Metaflow."""

from __future__ import annotations

import math
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import engine_alone
from benchmarks.measure import Command, Figure, medians
from oracle import environments
from oracle.environments import Python

FEW, MANY = 2, 20
NARROW, WIDE = 20, 200
LIMIT = 120.0
"""Seconds after which the wide map of one that takes minutes is ended."""
PACKAGE = "six==1.16.0"

HEAD = """\
import atexit, re, sys
def tell():
    # Peak memory of this process alone: what getrusage tells counts its parent's from before exec
    text = open('/proc/self/status').read()
    open({peak!r}, 'w').write(re.search(r'VmHWM:\\s*(\\d+) kB', text).group(1))
if 'step' not in sys.argv:
    atexit.register(tell)
"""
KFP = """\
from kfp import dsl, local

@dsl.component(base_image='python:3.11', install_kfp_package={install}, packages_to_install={packages!r})
def work(x: int) -> int:
    return x + 1

@dsl.component(base_image='python:3.11', install_kfp_package={install})
def total(numbers: list) -> int:
    return int(sum(numbers))

@dsl.pipeline
def chain() -> int:
    task = work(x=0)
    for _ in range({steps} - 1):
        task = work(x=task.output)
    return task.output

@dsl.pipeline
def fan() -> int:
    with dsl.ParallelFor(list(range({width}))) as item:
        one = work(x=item)
    return total(numbers=dsl.Collected(one.output)).output

local.init(runner=local.SubprocessRunner({runner}))
"""
CHAIN = "assert chain().output == {steps}\n"
FAN = "assert fan().output == sum(range(1, {width} + 1))\n"
ONE = "assert work(x=1).output == 2\n"

FLOW_CHAIN = """\
from metaflow import FlowSpec, step

class Chain(FlowSpec):
    @step
    def start(self):
        self.x = 1
        self.next(self.{first})
{between}
    @step
    def end(self):
        assert self.x + 1 == {steps}

if __name__ == '__main__':
    Chain()
"""
FLOW_STEP = """
    @step
    def s{number}(self):
        self.x += 1
        self.next(self.{next})
"""
FLOW_FAN = """\
from metaflow import FlowSpec, step

class Fan(FlowSpec):
    @step
    def start(self):
        self.items = list(range({width}))
        self.next(self.work, foreach='items')

    @step
    def work(self):
        self.y = self.input + 1
        self.next(self.total)

    @step
    def total(self, inputs):
        self.y = sum(each.y for each in inputs)
        self.next(self.end)

    @step
    def end(self):
        assert self.y == sum(range(1, {width} + 1))

if __name__ == '__main__':
    Fan()
"""


@dataclass(frozen=True)
class _Contestant:
    """One of the three, in a folder of its own."""

    python: Python
    folder: Path
    install: bool = True
    runner: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def pipeline(self, call: str, *, steps: int = 1, width: int = 1, packages: tuple[str, ...] = ()) -> Command:
        """A program that defines KFP's pipelines and calls one."""
        values = {"steps": steps, "width": width, "install": self.install, "runner": self.runner}
        return self.program((KFP + call).format(**values, packages=list(packages)))

    def flow(self, text: str) -> Command:
        """A flow of Metaflow."""
        return self.program(text, "--quiet", "--no-pylint", "run", "--max-num-splits", "1000")

    def program(self, text: str, *arguments: str) -> Command:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.peak.unlink(missing_ok=True)
        script = self.folder / f"program{len(list(self.folder.glob('program*.py')))}.py"
        script.write_text(HEAD.format(peak=str(self.peak)) + text, encoding="utf-8")
        return Command(
            [str(self.python.python), "-W", "ignore", str(script), *arguments], self.folder, self.environment
        )

    @property
    def peak(self) -> Path:
        """Where a program leaves its peak memory, in KiB."""
        return self.folder / "peak"

    def megabytes(self) -> float | None:
        """The peak memory of the last program, None where it was ended."""
        return int(self.peak.read_text(encoding="ascii")) / 1024 if self.peak.exists() else None


def figures(upstream: Python, skiff: Python, folder: Path) -> Iterator[Figure]:
    """Measure whole programs, and the engine alone."""
    home = {"KFP_HOME": str(folder / "home"), "UV_CACHE_DIR": str(folder / "uv-cache")}
    # Upstream's own installation serves its steps: without that, each would install kfp with pip first
    theirs = _Contestant(upstream, folder / "upstream", install=False, runner="use_venv=False")
    ours = _Contestant(skiff, folder / "skiff", environment=home)
    flows = _Contestant(environments.metaflow("bench"), folder / "metaflow", environment=_metaflow(folder / "metaflow"))
    yield from _chains(theirs, ours, flows)
    yield from _fans(theirs, ours, flows)
    yield from _packages(_Contestant(upstream, folder / "upstream-packages"), ours, folder)
    yield from engine_alone.figures(skiff, folder)


def _chains(theirs: _Contestant, ours: _Contestant, flows: _Contestant) -> Iterator[Figure]:
    few = [each.pipeline(CHAIN, steps=FEW) for each in (theirs, ours)] + [flows.flow(_chain(FEW))]
    many = [each.pipeline(CHAIN, steps=MANY) for each in (theirs, ours)] + [flows.flow(_chain(MANY))]
    short, long = medians(*few, runs=3), medians(*many, runs=3, warm_up=0)
    yield _figure(f"chain of {MANY} steps", long)
    yield _memory(f"peak MB of the engine's process, chain of {MANY}", theirs, ours, flows)
    yield _figure(
        "overhead of a step that does nothing", [(b - a) / (MANY - FEW) for a, b in zip(short, long, strict=True)], 0.06
    )


def _fans(theirs: _Contestant, ours: _Contestant, flows: _Contestant) -> Iterator[Figure]:
    for width in (NARROW, WIDE):
        commands = [each.pipeline(FAN, width=width) for each in (theirs, ours)]
        upstream, skiff, metaflow = map(_within, [*commands, flows.flow(FLOW_FAN.format(width=width))])
        yield _figure(f"map over {width} items and a reduce", [upstream, skiff, metaflow])
        yield _memory(f"peak MB of the engine's process, map over {width}", theirs, ours, flows)


def _within(command: Command) -> float:
    """Return the seconds of one run; of one that takes too long, the seconds after which it was ended."""
    try:
        return command.seconds(LIMIT)
    except subprocess.TimeoutExpired:
        return LIMIT


def _packages(theirs: _Contestant, ours: _Contestant, folder: Path) -> Iterator[Figure]:
    """One step with a package: first without any cache, then again. Metaflow has nothing like it without conda."""

    def forget() -> None:
        for name in ("home", "uv-cache", "pip-cache"):
            shutil.rmtree(folder / name, ignore_errors=True)

    theirs.environment["PIP_CACHE_DIR"] = str(folder / "pip-cache")
    forget()
    commands = [each.pipeline(ONE, packages=(PACKAGE,)) for each in (theirs, ours)]
    cold = medians(*commands, runs=1, warm_up=0)
    yield Figure("one step with a package, nothing cached", cold[0], cold[1], 0)
    warm = medians(*commands, runs=3, warm_up=0)
    yield Figure("one step with a package, again", warm[0], warm[1], 0)


def _figure(what: str, values: Sequence[float], target: float = 0) -> Figure:
    upstream, skiff, metaflow = values
    more = ">" if metaflow == LIMIT else ""
    note = f"Metaflow {more}{metaflow:.3f} ({more}{metaflow / skiff:.1f}x)"
    return Figure(what, upstream, skiff, target, is_upstream_unfinished=upstream == LIMIT, note=note)


def _memory(what: str, theirs: _Contestant, ours: _Contestant, flows: _Contestant) -> Figure:
    upstream, skiff, metaflow = theirs.megabytes(), ours.megabytes(), flows.megabytes()
    told = f"Metaflow {metaflow:.3f}" if metaflow is not None else ""
    return Figure(what, upstream, skiff or math.nan, 0, note=told)


def _chain(steps: int) -> str:
    names = [f"s{number}" for number in range(1, steps - 1)]
    between = "".join(
        FLOW_STEP.format(number=number, next=name) for number, name in enumerate([*names[1:], "end"], 1) if names
    )
    return FLOW_CHAIN.format(first=names[0] if names else "end", between=between, steps=steps)


def _metaflow(folder: Path) -> dict[str, str]:
    """Keep everything of Metaflow's in a folder; it asks for a user's name."""
    return {
        "HOME": str(folder),
        "USERNAME": "bench",
        "METAFLOW_HOME": str(folder / "settings"),
        "METAFLOW_DEFAULT_METADATA": "local",
        "METAFLOW_DEFAULT_DATASTORE": "local",
        "METAFLOW_DATASTORE_SYSROOT_LOCAL": str(folder),
    }
