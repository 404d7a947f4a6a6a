"""How long a step takes to come to its function, beyond a bare interpreter's start."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Command, Figure, medians
from oracle.environments import Python

COMPONENT = """\
from kfp import dsl

@dsl.component(base_image='python:3.11', target_image='localhost/step/start:1')
def add(a: int, b: int) -> int:
    return a + b
"""
COMPILE = """\
import json, sys
from kfp import compiler, dsl
import yaml

@dsl.component(base_image='python:3.11', install_kfp_package={install})
def add(a: int, b: int) -> int:
    return a + b

@dsl.pipeline
def once(x: int) -> int:
    return add(a=x, b=x).output

compiler.Compiler().compile(once, 'once.yaml')
document = next(yaml.safe_load_all(open('once.yaml')))
container = document['deploymentSpec']['executors']['exec-add']['container']
json.dump(container['command'] + container['args'], open('command.json', 'w'))
"""
BUNDLE = "from pathlib import Path; from kfp import bundle; print(bundle.directory(Path('runtime')))"


def figures(upstream: Python, skiff: Python, folder: Path) -> Iterator[Figure]:
    """Start a lightweight and a containerized component's step as a container would: without bytecode of ours."""
    theirs, ours = _Start(upstream, folder / "upstream"), _Start(skiff, folder / "skiff")
    for name, target in (("containerized", 0.1), ("lightweight", 0.1)):
        bare, their, our = medians(
            Command([str(skiff.python), "-c", "pass"], ours.folder),
            getattr(theirs, name)(install=False),
            getattr(ours, name)(install=True),
            runs=9,
        )
        yield Figure(f"start of a {name} step, beyond bare Python", their - bare, our - bare, target)


class _Start:
    """The commands of one implementation's steps."""

    def __init__(self, python: Python, folder: Path) -> None:
        folder.mkdir()
        self.python, self.folder = python, folder
        outputs = {
            "parameters": {"Output": {"outputFile": str(folder / "Output")}},
            "outputFile": str(folder / "o.json"),
        }
        self.input = json.dumps({"inputs": {"parameterValues": {"a": 1, "b": 2}}, "outputs": outputs})

    def containerized(self, *, install: bool) -> Command:
        (self.folder / "component.py").write_text(COMPONENT, encoding="utf-8")
        (self.folder / "kfp_config.ini").write_text("[Components]\nadd = component.py\n\n", encoding="utf-8")
        arguments = ["-m", "kfp.dsl.executor_main", "--executor_input", self.input, "--function_to_execute", "add"]
        environment = {"PYTHONDONTWRITEBYTECODE": "1"}
        if install:  # what an image of ours has: the runtime's text, on PYTHONPATH
            self._run("-c", BUNDLE)
            (runtime,) = (self.folder / "runtime").iterdir()
            environment.update(PYTHONPATH=str(runtime), PYTHONSAFEPATH="1")
        return Command([str(self.python.python), *arguments], self.folder, environment)

    def lightweight(self, *, install: bool) -> Command:
        script = self.folder / "compile_it.py"
        script.write_text(COMPILE.format(install=install), encoding="utf-8")
        self._run("-W", "ignore", str(script))
        words = json.loads((self.folder / "command.json").read_text(encoding="utf-8"))
        path = f"{self.python.python.parent}:/usr/local/bin:/usr/bin:/bin"
        return Command([self.input if word == "{{$}}" else word for word in words], self.folder, {"PATH": path})

    def _run(self, *arguments: str) -> None:
        Command([str(self.python.python), *arguments], self.folder, {"KFP_HOME": str(self.folder / "home")}).seconds()
