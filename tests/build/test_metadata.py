from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kfp import dsl
from kfp.build.metadata import metadata
from kfp.compiler.compile import document
from kfp.dsl.python_component import PythonComponent
from kfp.errors import SkiffError
from kfp.ir.files import dumps


def component(func: Callable[..., Any], **settings: Any) -> PythonComponent:
    func.__name__ = "add"
    return dsl.component(**{"base_image": "localhost/base:1", "target_image": "localhost/a:1", **settings})(func)


def add(a: int, b: int = 1) -> int:
    return a + b


def compiled(made: PythonComponent) -> bytes:
    return dumps(document(made)).encode()


def test_the_text_is_the_compilers_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = compiled(component(add))
    assert metadata(component(add), tmp_path / "metadata") == expected
    monkeypatch.setattr("kfp.compiler.compile.document", None)
    assert metadata(component(add), tmp_path / "metadata") == expected


def with_other_default(a: int, b: int = 2) -> int:
    return a + b


def with_other_type(a: int, b: float = 1) -> int:
    return a + int(b)


def with_docstring(a: int, b: int = 1) -> int:
    """Add.

    Args:
        a: one.
        b: the other.
    """
    return a + b


@pytest.mark.parametrize(
    "changed",
    [
        component(with_other_default),
        component(with_other_type),
        component(with_docstring),
        component(add, target_image="localhost/b:1"),
    ],
    ids=["default", "type", "docstring", "image"],
)
def test_another_interface_has_another_text(changed: PythonComponent, tmp_path: Path) -> None:
    before = metadata(component(add), tmp_path / "metadata")
    assert metadata(changed, tmp_path / "metadata") == compiled(changed) != before


def test_a_setting_of_the_compiler_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = metadata(component(add), tmp_path / "metadata")
    monkeypatch.setenv("KFP_DISABLE_EXECUTION_CACHING_BY_DEFAULT", "true")
    assert metadata(component(add), tmp_path / "metadata") == compiled(component(add)) != before


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"text": 1}', b'{"text": "\\ud800"}'])
def test_a_damaged_record_is_made_again(tmp_path: Path, damage: bytes) -> None:
    expected = metadata(component(add), tmp_path / "metadata")
    (record,) = (tmp_path / "metadata").iterdir()
    record.write_bytes(damage)
    assert metadata(component(add), tmp_path / "metadata") == expected
    assert record.read_bytes() != damage


def test_without_a_cache_it_is_compiled(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_bytes(b"")
    assert metadata(component(add), place / "cache") == compiled(component(add))


def test_what_cannot_be_compiled_is_told_every_time(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(SkiffError):
            metadata(component(with_wrong_default), tmp_path / "metadata")


def with_wrong_default(a: int, b: int = "x") -> int:  # type: ignore[assignment]
    return a
