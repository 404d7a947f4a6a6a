from __future__ import annotations

import dataclasses
import linecache
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kfp.dsl.source import function_source
from kfp.errors import AuthoringError


def decorated(**_settings: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return lambda func: func


@decorated(
    a=[
        1,
    ],
    b="def inner(): pass",
)
@decorated()
def top(a: int) -> int:
    # a comment
    return a  # the end


class Holder:
    @decorated()
    @staticmethod
    def method(a: int) -> str:
        text = """
  less
                more
"""
        # fmt: off
        values = [
    1,
        ]
        # fmt: on
        return f"{text}{values}{a}"


def test_decorators_go() -> None:
    source = function_source(top)
    assert source.text == "def top(a: int) -> int:\n    # a comment\n    return a  # the end\n"
    assert Path(source.path).samefile(__file__)
    assert Path(__file__).read_text().splitlines()[source.line - 1] == "def top(a: int) -> int:"


def test_methods_move_to_the_margin_and_texts_stay() -> None:
    text = function_source(Holder.method).text
    assert text.startswith("def method(a: int) -> str:\n    text = ")
    namespace: dict[str, Any] = {}
    exec(text, namespace)  # noqa: S102 - that it is a function of its own is the point
    assert namespace["method"](3) == Holder.method(3)
    assert "\n        values = [" not in text


def test_tabs_and_one_line_bodies(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text("if True:\n\tif True:\n\t\tdef f(a: int): return a\n\n\t\tdef g(a: int):\n\t\t\treturn a")
    namespace: dict[str, Any] = {}
    exec(compile(path.read_text(), str(path), "exec"), namespace)  # noqa: S102
    assert function_source(namespace["f"]).text == "def f(a: int): return a\n"
    assert function_source(namespace["g"]).text == "def g(a: int):\n\treturn a\n"


def test_async_functions_and_wrapped_ones() -> None:
    import functools

    @functools.wraps(top)
    def wrapper(a: int) -> int:
        return a

    async def later() -> None:
        pass

    assert function_source(wrapper).text.startswith("def top(")
    assert function_source(later).text == "async def later() -> None:\n    pass\n"


def test_a_notebook_cell_is_read_from_linecache() -> None:
    text = "def cell(a: int) -> int:\n    return a\n"
    name = "<ipython-input-1-abc>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    try:
        exec(compile(text, name, "exec"), namespace)  # noqa: S102
        assert function_source(namespace["cell"]).text == text
    finally:
        linecache.cache.pop(name)


def test_a_function_without_source_gives_a_clear_error() -> None:
    namespace: dict[str, Any] = {}
    exec("def ghost(a: int): pass", namespace)  # noqa: S102
    with pytest.raises(AuthoringError, match=r"<string>:1: the source of component function 'ghost' cannot be read"):
        function_source(namespace["ghost"])


def test_a_lambda_gives_a_clear_error() -> None:
    with pytest.raises(AuthoringError, match="lambda"):
        function_source(lambda a: a)


def test_inspect_loads_only_where_a_source_is_read() -> None:
    import subprocess

    code = "import sys\nfrom kfp.dsl import component, pipeline\nprint(sorted({'inspect', 'ast'} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@dataclasses.dataclass
class Pair:
    """A class that a component function uses."""

    left: int = 1


def test_a_class_keeps_its_decorators() -> None:
    source = function_source(Pair)
    assert source.text.startswith("@dataclasses.dataclass\nclass Pair:\n")
    assert source.text.endswith("    left: int = 1\n")
    assert source.path == __file__
