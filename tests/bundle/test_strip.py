from __future__ import annotations

import ast
from pathlib import Path

import pytest

from kfp.bundle.strip import strip

CASES = {
    "comments and blank lines": ("# one\nx = 1  # two\n\n\ny = '# three'\n", "x=1\ny='# three'\n"),
    "docstrings": ('"""Module."""\ndef f():\n    """Does."""\n    return 1\n', "def f():\n return 1\n"),
    "a docstring alone": (
        'class A:\n    """An A."""\n\nclass B(A):\n    """A B."""\n',
        "class A:\n 0\nclass B(A):\n 0\n",
    ),
    "text after a name": ('X = 1\n"""What X is."""\nY = 2\n', "X=1\nY=2\n"),
    "annotations": (
        "def f(a: int, *b: 'C', c: Dict[str, int] = {}) -> Opt[int]:\n    d: int = 1\n    self.e: List[int] = []\n",
        "def f(a,*b,c={}):\n d=1\n self.e=[]\n",
    ),
    "letters of other alphabets": ("def f(a='é', b: int = 'ü'):\n    return a\n", "def f(a='é',b='ü'):\n return a\n"),
    "fields keep theirs": (
        "class A(NamedTuple):\n    a: int\n    b: str = 'x'\n",
        "class A(NamedTuple):\n a:int\n b:str='x'\n",
    ),
    "type checking": (
        "T = 1\nif TYPE_CHECKING:\n    import a\n    import b\nelse:\n    c = 1\nd = 2\n",
        "T=1\nif TYPE_CHECKING:0\nelse:\n c=1\nd=2\n",
    ),
    "blanks that matter": ("return_ = not a in b or c is None\n", "return_=not a in b or c is None\n"),
    "lines in brackets": ("f(\n    a,  # first\n    b,\n)\n", "f(a,b,)\n"),
    "f-strings": ('x = f"{a + b!r:>{width}} # {c}"\n', 'x=f"{a + b!r:>{width}} # {c}"\n'),
    "dedents": ("if a:\n    if b:\n        c\nd\n", "if a:\n if b:\n  c\nd\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_strip(case: str) -> None:
    source, expected = CASES[case]
    assert strip(source) == expected


class _Bare(ast.NodeTransformer):
    """Takes off what strip may take off."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return node
        return ast.Assign(targets=[node.target], value=node.value, lineno=node.lineno)

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if isinstance(node.value, ast.Constant) else node

    def visit_If(self, node: ast.If) -> ast.AST:
        if ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
        self.generic_visit(node)
        return node


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[2] / "src/kfp/runtime").glob("*.py")), ids=lambda p: p.stem
)
def test_the_runtime_means_the_same_afterwards(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert ast.dump(_Bare().visit(ast.parse(strip(source)))) == ast.dump(_Bare().visit(ast.parse(source)))
