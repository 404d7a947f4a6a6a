"""What a program needs of its modules: the definitions that its entry reaches, and nothing else of their text.

Modules are cut between their top-level statements; a class stays whole. A definition is needed when its name is used by
one that is, wherever in it the name stands, so that nothing is missed that is not looked up by a computed name.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

Name = tuple[str, str]
"""A module's name, and that of a definition at its top level."""


def reach(sources: Mapping[str, str], roots: Iterable[Name]) -> dict[str, str]:
    """Leave in modules what is needed to run some of their definitions.

    Args:
        sources: the texts of the modules, by name; what they import from other modules stays an import.
        roots: the definitions that are called from outside; with the name `*`, all of a module.

    Returns:
        The texts of the modules that are needed, with their statements in the order that they stand in.
    """
    modules = {name: _read(text) for name, text in sources.items()}
    waiting = list(roots)
    seen: set[Name] = set()
    while waiting:
        name = waiting.pop()
        if name in seen or name[0] not in modules:
            continue
        seen.add(name)
        waiting += modules[name[0]].need(name[1], sources)
    return {name: module.text() for name, module in modules.items() if module.reached}


@dataclass
class _Statement:
    """A statement at the top level of a module."""

    text: str
    binds: frozenset[str]
    uses: tuple[ast.AST, ...]
    is_effect: bool
    origin: str | None = None
    aliases: dict[str, ast.alias] = field(default_factory=dict)
    needed: set[str] = field(default_factory=set)

    def written(self) -> str:
        """Return what is left of the statement; an import names only what is needed."""
        if not self.aliases:
            return self.text if self.needed else ""
        names = [_written(alias) for bound, alias in self.aliases.items() if bound in self.needed]
        start = "" if self.origin is None else f"from {self.origin} "
        return f"{start}import {','.join(names)}\n" if names else ""


@dataclass
class _Module:
    statements: list[_Statement]
    reached: bool = False

    def need(self, name: str, known: Collection[str]) -> Iterator[Name]:
        """Mark what a name needs in this module, and give what it needs in others."""
        waiting = [name]
        if not self.reached:
            self.reached = True
            for statement in self.statements:
                if statement.is_effect and not statement.needed:
                    statement.needed.add("")
                    waiting += _names(statement.uses)
        seen: set[str] = set()
        while waiting:
            wanted = waiting.pop()
            if wanted in seen:
                continue
            seen.add(wanted)
            for statement in self.statements:
                bound = statement.binds if wanted == "*" else statement.binds & {wanted}
                if not bound:
                    continue
                if statement.aliases:
                    statement.needed |= bound
                    yield from self._imported(statement, bound, known)
                elif not statement.needed:
                    statement.needed |= bound
                    waiting += _names(statement.uses)
                    yield from _inner_imports(statement.uses, known)

    def _imported(self, statement: _Statement, bound: Iterable[str], known: Collection[str]) -> Iterator[Name]:
        """Give what an import takes from other modules; of a whole module, the attributes that are used here."""
        for name in bound:
            original = statement.aliases[name].name
            origin = original if statement.origin is None else f"{statement.origin}.{original}"
            if origin not in known:
                yield statement.origin or original, original
                continue
            yield origin, ""
            for other in self.statements:
                for node in _walk(other.uses):
                    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name:
                        yield origin, node.attr

    def text(self) -> str:
        return "".join(statement.written() for statement in self.statements)


def _read(source: str) -> _Module:
    lines = source.splitlines(keepends=True)
    return _Module([_statement(node, lines) for node in ast.parse(source).body])


def _statement(node: ast.stmt, lines: list[str]) -> _Statement:
    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])
    text = "".join(lines[first - 1 : node.end_lineno])
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        aliases = {alias.asname or alias.name: alias for alias in node.names}
        origin = node.module if isinstance(node, ast.ImportFrom) else None
        return _Statement(text, frozenset(aliases), (), False, origin, aliases)
    uses: tuple[ast.AST, ...] = (node,)
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        uses = (node.test, *node.orelse)
    binds = frozenset(_bound(uses))
    is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    is_effect = not is_docstring and (isinstance(node, ast.AugAssign) or not (binds or isinstance(node, ast.If)))
    return _Statement(text, binds, uses, is_effect)


def _written(alias: ast.alias) -> str:
    return alias.name if alias.asname in (None, alias.name) else f"{alias.name} as {alias.asname}"


def _bound(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Give the names that statements bind in their module."""
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        else:
            yield from _bound(ast.iter_child_nodes(node))


def _walk(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    for node in nodes:
        yield from ast.walk(node)


def _names(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Give the names that code uses."""
    return (node.id for node in _walk(nodes) if isinstance(node, ast.Name))


def _inner_imports(nodes: Iterable[ast.AST], known: Collection[str]) -> Iterator[Name]:
    """Give what functions import when they are called."""
    for node in _walk(nodes):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield (whole, "*") if whole in known else (node.module, alias.name)
