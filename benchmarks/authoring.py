"""What a user waits for before anything runs: the import, and the compiler."""

from __future__ import annotations

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


def figures(upstream: Python, skiff: Python, folder: Path) -> Iterator[Figure]:
    """Measure the import over a bare interpreter, and the compilation of a chain of 1,000 calls."""
    bare, theirs, ours = medians(
        Command([str(skiff.python), "-c", "pass"], folder),
        Command([str(upstream.python), "-c", IMPORT], folder),
        Command([str(skiff.python), "-c", IMPORT], folder),
        runs=9,
    )
    yield Figure("import: from kfp import dsl, over a bare interpreter", theirs - bare, ours - bare, 0.06)
    (folder / "chain.py").write_text(CHAIN.format(calls=1000), encoding="utf-8")
    theirs, ours = medians(
        Command([str(upstream.python), "-W", "ignore", "chain.py"], folder),
        Command([str(skiff.python), "chain.py"], folder),
        runs=3,
    )
    yield Figure("compile a chain of 1,000 calls, whole program", theirs, ours, 0.5)
