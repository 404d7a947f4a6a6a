"""What a user waits for before anything runs: the import, and the compiler."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Command, Figure, medians
from oracle.environments import Python

IMPORT = "from kfp import dsl"
CHAIN = """\
from kfp import compiler, dsl

@dsl.component(base_image='python:3.11')
def add(a: int, b: int) -> int:
    return a + b

@dsl.pipeline(name='chain')
def chain(x: int = 1):
    task = add(a=x, b=x)
    for _ in range({calls} - 1):
        task = add(a=task.output, b=x)

compiler.Compiler().compile(chain, 'chain.yaml')
"""


NESTED = """\
from kfp import compiler, dsl

@dsl.component(base_image='python:3.11')
def add(a: int, b: int) -> int:
    return a + b

@dsl.pipeline(name='nested')
def nested():
    for _ in range(100):
        with dsl.ParallelFor([1, 2, 3]) as outer:
            with dsl.ParallelFor([4, 5, 6]) as inner:
                for _ in range(10):
                    add(a=outer, b=inner)

compiler.Compiler().compile(nested, 'nested.yaml')
"""
PATIENCE = 60
"""How long upstream may take for the chain of 10,000 calls, in seconds; five minutes are not enough for it."""


def figures(upstream: Python, skiff: Python, folder: Path) -> Iterator[Figure]:
    """Measure the import over a bare interpreter, and the compilation of long chains and of nested loops.

    The bound of the chain of 10,000 calls is eleven times what the chain of 1,000 took, which linear growth keeps.
    """
    bare, theirs, ours = medians(
        Command([str(skiff.python), "-c", "pass"], folder),
        Command([str(upstream.python), "-c", IMPORT], folder),
        Command([str(skiff.python), "-c", IMPORT], folder),
        runs=9,
    )
    yield Figure("import: from kfp import dsl, over a bare interpreter", theirs - bare, ours - bare, 0.06)

    def program(python: Python, name: str, text: str) -> Command:
        place = folder / python.python.parent.parent.name
        place.mkdir(exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
        return Command([str(python.python), "-W", "ignore", name], place)

    def pair(name: str, text: str) -> tuple[Command, Command]:
        return program(upstream, name, text), program(skiff, name, text)

    chain = pair("chain.py", CHAIN.format(calls=1000))
    theirs, ours = medians(*chain, runs=3)
    yield Figure("compile a chain of 1,000 calls, whole program", theirs, ours, 0.5)
    their_size, our_size = ((command.folder / "chain.yaml").stat().st_size / 1e6 for command in chain)
    yield Figure("  its YAML, in MB", their_size, our_size, 0.9)
    theirs, looped = medians(*pair("nested.py", NESTED), runs=3)
    yield Figure("compile 1,000 tasks in nested loops, whole program", theirs, looped, 0.5)
    longer = pair("longer.py", CHAIN.format(calls=10_000))
    (our_longer,) = medians(longer[1], runs=3)
    try:
        their_longer, unfinished = longer[0].seconds(PATIENCE), False
    except subprocess.TimeoutExpired:
        their_longer, unfinished = PATIENCE, True
    what = "compile a chain of 10,000 calls, whole program"
    yield Figure(what, their_longer, our_longer, round(11 * ours, 2), unfinished)
