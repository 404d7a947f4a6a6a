"""Annotations written as text: their evaluation, also of forms that the running Python is too old for."""

import sys
from typing import Any, Dict, Tuple, Union

_OLD = sys.version_info < (3, 10)


def evaluate(text: str, namespace: Dict[str, Any]) -> Any:
    """Evaluate an annotation in a module's namespace.

    `int | None` and `list[int]` work on Python 3.7, too: they are read as Union[int, None] and List[int].

    Raises:
        Exception: whatever the evaluation raises, such as NameError.
    """
    try:
        return eval(text, namespace)  # noqa: S307 -- the component's own source, which is about to be executed
    except TypeError:
        if not _OLD:
            raise
        return eval(_modernised(text), dict(namespace))  # noqa: S307


def union_members(annotation: Any) -> Tuple[Any, ...]:
    """Give the members of a Union, Optional or `X | Y`, or nothing for any other annotation."""
    if getattr(annotation, "__origin__", None) is Union or type(annotation).__name__ == "UnionType":
        members: Tuple[Any, ...] = annotation.__args__
        return members
    return ()


def _modernised(text: str) -> Any:
    import ast

    typing = {name.lower(): name for name in ("Dict", "List", "Tuple", "Set", "FrozenSet", "Type")}

    def typing_member(name: str) -> ast.expr:
        return ast.parse("__import__('typing').{}".format(name), mode="eval").body

    class Modernise(ast.NodeTransformer):
        def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
            self.generic_visit(node)
            if not isinstance(node.op, ast.BitOr):
                return node
            members = ast.Tuple(elts=[node.left, node.right], ctx=ast.Load())
            index: Any = members if sys.version_info >= (3, 9) else ast.Index(value=members)
            return ast.Subscript(value=typing_member("Union"), slice=index, ctx=ast.Load())

        def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
            self.generic_visit(node)
            if isinstance(node.value, ast.Name) and node.value.id in typing:
                node.value = typing_member(typing[node.value.id])
            return node

    tree = Modernise().visit(ast.parse(text.strip(), mode="eval"))
    return compile(ast.fix_missing_locations(tree), "<annotation>", "eval")
