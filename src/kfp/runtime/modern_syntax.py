"""Annotations of a newer Python than the step's, in the forms that it knows."""

import sys
from typing import Any


def modernised(text: str) -> Any:
    """Compile an annotation; `int | None` and `list[int]` become Union[int, None] and List[int]."""
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
