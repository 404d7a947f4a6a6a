"""Docstrings in the styles of Sphinx, Google, NumPy and Epydoc.

Each style reads a docstring without the indentation of its code, and gives None where the docstring breaks its rules.
The rules are those that KFP holds docstrings to: the same text has the same descriptions here and there.
"""

import re
from inspect import cleandoc
from typing import Callable, Dict, List, NamedTuple, Optional, Tuple

_GOOGLE_INPUTS = ("Args", "Arguments", "Parameters", "Params", "Attributes")
_GOOGLE_LISTS = _GOOGLE_INPUTS + ("Raises", "Exceptions", "Except")
_GOOGLE_TEXTS = ("Returns", "Yields", "Example", "Examples")
_GOOGLE_TITLE = re.compile(r"^({}):[ \t\r\f\v]*$".format("|".join(_GOOGLE_LISTS + _GOOGLE_TEXTS)), re.MULTILINE)
_GOOGLE_NAME = re.compile(r"(\S+?)\s*\(.+\)", re.DOTALL)

_NUMPY_PARAMETERS = ("Parameters", "Params", "Arguments", "Args", "Receives", "Receive", "Attributes", "Attribute")
_NUMPY_INPUTS = _NUMPY_PARAMETERS + ("Other Parameters", "Other Params", "Other Arguments", "Other Args")
_NUMPY_LISTS = _NUMPY_INPUTS + ("Raises", "Raise", "Warns", "Warn", "Returns", "Return", "Yields", "Yield")
_NUMPY_SEE = ("See Also", "Related", "References", "Reference")
_NUMPY_TEXTS = _NUMPY_SEE + ("Examples", "Example", "Warnings", "Warning", "Notes", "Note")
_NUMPY_TITLE = re.compile(
    "|".join(r"^{}[ \t]*\n-{{{}}}\s*$".format(title, len(title)) for title in _NUMPY_LISTS + _NUMPY_TEXTS), re.MULTILINE
)

_SPHINX_INPUTS = ("param", "parameter", "arg", "argument", "attribute", "key", "keyword")
_EPYDOC_INPUTS = ("param", "keyword", "ivar", "cvar", "var")


class Entries(NamedTuple):
    """What a style finds in a docstring.

    Attributes:
        text: what stands before the first entry or section.
        described: the descriptions of inputs by name.
        number: how many entries there are, of inputs and of all else.
    """

    text: str
    described: Dict[str, str]
    number: int


def sphinx(text: str) -> Optional[Entries]:
    """Read `:param name: text`."""
    return _fields(text, ":", _SPHINX_INPUTS, (1, 2))


def google(text: str) -> Optional[Entries]:
    """Read sections such as `Args:`, with one indented `name: text` or `name (type): text` an entry."""
    titles = list(_GOOGLE_TITLE.finditer(text))
    ends = [title.start() for title in titles[1:]] + [len(text)]
    sections = {title.group(1): text[title.end() : end] for title, end in zip(titles, ends)}  # the last of a title
    found, number = [], 0
    for title, body in sections.items():
        entries = _indented(body) if title in _GOOGLE_LISTS else [("", "")]
        if not entries:
            return None
        number += len(entries)
        found.extend(entries if title in _GOOGLE_INPUTS else [])
    return Entries(text[: titles[0].start()] if titles else text, _described(found), number)


def numpy(text: str) -> Optional[Entries]:
    """Read sections with underlined titles, whose entries are a line `name : type` with the text indented below."""
    titles = list(_NUMPY_TITLE.finditer(text))
    ends = [title.start() for title in titles[1:]] + [len(text)]
    found, number = [], 0
    for title, end in zip(titles, ends):
        name = title.group().partition("\n")[0].strip()
        entries = _underlined(text[title.end() : end]) if name in _NUMPY_LISTS else [("", "")]
        number += len(entries)
        found.extend(entries if name in _NUMPY_INPUTS else [])
    return Entries(text[: titles[0].start()] if titles else text, _described(found), number)


def epydoc(text: str) -> Optional[Entries]:
    """Read `@param name: text`."""
    return _fields(text, "@", _EPYDOC_INPUTS, (1,))


STYLES: Tuple[Callable[[str], Optional[Entries]], ...] = (sphinx, google, numpy, epydoc)
"""All styles; of two that find equally much, the first is meant."""


def _fields(text: str, mark: str, inputs: Tuple[str, ...], words: Tuple[int, ...]) -> Optional[Entries]:
    """Read fields, each from a line that starts with a mark; an input's has so many words after the first."""
    before, *fields = re.split("^" + mark, text, flags=re.MULTILINE)
    found, number = [], 0
    for field in fields:
        head, colon, said = field.partition(":")
        kind, *names = head.split() or [""]
        if not colon or not kind or (kind in inputs and len(names) not in words):
            return None
        number += kind not in ("type", "rtype")
        if kind in inputs:
            found.append((names[-1], _said(said.strip())))
    return Entries(before, _described(found), number)


def _indented(body: str) -> List[Tuple[str, str]]:
    """Give a section's entries, each from a line with the first one's indentation; none if one is no `name: text`."""
    body = re.split(r"\n(?=\S)", body)[0]
    first = re.match(r"\s*\n([ \t]+)(?=\S)", body)
    if first is None:
        return []
    entries = []
    for entry in re.split(r"^{}(?=\S)".format(first.group(1)), body, flags=re.MULTILINE)[1:]:
        head, colon, said = entry.rstrip("\n").partition(":")
        if not colon:
            return []
        typed = _GOOGLE_NAME.match(head)
        entries.append((typed.group(1) if typed else head, _said(said[1:] if said.startswith(" ") else said)))
    return entries


def _underlined(body: str) -> List[Tuple[str, str]]:
    """Give a section's entries, each from a line that is not indented."""
    entries = re.split(r"^(?=\S)", body, flags=re.MULTILINE)[1:]
    heads = [entry.partition("\n") for entry in entries]
    return [(re.split(r"\s*:", head)[0].rstrip(), cleandoc("\n" + said).strip()) for head, _, said in heads]


def _said(text: str) -> str:
    """Join an entry's lines; what follows the first loses its indentation, and an empty line before it."""
    first, newline, rest = text.partition("\n")
    return (first + "\n" + cleandoc(rest)).strip("\n") if newline else text


def _described(entries: List[Tuple[str, str]]) -> Dict[str, str]:
    return {name: text for name, text in entries if text}
