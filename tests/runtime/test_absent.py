from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from kfp.errors import RunError
from kfp.runtime import absent


@pytest.fixture(autouse=True)
def _step() -> Iterator[None]:
    finders, modules = list(sys.meta_path), set(sys.modules)
    absent.install()
    yield
    sys.meta_path[:] = finders
    for name in set(sys.modules) - modules:
        del sys.modules[name]


def missing() -> ModuleType:
    return importlib.import_module("kfp.dsl.not_in_a_step.inner")


def test_importing_works_and_using_says_where_it_is_missing() -> None:
    thing: Any = missing().Thing
    uses = [
        thing,
        lambda: thing.attribute,
        lambda: thing[0],
        lambda: isinstance(1, thing),
        lambda: str(thing),
    ]
    for use in uses:
        with pytest.raises(RunError, match=r"kfp\.dsl\.not_in_a_step\.inner\.Thing is not available inside a step"):
            use()


def test_a_class_cannot_be_derived_from_it() -> None:
    thing: Any = missing().Thing
    with pytest.raises(RunError, match="not available inside a step"):

        class _Derived(thing): ...  # type: ignore[misc]  # deriving is the test


def test_looking_at_it_is_no_use_of_it() -> None:
    thing = missing().Thing
    assert "not loaded in this step" in repr(thing)
    assert not hasattr(thing, "__wrapped__")
    assert not hasattr(missing(), "__wrapped__")


@pytest.mark.parametrize("name", ["kfp_of_somebody_else", "kfp.v1"])
def test_what_never_was_a_part_stays_missing(name: str) -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(name)


def test_a_deferred_name_is_the_real_thing_when_it_is_there() -> None:
    namespace: dict[str, Any] = {"kept": 1}
    absent.defer(namespace, {"Fraction": "fractions", "Artifact": "kfp.runtime.artifacts", "kept": "fractions"})
    assert namespace.keys() == {"kept", "Fraction"}
    half = namespace["Fraction"](1, 2)
    assert isinstance(half, namespace["Fraction"])
    assert namespace["Fraction"].from_float(0.5) == half
