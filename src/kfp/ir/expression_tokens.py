"""The words of an expression in CEL (https://github.com/google/cel-spec, "Syntax"): names, numbers, texts, signs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from kfp.errors import SpecError

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<text>[rR]?(?:'{3}(?:\\.|[^\\])*?'{3}|"{3}(?:\\.|[^\\])*?"{3}|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"))
    |(?P<real>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)
    |(?P<integer>0x[0-9a-fA-F]+|[0-9]+)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>==|!=|<=|>=|&&|\|\||[<>!()\[\].,-])""",
    re.VERBOSE | re.DOTALL,
)
_RAW_TEXT = re.compile(r"""[rR]('{3}|"{3}|'|")(.*?)\1""", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}|.)", re.DOTALL)
_SIMPLE = {**dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True)), **{each: each for each in "\\'\"`?"}}
_MAX_CODE = 0x10FFFF
_MAX_DIGITS = 100
_SURROGATES = range(0xD800, 0xE000)

Kind = Literal["text", "number", "name", "sign", "end"]


@dataclass(frozen=True)
class Token:
    """One word: its kind, its value (of a text or number what it stands for), and where it begins, from 0."""

    kind: Kind
    value: Any
    at: int


def tokens(text: str) -> tuple[Token, ...]:
    """Return the words of an expression, with one of the kind `end` behind the last.

    Raises:
        SpecError: a character begins no word, or a text has an escape that CEL does not know.
    """
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise SpecError(f"{text[at : at + 10]!r} at character {at + 1} cannot be read")
        kind, word = match.lastgroup, match.group()
        if kind == "text":
            found.append(Token("text", _unquote(word, at), at))
        elif kind == "real":
            found.append(Token("number", float(word), at))
        elif kind == "integer":
            if len(word) > _MAX_DIGITS:
                raise SpecError(f"the number at character {at + 1} has more than {_MAX_DIGITS} digits")
            found.append(Token("number", int(word, 16 if word.startswith("0x") else 10), at))
        elif kind == "name":
            found.append(Token("name", word, at))
        elif kind == "sign":
            found.append(Token("sign", word, at))
        at = match.end()
    return (*found, Token("end", "", at))


def _unquote(word: str, at: int) -> str:
    raw = _RAW_TEXT.fullmatch(word)
    if raw is not None:
        return raw.group(2)
    width = 3 if word.startswith(("'''", '"""')) else 1
    return _ESCAPE.sub(lambda match: _escaped(match.group(), at), word[width:-width])


def _escaped(escape: str, at: int) -> str:
    body = escape[1:]
    if body in _SIMPLE:
        return _SIMPLE[body]
    if len(body) == 1:
        raise SpecError(f"the text at character {at + 1} has the unknown escape {escape!r}")
    code = int(body, 8) if body.isdigit() and len(body) == 3 else int(body[1:], 16)  # noqa: PLR2004 - \ooo
    if code > _MAX_CODE or code in _SURROGATES:
        raise SpecError(f"the text at character {at + 1} has the escape {escape!r}, which is no character")
    return chr(code)
