"""The source of component functions, as it travels in a lightweight component's command."""

import ast
import inspect
import tokenize
from typing import Any, Callable, List, NamedTuple, Set

from kfp.dsl.python_component import PythonComponent
from kfp.errors import AuthoringError

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
    """Give the text of a function: without its decorators, moved to the left margin.

    Raises:
        AuthoringError: Python does not know the source, or it is not a `def`.
    """
    code = inspect.unwrap(func).__code__
    where = "{}:{}".format(code.co_filename, code.co_firstlineno)
    if code.co_name == "<lambda>":
        raise AuthoringError("{}: a component cannot be made from a lambda".format(where), hint="write it as a def")
    try:
        lines, first = inspect.getsourcelines(code)
    except (OSError, TypeError, SyntaxError, IndentationError) as error:
        raise AuthoringError(
            "{}: the source of component function {!r} cannot be read: {}".format(where, code.co_name, error),
            hint="define it in a file or in a notebook cell; a lightweight component travels as its source",
        ) from None
    dedented = _dedent(lines)
    if not dedented[-1].endswith("\n"):
        dedented[-1] += "\n"
    try:
        definition = ast.parse("".join(dedented)).body[0]
    except SyntaxError as error:
        raise AuthoringError(
            "{}: the source of component function {!r} cannot be separated from its file: {}".format(
                where, code.co_name, error.msg
            )
        ) from None
    if not isinstance(definition, (ast.FunctionDef, ast.AsyncFunctionDef)):
        raise AuthoringError("{}: the source of {!r} is not a def".format(where, code.co_name))
    skipped = definition.lineno - 1  # the decorators
    return FunctionSource("".join(dedented[skipped:]), code.co_filename, first + skipped)


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


def component_source(component: PythonComponent) -> str:
    """Give the module that a lightweight component's step runs."""
    return HEADER + "".join("\n{}\n".format(source.text) for source in component_sources(component))
