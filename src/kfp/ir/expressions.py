"""The expressions of a PipelineSpec: conditions, and selections of a part of a value.

Both are written in CEL. What compilers write is read here, and checked before a run starts: names, members (`a.b`,
`a['b']`, `a[0]`), literals, `== != < <= > >= ! && ||`, and the functions of `FUNCTIONS`. Expressions are evaluated on
values with CEL's types: nothing is put into a text, a text never equals a number, and what makes no sense is an error.
A part outside this subset is refused when the expression is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from kfp.errors import RunError, SpecError
from kfp.ir.expression_tokens import Token, tokens
from kfp.ir.expression_values import FUNCTIONS, compare, member, negative, truth
from kfp.ir.spec import Json

_MAX_DEPTH = 100
_MAX_SHOWN = 400
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_CONSTANTS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class _Constant:
    value: Json


@dataclass(frozen=True)
class _Name:
    name: str


@dataclass(frozen=True)
class _Member:
    of: _Node
    key: _Node


@dataclass(frozen=True)
class _Call:
    function: str
    argument: _Node


@dataclass(frozen=True)
class _Not:
    item: _Node


@dataclass(frozen=True)
class _Negative:
    item: _Node


@dataclass(frozen=True)
class _Comparison:
    sign: str
    left: _Node
    right: _Node


@dataclass(frozen=True)
class _Junction:
    """`&&` of all items, or `||`; `decides` is the value that one item suffices for."""

    decides: bool
    items: tuple[_Node, ...]


_Node: TypeAlias = "_Constant | _Name | _Member | _Call | _Not | _Negative | _Comparison | _Junction"


@dataclass(frozen=True)
class Expression:
    """An expression that was read: its text and what it means."""

    text: str
    _root: _Node

    def evaluate(self, variables: Mapping[str, Json]) -> Json:
        """Return the expression's value.

        Args:
            variables: JSON values by name.

        Raises:
            RunError: a name or key does not exist, or an operation does not fit the types of its operands.
        """
        try:
            return _evaluate(self._root, variables)
        except RunError as error:
            raise RunError(f"{_shown(self.text)} cannot be evaluated: {error}") from None


def parse_expression(text: str) -> Expression:
    """Read an expression.

    Args:
        text: in CEL, such as `int(inputs.parameter_values['x']) > 1`.

    Raises:
        SpecError: it is not an expression, or uses a part of CEL that is not understood here.
    """
    try:
        return Expression(text, _Parser(tokens(text)).whole())
    except SpecError as error:
        raise SpecError(f"{_shown(text)} is not an expression that can be evaluated: {error}") from None


def _shown(text: str) -> str:
    """Return an expression for a message."""
    return repr(text) if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]!r} …"


class _Parser:
    """Reads by recursive descent: junctions, comparisons, signs, members, and what stands on its own."""

    def __init__(self, words: tuple[Token, ...]) -> None:
        self._words = words
        self._at = 0
        self._depth = 0

    def whole(self) -> _Node:
        node = self._any()
        if self._next.kind != "end":
            raise self._unexpected()
        return node

    @property
    def _next(self) -> Token:
        return self._words[self._at]

    def _accept(self, *signs: str) -> str | None:
        word = self._next
        if word.kind != "sign" or word.value not in signs:
            return None
        self._at += 1
        return str(word.value)

    def _expect(self, sign: str) -> None:
        if self._accept(sign) is None:
            raise self._unexpected(f", expected {sign!r}")

    def _unexpected(self, more: str = "") -> SpecError:
        word = self._next
        if word.kind == "end":
            return SpecError(f"it ends too early{more}")
        return SpecError(f"unexpected {word.value!r} at character {word.at + 1}{more}")

    def _any(self) -> _Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise SpecError(f"it is nested more than {_MAX_DEPTH} deep")
        node = self._junction("||", lambda: self._junction("&&", self._comparison))
        self._depth -= 1
        return node

    def _junction(self, sign: str, item: Callable[[], _Node]) -> _Node:
        items = [item()]
        while self._accept(sign):
            items.append(item())
        return items[0] if len(items) == 1 else _Junction(sign == "||", tuple(items))

    def _comparison(self) -> _Node:
        node = self._unary()
        while sign := self._accept(*_COMPARISONS):
            node = _Comparison(sign, node, self._unary())
        return node

    def _unary(self) -> _Node:
        signs = []
        while sign := self._accept("!", "-"):
            signs.append(sign)
        if len(signs) > _MAX_DEPTH:
            raise SpecError(f"it has more than {_MAX_DEPTH} signs in a row")
        node = self._member()
        for sign in reversed(signs):
            node = _Not(node) if sign == "!" else _Negative(node)
        return node

    def _member(self) -> _Node:
        node = self._primary()
        for _ in range(_MAX_DEPTH):
            if self._accept("."):
                if self._next.kind != "name":
                    raise self._unexpected(", expected a name")
                node = _Member(node, _Constant(self._next.value))
                self._at += 1
            elif self._accept("["):
                node = _Member(node, self._any())
                self._expect("]")
            else:
                return node
        raise SpecError(f"it has more than {_MAX_DEPTH} members in a row")

    def _primary(self) -> _Node:
        word = self._next
        if self._accept("("):
            node = self._any()
            self._expect(")")
            return node
        if word.kind in ("end", "sign"):
            raise self._unexpected()
        self._at += 1
        if word.kind != "name":
            return _Constant(word.value)
        if word.value in _CONSTANTS:
            return _Constant(_CONSTANTS[word.value])
        if not self._accept("("):
            return _Name(word.value)
        if word.value not in FUNCTIONS:
            raise SpecError(f"the function {word.value!r} is not one of {', '.join(FUNCTIONS)}")
        argument = self._any()
        self._expect(")")
        return _Call(word.value, argument)


def _evaluate(node: _Node, variables: Mapping[str, Json]) -> Json:
    match node:
        case _Constant(value):
            return value
        case _Name(name):
            if name not in variables:
                raise RunError(f"there is no {name!r}")
            return variables[name]
        case _Member(of, key):
            return member(_evaluate(of, variables), _evaluate(key, variables))
        case _Call(function, argument):
            return FUNCTIONS[function](_evaluate(argument, variables))
        case _Not(item):
            return not truth(_evaluate(item, variables))
        case _Negative(item):
            return negative(_evaluate(item, variables))
        case _Comparison(sign, left, right):
            return compare(sign, _evaluate(left, variables), _evaluate(right, variables))
        case _Junction(decides, items):
            return _join(decides, items, variables)


def _join(decides: bool, items: tuple[_Node, ...], variables: Mapping[str, Json]) -> bool:
    """Join truth values; as in CEL, an item that decides makes up for an error in another one."""
    failure: RunError | None = None
    for item in items:
        try:
            if truth(_evaluate(item, variables)) is decides:
                return decides
        except RunError as error:  # noqa: PERF203 - each item's own error counts
            failure = failure or error
    if failure is not None:
        raise failure
    return not decides
