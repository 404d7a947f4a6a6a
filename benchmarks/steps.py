"""One more local step, each in a process of its own, and what a step needs until its function begins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks import step_start
from benchmarks.measure import Command, Figure, medians
from oracle.environments import Python

FEW, MANY = 2, 12

# Upstream's own installation serves its steps here: without that, each would install kfp with pip first.
CHAIN = """\
import sys
from kfp import dsl, local

@dsl.component(base_image='python:3.11', install_kfp_package={install})
def add(a: int, b: int) -> int:
    return a + b

@dsl.pipeline
def chain(x: int) -> int:
    task = add(a=x, b=x)
    for _ in range({steps} - 1):
        task = add(a=task.output, b=x)
    return task.output

local.init(runner=local.SubprocessRunner({runner}))
assert chain(x=1).output == {steps} + 1
"""


def figures(upstream: Python, skiff: Python, folder: Path) -> Iterator[Figure]:
    """Measure a chain of many steps and one of few, and divide the difference by the steps between."""

    def command(python: Python, steps: int, install: bool, runner: str) -> Command:
        script = folder / f"{python.python.parent.parent.name}-{steps}.py"
        script.write_text(CHAIN.format(steps=steps, install=install, runner=runner), encoding="utf-8")
        return Command([str(python.python), "-W", "ignore", str(script)], folder, {"KFP_HOME": str(folder / "home")})

    their_few, our_few, their_many, our_many = medians(
        command(upstream, FEW, False, "use_venv=False"),
        command(skiff, FEW, True, ""),
        command(upstream, MANY, False, "use_venv=False"),
        command(skiff, MANY, True, ""),
        runs=5,
    )
    between = MANY - FEW
    yield Figure("one more local step", (their_many - their_few) / between, (our_many - our_few) / between, 0.06)
    yield Figure(f"a local run of {FEW} steps, whole program", their_few, our_few, their_few)
    yield from step_start.figures(upstream, skiff, folder)
