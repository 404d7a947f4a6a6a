"""What a component function's docstring says of the function, its inputs and its outputs.

Google's style is read here: a text, then sections such as `Args:` and `Returns:` with one indented `name: text` an
entry; other styles in `kfp.runtime.docstring_styles`.
"""

import re
from typing import Dict, List, NamedTuple, Optional

from kfp.runtime.docstring_styles import fields, joined, numpy

_INPUT_SECTIONS = ("Args", "Arguments", "Parameters", "Params", "Attributes")
_OUTPUT_SECTIONS = ("Returns",)
_OTHER_SECTIONS = ("Raises", "Exceptions", "Except", "Example", "Examples", "Yields")
_TITLE = re.compile(r"({}):\s*$".format("|".join(_INPUT_SECTIONS + _OUTPUT_SECTIONS + _OTHER_SECTIONS)))
_ENTRY = re.compile(r"(?P<name>[*\w]+)\s*(?:\([^)]*\))?\s*:(?P<text>.*)$")


class Docs(NamedTuple):
    """The descriptions in a docstring.

    Attributes:
        description: the text before the first section, or None.
        inputs: the descriptions of inputs by name.
        outputs: the descriptions of outputs by name.
    """

    description: Optional[str]
    inputs: Dict[str, str]
    outputs: Dict[str, str]


def read_docstring(docstring: Optional[str]) -> Docs:
    """Read a docstring; None and an empty one describe nothing."""
    lines = _dedent((docstring or "").expandtabs())
    parts = numpy(lines) or fields(lines)
    if parts is not None:
        return Docs(_description(parts.text), parts.inputs, parts.outputs)
    text: List[str] = []
    entries: Dict[str, Dict[str, str]] = {}
    position = 0
    while position < len(lines):
        title = _TITLE.match(lines[position])
        body = _body(lines, position + 1) if title else []
        if title and any(body):
            entries.setdefault(title.group(1), {}).update(_entries(body))
            position += 1 + len(body)
        else:
            if not entries:
                text.append(lines[position])
            position += 1
    inputs = {name: text for title in _INPUT_SECTIONS for name, text in entries.get(title, {}).items()}
    outputs = {name: text for title in _OUTPUT_SECTIONS for name, text in entries.get(title, {}).items()}
    return Docs(_description(text), inputs, outputs)


def _description(lines: List[str]) -> Optional[str]:
    """Join the summary and the text; KFP keeps no empty line between the two."""
    rest = "\n".join(lines[1:]).strip()
    return "\n".join(part for part in ("".join(lines[:1]).strip("\n"), rest) if part) or None


def _body(lines: List[str], start: int) -> List[str]:
    end = start
    while end < len(lines) and (not lines[end] or lines[end][0] == " "):
        end += 1
    return lines[start:end]


def _entries(body: List[str]) -> Dict[str, str]:
    indent = min(len(line) - len(line.lstrip()) for line in body if line)
    found: Dict[str, List[str]] = {}
    current: List[str] = []
    for line in body:
        entry = _ENTRY.match(line[indent:])
        if entry:
            current = found[entry.group("name")] = [entry.group("text").strip()]
        elif line[indent:].startswith(" ") or not line:
            current.append(line)
        else:
            current = []  # a line of prose among the entries
    texts = {name: joined(lines) for name, lines in found.items()}
    return {name: text for name, text in texts.items() if text}


def _dedent(docstring: str) -> List[str]:
    """Take the common indentation off all lines but the first, and empty lines off both ends (PEP 257)."""
    lines = docstring.split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()), default=0)
    lines = [lines[0].lstrip()] + [line[margin:] if line.strip() else "" for line in lines[1:]]
    while lines and not lines[-1].strip():
        lines.pop()
    while lines and not lines[0].strip():
        lines.pop(0)
    return lines
