"""A case: a pipeline of the corpus, which either compiler makes and compiles when it is asked to.

A corpus module writes pipelines as functions. Nothing of them is evaluated before a case is compiled, so a feature that
one side lacks fails its own cases alone. This module knows nothing of `kfp`, and works with either one's.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Case:
    """One pipeline, component, or mistake.

    Attributes:
        feature: the corpus module's name.
        name: the function's name, which says what is covered.
        make: returns the component to compile.
        options: keyword arguments of `Compiler.compile`.
        suffix: the document's form, `.yaml` or `.json`.
        wrong: whether both sides must refuse it.
    """

    feature: str
    name: str
    make: Callable[[], Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    suffix: str = ".yaml"
    wrong: bool = False

    @property
    def id(self) -> str:
        """The feature and the name."""
        return f"{self.feature}.{self.name}"

    def compile(self, path: Path) -> None:
        """Write the case's document with the `kfp` that is installed."""
        from kfp import compiler  # noqa: PLC0415 - of whichever distribution this Python has

        made = self.make()
        options = {key: value() if callable(value) else value for key, value in self.options.items()}
        compiler.Compiler().compile(made, package_path=str(path), **options)


def _feature(function: Callable[..., Any]) -> str:
    return function.__module__.rpartition(".")[2]


def pipeline(
    function: Callable[..., Any] | None = None,
    *,
    compile_with: Mapping[str, Any] | None = None,
    suffix: str = ".yaml",
    **settings: Any,
) -> Any:
    """Declare a case from a pipeline's function.

    Args:
        function: what `dsl.pipeline` will decorate.
        compile_with: keyword arguments of `Compiler.compile`; a callable among them is called first.
        suffix: the document's form.
        settings: keyword arguments of `dsl.pipeline`; a callable among them is called first.
    """
    if function is None:
        return lambda function: pipeline(function, compile_with=compile_with, suffix=suffix, **settings)

    def make() -> Any:
        from kfp import dsl  # noqa: PLC0415

        evaluated = {key: value() if callable(value) else value for key, value in settings.items()}
        return dsl.pipeline(function, **evaluated)

    return Case(_feature(function), function.__name__, make, compile_with or {}, suffix)


def component(function: Callable[[], Any] | None = None, *, compile_with: Mapping[str, Any] | None = None) -> Any:
    """Declare a case from a function that returns what is compiled: a component or a pipeline."""
    if function is None:
        return lambda function: component(function, compile_with=compile_with)
    return Case(_feature(function), function.__name__, function, compile_with or {})


def wrong(function: Callable[[], Any]) -> Case:
    """Declare a mistake: making or compiling what the function returns must fail on both sides."""
    return Case(_feature(function), function.__name__, function, wrong=True)


def corpus() -> Iterator[Case]:
    """Return every case, by module and in the order in which they are written."""
    package = importlib.import_module("conformance.corpus")
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name):
        loaded = importlib.import_module(f"conformance.corpus.{module.name}")
        yield from (value for value in vars(loaded).values() if isinstance(value, Case))
