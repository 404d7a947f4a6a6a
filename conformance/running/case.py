"""A pipeline that runs, and what comes of it.

    @runs(given(x=2).makes("big"), given(x=0).makes("small").skips("condition-2"))
    def compare(x: int) -> str: ...

Nothing is made of the function before a case is compiled or called. This module knows nothing of `kfp`, and works with
either one's.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Text:
    """Expects a text that a regular expression matches whole."""

    pattern: str


@dataclass(frozen=True)
class Art:
    """Expects an artifact.

    Attributes:
        title: its schema's title.
        content: the text of its file; None where it has none, or where it does not matter.
        metadata: its metadata.
        uri: a regular expression that its URI matches whole.
    """

    title: str = "system.Artifact"
    content: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    uri: str = ".+"


@dataclass(frozen=True)
class Given:
    """One run: the arguments, and what comes of them.

    Attributes:
        arguments: by input name; the text `{files}` in one stands for a directory with the case's files.
        outputs: the pipeline's outputs; all of them.
        skipped: the tasks that are skipped, by their paths: all of them, without those inside of a skipped one; None
            where the outputs tell: branches alone, if the run succeeds.
        error: a part of what a failed run says; None where it succeeds.
        made: the outputs of tasks, by their paths.
        attempts: how many attempts tasks took, by their paths.
    """

    arguments: Mapping[str, Any]
    outputs: Mapping[str, Any] = field(default_factory=dict)
    skipped: frozenset[str] | None = None
    error: str | None = None
    made: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    attempts: Mapping[str, int] = field(default_factory=dict)

    def makes(self, *output: Any, **outputs: Any) -> Given:
        """Expect an output named `Output`, or named outputs."""
        return replace(self, outputs={"Output": output[0]} if output else outputs)

    def skips(self, *paths: str) -> Given:
        """Expect these tasks to be skipped, and no other."""
        return replace(self, skipped=frozenset(paths))

    def fails(self, message: str) -> Given:
        """Expect the run to fail and to say this."""
        return replace(self, error=message)

    def within(self, path: str, *output: Any, **outputs: Any) -> Given:
        """Expect a task to have made an output named `Output`, or named outputs: all of its own."""
        return replace(self, made={**self.made, path: {"Output": output[0]} if output else outputs})

    def tries(self, path: str, attempts: int) -> Given:
        """Expect a task to have taken a number of attempts."""
        return replace(self, attempts={**self.attempts, path: attempts})


def given(**arguments: Any) -> Given:
    """Begin to say what comes of a run with these arguments."""
    return Given(arguments)


@dataclass(frozen=True)
class Case:
    """One pipeline and its runs.

    Attributes:
        feature: the module's name.
        name: the function's name, which says what is covered.
        function: what `dsl.pipeline` decorates, or, where `is_component`, returns a component.
        runs: what comes of it.
        is_component: whether a component runs on its own.
        settings: keyword arguments of `dsl.pipeline`; a callable among them is called first.
        files: texts of the files in the case's directory, by name.
        only: why only Skiff runs it, such as what its author cannot write for upstream; empty where both do.
    """

    feature: str
    name: str
    function: Callable[..., Any]
    runs: tuple[Given, ...]
    is_component: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    only: str = ""

    @property
    def id(self) -> str:
        """The feature and the name."""
        return f"{self.feature}.{self.name}"

    def make(self) -> Any:
        """Return the pipeline or component, made by the `kfp` that is installed."""
        from kfp import dsl  # noqa: PLC0415 - of whichever distribution this Python has

        if self.is_component:
            return self.function()
        settings = {key: value() if callable(value) else value for key, value in self.settings.items()}
        return dsl.pipeline(self.function, **settings)

    def compile(self, path: Path) -> None:
        """Write the case's document with the `kfp` that is installed."""
        from kfp import compiler  # noqa: PLC0415

        compiler.Compiler().compile(self.make(), package_path=str(path))

    def arguments(self, run: Given, folder: Path) -> dict[str, Any]:
        """Return the arguments of a run, its files written to a directory."""
        for name, text in self.files.items():
            (folder / name).write_text(text, encoding="utf-8")
        return {name: _placed(value, str(folder)) for name, value in run.arguments.items()}


def runs(*expected: Given, only: str = "", files: Mapping[str, str] | None = None, **settings: Any) -> Any:
    """Declare a case from a pipeline's function.

    Args:
        expected: its runs.
        only: why only Skiff runs it.
        files: texts of files by name, for arguments with `{files}`.
        settings: keyword arguments of `dsl.pipeline`; a callable among them is called first.
    """
    return lambda function: Case(
        _feature(function), function.__name__, function, expected, settings=settings, files=files or {}, only=only
    )


def component_runs(*expected: Given, only: str = "", files: Mapping[str, str] | None = None) -> Any:
    """Declare a case from a function that returns a component or a pipeline."""
    return lambda function: Case(
        _feature(function), function.__name__, function, expected, is_component=True, files=files or {}, only=only
    )


def cases() -> Iterator[Case]:
    """Return every case, by module and in the order in which they are written."""
    package = importlib.import_module("conformance.running.cases")
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name):
        loaded = importlib.import_module(f"conformance.running.cases.{module.name}")
        yield from (value for value in list(vars(loaded).values()) if isinstance(value, Case))


def _feature(function: Callable[..., Any]) -> str:
    return function.__module__.rpartition(".")[2]


def _placed(value: Any, folder: str) -> Any:
    if isinstance(value, str):
        return value.replace("{files}", folder)
    if isinstance(value, list):
        return [_placed(each, folder) for each in value]
    return {key: _placed(each, folder) for key, each in value.items()} if isinstance(value, dict) else value
