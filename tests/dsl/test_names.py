from __future__ import annotations

import importlib.util
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from kfp.dsl.names import check_names, undefined_names
from kfp.dsl.source import HEADER, component_source
from kfp.errors import UndefinedNameError

Load = Callable[[str], ModuleType]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Writes a module into `src/` of the working directory and imports it."""
    monkeypatch.chdir(tmp_path)
    Path("src").mkdir()

    def from_text(text: str) -> ModuleType:
        path = tmp_path / "src" / "my_component.py"
        path.write_text("from kfp import dsl\n" + textwrap.dedent(text))
        spec = importlib.util.spec_from_file_location("my_component", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "my_component", module)
        spec.loader.exec_module(module)
        return module

    return from_text


DEFINED = {
    "parameters, builtins and locals": """
        def f(a: int):
            b = a
            print(len(str(b)), __name__, __file__)
    """,
    "imports inside": """
        def f(a: int):
            import os.path
            from json import dumps as d
            os.getcwd(), d(a)
    """,
    "conditional imports": """
        def f(a: int):
            if a:
                import json
            else:
                json = None
            json
    """,
    "nested functions": """
        def f(a: int):
            def g(b):
                return b + a + h()
            def h():
                return g
            g(1)
    """,
    "recursion": """
        def f(a: int):
            f(a)
    """,
    "comprehensions": """
        def f(a: int):
            [x + y for x in [a] for y in [x] if y]
            {k: v for k, v in {}.items()}
    """,
    "generators and lambdas": """
        def f(a: int):
            any(x for x in [])
            (lambda q, *r, **s: q + r + s)(1)
    """,
    "walrus": """
        def f(a: int):
            if (n := a):
                print(n)
            [m := i for i in []]
            m
    """,
    "classes": """
        def f(a: int):
            class C:
                x = a
                y = x
                def m(self):
                    return __class__, C
            C
    """,
    "except as": """
        def f(a: int):
            try:
                pass
            except ValueError as error:
                print(error)
    """,
    "with, for, match": """
        def f(a: int):
            with open('x') as w:
                for i, (j, *k) in []:
                    w, i, j, k
    """,
    "globals": """
        def f(a: int):
            global state
            state = a
            def g():
                return state
    """,
    "globals of an inner function": """
        def f(a: int):
            def g():
                global s
                s = 1
            g()
            return s
    """,
    "del": """
        def f(a: int):
            b = 1
            del b
    """,
    "annotations of the header": """
        def f(a: dsl.Input[dsl.Dataset], b: 'int' = 3, *, c: float = 1.0):
            x: Undefined = 1
    """,
    "names that may be missing": """
        def f(a: int):
            try:
                unicode
            except NameError:
                pass
    """,
    "exec": """
        def f(a: int):
            exec('q = 1')
            print(q)
    """,
    "names of the header": """
        def f(a: int):
            kfp.__version__, dsl.Dataset, Dataset, Optional[int], NamedTuple
    """,
    "type parameters of typing": """
        def f(a: int):
            x: List[int] = []
            return cast(int, x)
    """,
}


@pytest.mark.parametrize("function", DEFINED.values(), ids=DEFINED.keys())
@pytest.mark.parametrize("decorator", ["@dsl.component", "@dsl.component(target_image='i')"])
def test_defined_names_pass(load: Load, function: str, decorator: str) -> None:
    header = "import kfp\nfrom kfp.dsl import *\nfrom typing import *\n" if "target" in decorator else ""
    text = header + decorator + "\n" + textwrap.dedent(function)
    assert undefined_names(load(text).f) == []


def test_a_function_called_as_python_calls_a_modules_scope(load: Load) -> None:
    text = "@dsl.component(target_image='i')\ndef top(a: int):\n    global b\n    b = c = a\n    return a, b, c, d\n"
    assert [found.name for found in undefined_names(load(text).top)] == ["d"]


def test_a_misspelt_parameter_is_found_with_file_and_line(load: Load) -> None:
    module = load(
        """
        def add_numbers(x, y):
            return x + y

        @dsl.component(target_image='localhost:5000/a:v1')
        def add(a: int, b: int) -> int:
            return add_numbers(num1, num2)
        """
    )
    with pytest.raises(UndefinedNameError) as caught:
        check_names(module.add)
    where = Path("src") / "my_component.py"
    assert str(caught.value) == (
        f"{where}:8: name 'num1' is not defined in component 'add' (nor 'num2')\nhint: its parameters are a, b"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import json\nPLACE\n    json.dumps(a)", "write `import json` inside the function"),
        ("import os.path as p\nPLACE\n    p.join(a)", "write `import posixpath as p` inside the function"),
        ("from json import dumps\nPLACE\n    dumps(a)", "write `from json import dumps` inside the function"),
        ("def helper(x): pass\nPLACE\n    helper(a)", "add it to additional_funcs=[helper] or define it inside"),
        (
            "from typing import NamedTuple\nclass R(NamedTuple):\n    a: int\nPLACE\n    R(a)",
            "write NamedTuple('R', ...)",
        ),
        ("LIMIT = 3\nPLACE\n    LIMIT", "define it inside the function or pass it as an input"),
        ("PLACE\n    number_of_things = 1\n    print(nubmer_of_things)", "did you mean 'number_of_things'?"),
        ("PLACE\n    print(prnt)", "its parameters are a"),
    ],
)
def test_the_hint_suits_the_case(load: Load, text: str, message: str) -> None:
    module = load(text.replace("PLACE", "@dsl.component\ndef f(a: int):"))
    with pytest.raises(UndefinedNameError) as caught:
        check_names(module.f)
    assert message in str(caught.value)


def test_a_variable_of_the_function_around_is_named(load: Load) -> None:
    module = load(
        """
        def make():
            factor = 3

            @dsl.component
            def f(a: int) -> int:
                return a * factor

            return f

        component = make()
        """
    )
    with pytest.raises(UndefinedNameError, match=r"my_component\.py:8: name 'factor'.*\n.*function around it"):
        check_names(module.component)


def test_additional_functions_are_defined_and_checked(load: Load) -> None:
    module = load(
        """
        def helper(x):
            return other(x)

        @dsl.component(additional_funcs=[helper])
        def f(a: int) -> int:
            return helper(a)
        """
    )
    found = undefined_names(module.f)
    assert [(name.name, name.line) for name in found] == [("other", 4)]


def test_a_containerized_function_sees_its_module(load: Load) -> None:
    module = load(
        """
        import json

        def start():
            global connection
            connection = 1

        @dsl.component(target_image='i')
        def f(a: int):
            json, later, connection, LATER

        def later(): pass
        LATER = 1
        """
    )
    assert undefined_names(module.f) == []


def test_a_containerized_typo_is_matched_with_the_module(load: Load) -> None:
    module = load(
        "def add_numbers(x): pass\n@dsl.component(target_image='i')\ndef f(a: int):\n    return add_nubmers(a)\n"
    )
    with pytest.raises(UndefinedNameError, match="did you mean 'add_numbers'"):
        check_names(module.f)


def test_annotations_bring_their_imports(load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lib_artifacts.py").write_text(
        "from kfp import dsl\nclass Table(dsl.Artifact):\n"
        "    schema_title = 'google.Table'\n    schema_version = '1.0.0'\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    module = load(
        """
        import typing as t
        import lib_artifacts
        from lib_artifacts import Table
        from lib_artifacts import Table as T2

        @dsl.component
        def f(a: dsl.Input[Table], b: dsl.Output[lib_artifacts.Table], c: t.List[int], d: dsl.Input[T2]) -> int:
            return 1
        """
    )
    assert undefined_names(module.f) == []
    assert component_source(module.f).startswith(
        HEADER
        + "from lib_artifacts import Table\nimport lib_artifacts\nimport typing as t\n"
        + "from lib_artifacts import Table as T2\n\ndef f("
    )
    monkeypatch.delitem(sys.modules, "lib_artifacts")
