"""The source of component functions, as it travels in a lightweight component's command."""

import ast
import inspect
import linecache
import tokenize
from types import CodeType, ModuleType
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Set, Tuple

import kfp.dsl
from kfp.dsl.class_source import annotation_classes
from kfp.dsl.python_component import PythonComponent
from kfp.errors import AuthoringError
from kfp.location import definition

HEADER = "\nimport kfp\nfrom kfp import dsl\nfrom kfp.dsl import *\nfrom typing import *\n"
"""What every component's source starts with, so that the names of annotations are there."""


class FunctionSource(NamedTuple):
    """A function's own text.

    Attributes:
        text: without decorators, not indented, ending with a newline.
        path: the file, or what stands for one such as `<stdin>`.
        line: the line of the file that the text's first line is, from 1.
    """

    text: str
    path: str
    line: int


def function_source(func: Callable[..., Any]) -> FunctionSource:
    """Give the text of a function, without its decorators, or of a class, moved to the left margin.

    Raises:
        AuthoringError: Python does not know the source, or it is neither a `def` nor a `class`.
    """
    target: Any = inspect.unwrap(func)
    name = target.__name__
    if name == "<lambda>":
        raise AuthoringError(
            "a component cannot be made from a lambda", hint="write it as a def", location=definition(func)
        )
    try:
        lines, first = inspect.getsourcelines(target) if inspect.isclass(target) else _lines(target.__code__)
        path = inspect.getsourcefile(target) if inspect.isclass(target) else target.__code__.co_filename
    except (OSError, TypeError, SyntaxError, IndentationError) as error:
        raise AuthoringError(
            "the source of component function {!r} cannot be read: {}".format(name, error),
            hint="define it in a file or in a notebook cell; a lightweight component travels as its source",
            location=definition(func),
        ) from None
    dedented = _dedent(lines)
    if not dedented[-1].endswith("\n"):
        dedented[-1] += "\n"
    try:
        statement = ast.parse("".join(dedented)).body[0]
    except SyntaxError as error:
        raise AuthoringError(
            "the source of component function {!r} cannot be separated from its file: {}".format(name, error.msg),
            location=definition(func),
        ) from None
    if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        raise AuthoringError("the source of {!r} is not a def".format(name), location=definition(func))
    skipped = 0 if isinstance(statement, ast.ClassDef) else statement.lineno - 1  # a function's decorators
    return FunctionSource("".join(dedented[skipped:]), str(path), first + skipped)


def _lines(code: CodeType) -> Tuple[List[str], int]:
    """Give the lines of a function and the number of the first, as `inspect.getsourcelines` does.

    That one looks through all loaded modules for the file's, which takes longer than the rest of a check.
    """
    linecache.checkcache(code.co_filename)
    lines = linecache.getlines(code.co_filename)[code.co_firstlineno - 1 :]
    if not lines:  # not a file, but perhaps a module's loader knows
        return inspect.getsourcelines(code)
    return inspect.getblock(lines), code.co_firstlineno


def _dedent(lines: List[str]) -> List[str]:
    """Move lines to the left margin; what is inside a text of several lines stays as it is."""
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    inside = _lines_inside_texts(lines)
    return [
        line[len(indent) :] if line.startswith(indent) and number not in inside else line
        for number, line in enumerate(lines, 1)
    ]


def _lines_inside_texts(lines: List[str]) -> Set[int]:
    """Give the numbers, from 1, of the lines that begin inside a string literal."""
    inside: Set[int] = set()
    opened: List[int] = []
    try:
        for token in tokenize.generate_tokens(iter(lines).__next__):
            kind = tokenize.tok_name[token.type]
            if kind == "STRING":
                inside.update(range(token.start[0] + 1, token.end[0] + 1))
            elif kind.endswith("STRING_START"):  # f-strings are several tokens from Python 3.12 on
                opened.append(token.start[0])
            elif kind.endswith("STRING_END"):
                inside.update(range(opened.pop() + 1, token.end[0] + 1))
    except (tokenize.TokenError, SyntaxError):
        return inside
    return inside


def component_sources(component: PythonComponent) -> List[FunctionSource]:
    """Give the texts that a lightweight component needs: those of additional functions first, then its own."""
    functions = [*component.settings.additional_funcs, component.python_func]
    return [function_source(func) for func in functions]


def annotation_imports(func: Callable[..., Any]) -> Dict[str, str]:
    """Give the imports that a function's annotations need besides the header, by the name that each binds.

    Annotations are evaluated where the function is defined, before an import inside it could run. They may name
    modules (`import typing as t`) and artifact classes of other packages, which the step's image must have.
    """
    function = inspect.unwrap(func)
    imports: Dict[str, str] = {}
    for name in annotation_names(func):
        if name not in kfp.dsl.MODULES and name in function.__globals__:
            statement = _import_of(name, function.__globals__[name])
            if statement is not None:
                imports[name] = statement
    return imports


def annotation_names(func: Callable[..., Any]) -> List[str]:
    """Give the names in a function's annotations, also in those that are written as texts."""
    statement = ast.parse(function_source(func).text).body[0]
    arguments = getattr(statement, "args", None)
    annotations = [getattr(statement, "returns", None)]
    if isinstance(arguments, ast.arguments):
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        annotations = [argument.annotation for argument in every] + annotations
    names: List[str] = []
    for annotation in annotations:
        for node in ast.walk(annotation) if annotation is not None else ():
            if isinstance(node, ast.Name):
                names.append(node.id)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
                names.append(node.value)
    return names


def _import_of(name: str, value: Any) -> Optional[str]:
    if isinstance(value, ModuleType):
        if value.__name__ == name:
            return None if name == "kfp" else "import {}".format(name)
        return None if value.__name__ == "kfp." + name else "import {} as {}".format(value.__name__, name)
    if isinstance(value, type) and hasattr(value, "schema_title") and value.__module__ != "__main__":
        renamed = "" if value.__name__ == name else " as " + name
        return "from {} import {}{}".format(value.__module__, value.__name__, renamed)
    return None


def component_source(component: PythonComponent, preamble: str = "") -> str:
    """Give the module that a lightweight component's step runs; the preamble stands before its functions."""
    imports = annotation_imports(component.python_func)
    classes = annotation_classes(component.python_func, set(annotation_names(component.python_func)))
    imports.update(classes.imports)
    statements = "".join(statement + "\n" for statement in imports.values())
    texts = [*classes.texts.values(), *(source.text for source in component_sources(component))]
    return HEADER + statements + preamble + "".join("\n{}\n".format(text) for text in texts)
