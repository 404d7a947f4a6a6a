"""Which names of a component function nothing defines where it will run.

A lightweight function runs in a module of its own: it sees the header's imports, additional functions and builtins. A
containerized one runs in its module. Python finds a missing name only when the line runs, on the cluster; here it is
found when the component is compiled or built.
"""

import ast
import builtins
import inspect
import symtable
import types
import typing
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Set

import kfp.dsl
from kfp.dsl.class_source import annotation_classes
from kfp.dsl.python_component import PythonComponent
from kfp.dsl.source import (
    FunctionSource,
    annotation_imports,
    annotation_names,
    component_sources,
    function_source,
)
from kfp.errors import UndefinedNameError
from kfp.location import Location

_MODULE_NAMES = {
    "__annotations__",
    "__builtins__",
    "__cached__",
    "__class__",
    "__debug__",
    "__doc__",
    "__file__",
    "__loader__",
    "__name__",
    "__package__",
    "__path__",
    "__spec__",
    "__module__",
    "__qualname__",
}
_DYNAMIC = {"exec", "globals"}


class UndefinedName(NamedTuple):
    """A name that is used and not defined, and the line of the file where it is first used."""

    name: str
    path: str
    line: int


def check_names(component: PythonComponent) -> None:
    """Check that everything a component function names is defined where it will run.

    Args:
        component: lightweight or containerized.

    Raises:
        UndefinedNameError: a name is not; its location is where it is first used.
    """
    undefined = undefined_names(component)
    if not undefined:
        return
    first = undefined[0]
    others = sorted({found.name for found in undefined} - {first.name})
    raise UndefinedNameError(
        "name {!r} is not defined in component {!r}{}".format(
            first.name,
            component.name,
            " (nor {})".format(", ".join(repr(name) for name in others)) if others else "",
        ),
        hint=_hint(component, first.name),
        location=Location(first.path, first.line),
    )


def undefined_names(component: PythonComponent) -> List[UndefinedName]:
    """Give the names that a component function uses and nothing defines where it runs, in the order of their lines."""
    if component.target_image is None:
        sources = component_sources(component)
        known = _lightweight_names() | set(annotation_imports(component.python_func))
        classes = annotation_classes(component.python_func, set(annotation_names(component.python_func)))
        known |= set(classes.texts) | set(classes.imports)
    else:
        sources = [function_source(component.python_func)]
        known = _containerized_names(inspect.unwrap(component.python_func))
    known |= _MODULE_NAMES | set(dir(builtins))
    used: List[UndefinedName] = []
    for source in sources:
        reading = _Reading(source, component.target_image is None)
        known |= reading.defined
        used.extend(reading.used)
    return [found for found in used if found.name not in known]


def _lightweight_names() -> "Set[str]":
    return {"kfp", "dsl"} | set(kfp.dsl.MODULES) | set(typing.__all__)


def _containerized_names(func: Any) -> "Set[str]":
    """Give what the function's module defines, also by `global` in other functions, and the function's closure."""
    names = set(func.__globals__) | set(func.__code__.co_freevars)
    return names | {name for code in _codes(func.__globals__) for name in _stored_globals(code)}


def _codes(module_globals: "Dict[str, Any]") -> "Iterator[types.CodeType]":
    for value in list(module_globals.values()):
        code = getattr(getattr(value, "python_func", value), "__code__", None)
        if isinstance(code, types.CodeType):
            yield code


def _stored_globals(code: types.CodeType) -> "Iterator[str]":
    import dis

    for instruction in dis.get_instructions(code):
        if instruction.opname == "STORE_GLOBAL":
            yield str(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _stored_globals(constant)


class _Reading:
    """The global names that a function's text defines and uses.

    Args:
        source: the function's text.
        is_copied: whether the text runs in a module of its own, where its annotations and defaults are evaluated
            again; otherwise its module was imported, and only its body is in question.

    Attributes:
        defined: the function itself and what its scopes declare global and assign.
        used: every global name that is read, with the line where that happens first.
    """

    def __init__(self, source: FunctionSource, is_copied: bool) -> None:
        self.source = source
        self.defined: Set[str] = set()
        tree = ast.parse(source.text)
        self._lines = _lines_of_names(tree)
        used: Dict[str, int] = {}
        for table in _tables(symtable.symtable(source.text, source.path, "exec")):
            if table.get_type() == "module" and not is_copied:
                continue
            for symbol in table.get_symbols():
                self._take(symbol, table, used)
        if used.keys() & _DYNAMIC:
            # what exec defines cannot be known, and a false alarm is worse than none
            used = {}
        for name in _guarded(tree) | _only_annotating(tree):
            used.pop(name, None)
        first = sorted(used.items(), key=lambda item: (item[1], item[0]))
        self.used = [UndefinedName(name, source.path, source.line + line - 1) for name, line in first]

    def _take(self, symbol: symtable.Symbol, table: symtable.SymbolTable, used: "Dict[str, int]") -> None:
        name = symbol.get_name()
        is_module = table.get_type() == "module"
        is_bound = symbol.is_assigned() or symbol.is_imported()
        if is_bound and (is_module or symbol.is_declared_global()):
            self.defined.add(name)
        # Python takes the scope of a function called `top` for a module's, and its locals for globals as well.
        is_global = symbol.is_global() and (symbol.is_declared_global() or not symbol.is_local())
        if symbol.is_referenced() and (is_module or is_global):
            line = self._line(name, table.get_lineno())
            used[name] = min(line, used.get(name, line))

    def _line(self, name: str, scope_line: int) -> int:
        lines = self._lines.get(name, [])
        return next((line for line in lines if line >= scope_line), lines[0] if lines else scope_line)


def _tables(table: symtable.SymbolTable) -> "Iterator[symtable.SymbolTable]":
    yield table
    for child in table.get_children():
        for inner in _tables(child):
            yield inner


def _lines_of_names(tree: ast.AST) -> "Dict[str, List[int]]":
    lines: Dict[str, List[int]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            lines.setdefault(node.id, []).append(node.lineno)
    return {name: sorted(found) for name, found in lines.items()}


def _guarded(tree: ast.AST) -> "Set[str]":
    """Give the names that are read under `try: … except NameError:`, whose author knows that they may be missing."""
    names: Set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Try) and any(_catches_name_error(handler) for handler in node.handlers):
            for statement in node.body:
                names.update(inner.id for inner in ast.walk(statement) if isinstance(inner, ast.Name))
    return names


def _only_annotating(tree: ast.AST) -> "Set[str]":
    """Give the names that are read in annotations of local variables only, which Python never evaluates."""
    annotating: Set[int] = set()
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for node in _own_statements(function):
                if isinstance(node, ast.AnnAssign):
                    annotating.update(id(inner) for inner in ast.walk(node.annotation))
    loads = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    elsewhere = {node.id for node in loads if id(node) not in annotating}
    return {node.id for node in loads if id(node) in annotating} - elsewhere


def _own_statements(node: ast.AST) -> "Iterator[ast.AST]":
    """Give the statements of a function without those of functions and classes inside it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield from _own_statements(child)


def _catches_name_error(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(kind, ast.Name) and kind.id == "NameError" for kind in kinds)


def _hint(component: PythonComponent, name: str) -> "Optional[str]":
    func: Any = inspect.unwrap(component.python_func)
    parameters = list(func.__code__.co_varnames[: func.__code__.co_argcount + func.__code__.co_kwonlyargcount])
    if component.target_image is None:
        outside = _outside(func, name)
        if outside:
            return outside
    import difflib  # only a mistake pays for it

    candidates = list(func.__code__.co_varnames) + list(func.__code__.co_cellvars)
    if component.target_image is not None:
        candidates += list(func.__globals__)
    close = difflib.get_close_matches(name, candidates, n=1, cutoff=0.5)
    if close:
        return "did you mean {!r}?".format(close[0])
    return "its parameters are {}".format(", ".join(parameters) or "none")


def _outside(func: Any, name: str) -> "Optional[str]":
    """Say what to do about a name that exists where the function is written but not where it runs."""
    if name in func.__code__.co_freevars:
        return "it is a variable of the function around it, which does not travel; pass it as an input"
    if name not in func.__globals__:
        return None
    value = func.__globals__[name]
    if isinstance(value, types.ModuleType):
        statement = "import " + value.__name__ + ("" if value.__name__ == name else " as " + name)
        return "only the function's own source travels; write `{}` inside the function".format(statement)
    module = getattr(value, "__module__", None)
    if isinstance(value, (types.FunctionType, type)) and module not in (None, func.__module__):
        return "only the function's own source travels; write `from {} import {}` inside the function".format(
            module, getattr(value, "__name__", name) + ("" if value.__name__ == name else " as " + name)
        )
    if isinstance(value, type) and hasattr(value, "_fields"):
        return "only the function's own source travels; write NamedTuple({!r}, ...) in the annotation itself".format(
            name
        )
    if isinstance(value, types.FunctionType):
        return "only the function's own source travels; add it to additional_funcs=[{}] or define it inside".format(
            name
        )
    return "only the function's own source travels; define it inside the function or pass it as an input"
