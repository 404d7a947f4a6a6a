"""A pytest plugin for upstream's tests: stand-ins for upstream's private modules, and a report as JSON.

A test file imports private modules beside public ones. With stand-ins its public tests can run; a test that uses a
stand-in fails, and is reported as private. `SKIFF_CONFORMANCE_REPORT` names the file to
write; `SKIFF_STAND_INS`, if not empty, asks for stand-ins.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import json
import os
import pkgutil
import sys
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

_PUBLIC = {"kfp", "kfp.dsl", "kfp.compiler", "kfp.components", "kfp.kubernetes", "kfp.local", "kfp.errors"}
_ROOMS = ("compiler", "dsl")


class UsesPrivate(Exception):
    """A test reached for what is private to upstream."""


class Phase:
    """Whether tests run, or are being collected."""

    running = False


class StandIn:
    """What a private name gives: anything while tests are collected, an exception in a test."""

    def __init__(self, name: str) -> None:
        """Remember the name."""
        self._name = name

    def _use(self, *_: Any, **__: Any) -> Any:
        if Phase.running:
            raise UsesPrivate(self._name)
        return StandIn(f"{self._name}(...)")

    __call__ = __getitem__ = __or__ = __ror__ = _use

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return StandIn(f"{self._name}.{name}")._use()  # noqa: SLF001 - of the same class

    def __eq__(self, other: object) -> Any:
        return self is other if not Phase.running else self._use()

    def __iter__(self) -> Iterator[Any]:
        return iter((self._use(),))

    def __hash__(self) -> int:
        return id(self)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return ()


class StandInModule(types.ModuleType):
    """A private module, or one of ours that lacks some of the names of upstream's."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        public = _moved(name)
        if public is not None:
            return public
        if Phase.running:
            raise UsesPrivate(f"{self.__name__}.{name}")
        return StandIn(f"{self.__name__}.{name}")


def _moved(name: str) -> Any:
    """Return what is public here under another module's name: exceptions, and the options of the compiler."""
    for home in ("kfp.errors", "kfp.compiler"):
        if name.endswith("Exception") or name == "KubernetesManifestOptions":
            found = getattr(importlib.import_module(home), name, None)
            if found is not None:
                return found
    return None


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a stand-in for each module of `kfp` that no other finder finds."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for names below `kfp`."""
        if not name.startswith("kfp.") or name in _PUBLIC:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Return the stand-in."""
        return StandInModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Leave it empty."""


def pytest_configure() -> None:
    """Install the stand-ins, beside and inside the modules that exist."""
    if not os.environ.get("SKIFF_STAND_INS"):
        return
    for room in _ROOMS:
        package = importlib.import_module(f"kfp.{room}")
        for found in pkgutil.walk_packages(package.__path__, f"kfp.{room}."):
            module = importlib.import_module(found.name)
            if type(module) is types.ModuleType:
                module.__class__ = StandInModule
    sys.meta_path.append(Finder())


_RESULTS: dict[str, dict[str, Any]] = {}


def pytest_collection_finish() -> None:
    """From here on, stand-ins are refused."""
    Phase.running = True


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Note a file that cannot be imported."""
    if report.failed:
        _RESULTS[report.nodeid] = {"passed": False, "private": False, "message": str(report.longrepr)[-1500:]}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Iterator[Any]:
    """Note what came of a test."""
    report = yield  # unittest's exception is in `call` from here on
    raised = call.excinfo.value if call.excinfo else None
    if raised is not None and not isinstance(raised, pytest.skip.Exception):
        message = f"{type(raised).__name__}: {raised}"
        _RESULTS[item.nodeid] = {"passed": False, "private": _is_private(raised), "message": message[:1500]}
    elif call.when == "call":
        _RESULTS.setdefault(item.nodeid, {"passed": True, "private": False, "message": ""})
    return report


def _is_private(error: BaseException | None) -> bool:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, UsesPrivate):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False


def pytest_sessionfinish() -> None:
    """Write the report."""
    Path(os.environ["SKIFF_CONFORMANCE_REPORT"]).write_text(json.dumps(_RESULTS, indent=1), encoding="utf-8")
