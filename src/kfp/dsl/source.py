"""The source of component functions, as it travels in a lightweight component's command."""

import ast
import inspect
from typing import Any, Callable, List, NamedTuple

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
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    # lines that are indented less are inside texts or comments; they stay as they are
    dedented = [line[len(indent) :] if line.startswith(indent) else line for line in lines]
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


def component_sources(component: PythonComponent) -> List[FunctionSource]:
    """Give the texts that a lightweight component needs: those of additional functions first, then its own."""
    functions = [*component.settings.additional_funcs, component.python_func]
    return [function_source(func) for func in functions]


def component_source(component: PythonComponent) -> str:
    """Give the module that a lightweight component's step runs."""
    return HEADER + "".join("\n{}\n".format(source.text) for source in component_sources(component))
