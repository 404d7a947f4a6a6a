from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kfp.errors import RunError
from kfp.runtime import loader
from kfp.runtime.safe_path import MEMBERS


@pytest.fixture(autouse=True)
def _process_as_before() -> Iterator[None]:
    modules, finders, path = dict(sys.modules), list(sys.meta_path), list(sys.path)
    yield
    sys.meta_path[:] = finders
    sys.path[:] = path
    for name in set(sys.modules) - set(modules):
        del sys.modules[name]


def write(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_relative_and_absolute_imports_give_the_same_module(tmp_path: Path) -> None:
    write(tmp_path, component="from . import assist\nimport assist as plain\n", assist="K = 3\n")
    module = loader.load_module(tmp_path, "component.py")
    assert module.assist is module.plain
    assert module.__name__ == f"{MEMBERS}.component"
    assert module.assist.K == 3


def test_siblings_import_each_other_in_a_circle(tmp_path: Path) -> None:
    write(tmp_path, component="import assist\nX = 1\n", assist="import component\nfrom . import component as same\n")
    module = loader.load_module(tmp_path, "component.py")
    assert module.assist.component is module
    assert module.assist.same is module


@pytest.mark.parametrize("name", ["math", "types", "json", "random"])
def test_the_standard_library_wins_over_siblings(tmp_path: Path, name: str) -> None:
    write(tmp_path, component=f"import {name}\nfrom . import {name} as sibling\n", **{name: "SIBLING = True\n"})
    module = loader.load_module(tmp_path, "component.py")
    assert getattr(module, name) is sys.modules[name]
    assert module.sibling.SIBLING


def test_siblings_win_over_installed_packages(tmp_path: Path) -> None:
    write(tmp_path, component="import packaging\n", packaging="SIBLING = True\n")
    before = sys.modules.pop("packaging", None)
    try:
        assert loader.load_module(tmp_path, "component.py").packaging.SIBLING
    finally:
        sys.modules.pop("packaging")
        if before is not None:
            sys.modules["packaging"] = before


def test_a_mere_directory_hides_no_package(tmp_path: Path) -> None:
    (tmp_path / "iniconfig").mkdir()
    (tmp_path / "iniconfig" / "notes.txt").write_text("data")
    write(tmp_path, component="import iniconfig\nimport plain.inner\n", plain__inner="X = 1\n")
    sys.modules.pop("iniconfig", None)
    module = loader.load_module(tmp_path, "component.py")
    assert hasattr(module.iniconfig, "IniConfig")
    assert module.plain.inner.X == 1


def test_kfp_is_never_a_sibling(tmp_path: Path) -> None:
    write(tmp_path, component="import kfp.errors\n", kfp="SIBLING = True\n")
    assert loader.load_module(tmp_path, "component.py").kfp is sys.modules["kfp"]


def test_nested_packages(tmp_path: Path) -> None:
    inner = "from ...assist import K\nfrom assist import K as same\nimport pkg.deep\nfrom .. import deep\n"
    write(tmp_path, component="from pkg.deep.inner import K\n", assist="K = []\n", pkg__deep__inner=inner)
    (tmp_path / "pkg" / "__init__.py").touch()
    (tmp_path / "pkg" / "deep" / "__init__.py").touch()
    module = loader.load_module(tmp_path, "pkg/deep/inner.py")
    assert module.K is module.same
    assert module.pkg.deep is module.deep
    assert loader.load_module(tmp_path, "component.py").K is module.K
    assert loader.load_module(tmp_path, "pkg/__init__.py") is module.pkg


def test_another_root_forgets_the_first(tmp_path: Path) -> None:
    first = write(tmp_path / "first", component="import assist\n", assist="WHO = 1\n")
    second = write(tmp_path / "second", component="import assist\n", assist="WHO = 2\n")
    assert loader.load_module(first, "component.py").assist.WHO == 1
    assert loader.load_module(second, "component.py").assist.WHO == 2
    assert loader.load_module(first, "component.py").assist.WHO == 1


def test_a_failing_module_fails_with_its_own_error(tmp_path: Path) -> None:
    write(tmp_path, component="import assist\n", assist="1 / 0\n")
    with pytest.raises(ZeroDivisionError):
        loader.load_module(tmp_path, "component.py")


def test_a_package_with_its_own_init(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text("NAME = 'root'\n")
    write(tmp_path, component="from . import NAME\n")
    assert loader.load_module(tmp_path, "component.py").NAME == "root"


def test_load_file(tmp_path: Path) -> None:
    path = tmp_path / "ephemeral_component.py"
    path.write_text("class Row: ...\ndef f() -> int:\n    return 1\n")
    module = loader.load_file(str(path))
    assert module.Row.__module__ == "ephemeral_component"
    assert sys.modules["ephemeral_component"] is module
    assert loader.function_in(module, "f")() == 1
    with pytest.raises(RunError, match=r"ephemeral_component\.py defines no function 'g'"):
        loader.function_in(module, "g")


def test_a_component_object_gives_its_function(tmp_path: Path) -> None:
    path = tmp_path / "ephemeral_component.py"
    path.write_text("class C:\n    def python_func(): return 5\nf = C\n")
    assert loader.function_in(loader.load_file(str(path)), "f")() == 5


def test_config(tmp_path: Path) -> None:
    config = tmp_path / "kfp_config.ini"
    with pytest.raises(RunError, match=r"no kfp_config\.ini"):
        loader.module_of(str(tmp_path), "add")
    config.write_text("# built\n[Other]\nadd = x.py\n\n[Components]\nadd = my_component.py\nsub=pkg/deep.py\n")
    assert loader.module_of(str(tmp_path), "add") == "my_component.py"
    assert loader.module_of(str(tmp_path), "sub") == "pkg/deep.py"
    with pytest.raises(RunError, match="names no component 'mul'; it has add, sub"):
        loader.module_of(str(tmp_path), "mul")
