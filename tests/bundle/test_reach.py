from __future__ import annotations

import pytest

from kfp.bundle.reach import reach

CASES = {
    "what is used, and what that uses": (
        {"a": "def f():\n return g()\ndef g():\n return X\nX=1\nY=2\ndef h():\n return f()\n"},
        [("a", "f")],
        {"a": "def f():\n return g()\ndef g():\n return X\nX=1\n"},
    ),
    "imports name what is needed": (
        {"a": "from b import f,g as h,k\nimport os,sys\ndef m():\n return h(os)\n", "b": "def f():0\ndef g():0\nk=1\n"},
        [("a", "m")],
        {"a": "from b import g as h\nimport os\ndef m():\n return h(os)\n", "b": "def g():0\n"},
    ),
    "attributes of modules": (
        {"a": "from p import b\ndef m():\n return b.f()\n", "p": "", "p.b": "def f():0\ndef g():0\n"},
        [("a", "m")],
        {"a": "from p import b\ndef m():\n return b.f()\n", "p.b": "def f():0\n"},
    ),
    "imports inside functions": (
        {"a": "def m():\n from b import f\n return f\n", "b": "def f():0\ndef g():0\n"},
        [("a", "m")],
        {"a": "def m():\n from b import f\n return f\n", "b": "def f():0\n"},
    ),
    "effects of a module that is reached": (
        {"a": "import b\nb.install()\nX=[]\nX+=[1]\nY=2\ndef f():0\n", "b": "def install():0\ndef g():0\n"},
        [("a", "f")],
        {"a": "import b\nb.install()\nX=[]\nX+=[1]\ndef f():0\n", "b": "def install():0\n"},
    ),
    "names under a condition": (
        {"a": "if TYPE_CHECKING:0\nelse:\n X=Y\nY=1\nTYPE_CHECKING=False\nif Z:\n W=1\ndef f():\n return X\n"},
        [("a", "f")],
        {"a": "if TYPE_CHECKING:0\nelse:\n X=Y\nY=1\nTYPE_CHECKING=False\ndef f():\n return X\n"},
    ),
    "decorated definitions are whole": (
        {"a": "@d\nclass A(B):\n x=C\nclass B:0\nC=1\ndef d(x):\n return x\nD=1\n"},
        [("a", "A")],
        {"a": "@d\nclass A(B):\n x=C\nclass B:0\nC=1\ndef d(x):\n return x\n"},
    ),
    "all of a module": ({"a": "X=1\ndef f():0\n", "b": "X=1\n"}, [("a", "*")], {"a": "X=1\ndef f():0\n"}),
    "circles": (
        {"a": "from b import g\ndef f():\n g()\n", "b": "from a import f\ndef g():\n f()\n"},
        [("a", "f")],
        {"a": "from b import g\ndef f():\n g()\n", "b": "from a import f\ndef g():\n f()\n"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_reach(case: str) -> None:
    sources, roots, expected = CASES[case]
    assert reach(sources, roots) == expected
