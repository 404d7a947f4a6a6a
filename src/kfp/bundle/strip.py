"""Python source without what only its readers need: comments, docstrings, annotations of functions, blanks.

The text is cut by the positions of tokens and nodes, never written anew from a syntax tree, so that the result is the
same on every Python that runs it.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from typing import NamedTuple

_LAYOUT = (tokenize.NL, tokenize.COMMENT, tokenize.ENCODING, tokenize.ENDMARKER)
_WORD = re.compile(r"\w")
_OPENS = {getattr(tokenize, name, -1) for name in ("FSTRING_START", "TSTRING_START")}
_CLOSES = {getattr(tokenize, name, -1) for name in ("FSTRING_END", "TSTRING_END")}


class _Token(NamedTuple):
    kind: int
    text: str
    start: int
    end: int


def strip(source: str) -> str:
    r"""Shorten Python source without changing what it does.

    Args:
        source: a module whose line ends are `\n` and which has no form feeds or tabs.

    Returns:
        The module with one blank an indentation level and no blank that the grammar does not need. Line numbers change.
    """
    tokens = _without_type_checking(_without_annotations(list(_tokens(source)), source))
    out: list[str] = []
    level = 0
    line: list[_Token] = []
    for position, token in enumerate(tokens):
        if token.kind == tokenize.INDENT:
            level += 1
        elif token.kind == tokenize.DEDENT:
            level -= 1
        elif token.kind != tokenize.NEWLINE:
            line.append(token)
        else:
            if not _is_docstring(line):
                out.append(" " * level + _joined(line))
            elif level and _ends_block(tokens, position):
                out.append(" " * level + "0")
            line = []
    return "\n".join(out) + "\n"


def _tokens(source: str) -> Iterator[_Token]:
    """Give the tokens with offsets into the source; an f-string is one token, as it was before Python 3.12."""
    starts = _line_starts(source)
    depth, opened = 0, 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        start, end = (starts[row - 1] + column for row, column in (token.start, token.end))
        if token.type in _OPENS:
            opened = opened if depth else start
            depth += 1
        elif token.type in _CLOSES:
            depth -= 1
            if not depth:
                yield _Token(tokenize.STRING, source[opened:end], opened, end)
        elif not depth and token.type not in _LAYOUT:
            yield _Token(token.type, token.string, start, end)


def _line_starts(source: str) -> list[int]:
    starts = [0]
    for text in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(text))
    return [*starts, starts[-1]]


def _without_annotations(tokens: list[_Token], source: str) -> list[_Token]:
    """Drop the annotations of functions and of variables; those of a class's fields may have a meaning."""
    starts, lines = _line_starts(source), source.splitlines()

    def offset(row: int, column: int) -> int:
        return starts[row - 1] + len(lines[row - 1].encode()[:column].decode())  # nodes count bytes

    cuts = {
        offset(node.lineno, node.col_offset): offset(node.end_lineno or 0, node.end_col_offset or 0)
        for node in _annotations(ast.parse(source))
    }
    kept: list[_Token] = []
    end = 0
    for token in tokens:
        if token.start in cuts and token.kind not in (tokenize.INDENT, tokenize.DEDENT):
            kept.pop()  # the colon or the arrow
            end = cuts[token.start]
        if token.start >= end:
            kept.append(token)
    return kept


def _annotations(tree: ast.Module) -> Iterator[ast.expr]:
    fields = {id(field) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for field in node.body}
    for node in ast.walk(tree):
        found: ast.expr | None = None
        if isinstance(node, ast.arg):
            found = node.annotation
        elif isinstance(node, ast.FunctionDef):
            found = node.returns
        elif isinstance(node, ast.AnnAssign) and node.value is not None and id(node) not in fields:
            found = node.annotation
        if found is not None:
            yield found


def _without_type_checking(tokens: list[_Token]) -> list[_Token]:
    """Empty the blocks under `if TYPE_CHECKING:`."""
    kept: list[_Token] = []
    position = 0
    while position < len(tokens):
        kept.append(tokens[position])
        position += 1
        if [token.text for token in kept[-4:-1]] != ["if", "TYPE_CHECKING", ":"]:
            continue
        if kept[-1].kind != tokenize.NEWLINE:
            continue
        depth = 0
        while True:
            depth += {tokenize.INDENT: 1, tokenize.DEDENT: -1}.get(tokens[position].kind, 0)
            position += 1
            if not depth:
                break
        newline = kept.pop()
        kept += (newline._replace(kind=tokenize.NUMBER, text="0"), newline)
    return kept


def _is_docstring(line: list[_Token]) -> bool:
    """Tell whether a statement is a lone string: a docstring, or the text after an attribute."""
    return bool(line) and all(token.kind == tokenize.STRING for token in line)


def _ends_block(tokens: list[_Token], position: int) -> bool:
    """Tell whether a statement is the only one of its block, which cannot be left empty."""
    alone = position >= 2 and tokens[position - 2].kind == tokenize.INDENT  # noqa: PLR2004 -- indent, string, newline
    return alone and tokens[position + 1].kind == tokenize.DEDENT


def _joined(line: list[_Token]) -> str:
    """Write a statement's tokens with a blank only where two words would run together."""
    text = ""
    for previous, token in zip([None, *line], line, strict=False):
        apart = previous is not None and previous.end != token.start
        if apart and text and _WORD.match(text[-1]) and _WORD.match(token.text[0]):
            text += " "
        elif apart and text and _WORD.match(text[-1]) and token.kind == tokenize.STRING:
            text += " "  # `return "x"`: return"x" is fine, but `in b"x"` would need care; keep the author's blank
        text += token.text
    return text
