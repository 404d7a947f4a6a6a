"""Docstrings in the styles of NumPy, Sphinx and Epydoc; `kfp.runtime.docstring` reads Google's and chooses."""

import re
from typing import Dict, List, NamedTuple, Optional

_UNDERLINE = re.compile(r"-{2,}\s*$")
_NUMPY_INPUTS = ("Parameters", "Params", "Arguments", "Args", "Other Parameters", "Other Params", "Attributes")
_NUMPY_OUTPUTS = ("Returns", "Return")
_ENTRY = re.compile(r"(?P<name>[^:]+?)\s*(?::.*)?$")
_FIELD = re.compile(r"(?P<mark>[:@])(?P<kind>[a-z]+)(?:\s+(?:[^:\s]+\s+)?(?P<name>[*\w]+))?\s*:(?:\s+(?P<text>.*))?$")
_FIELD_INPUTS = ("param", "parameter", "arg", "argument", "attribute", "key", "keyword")


class Parts(NamedTuple):
    """A docstring's text before its first section, and what the sections say of inputs and outputs by name."""

    text: List[str]
    inputs: Dict[str, str]
    outputs: Dict[str, str]


def numpy(lines: List[str]) -> Optional[Parts]:
    """Read sections with underlined titles, or give None where there is none."""
    titles = [index for index in range(len(lines) - 1) if lines[index].strip() and _UNDERLINE.match(lines[index + 1])]
    if not titles:
        return None
    parts = Parts(lines[: titles[0]], {}, {})
    for start, end in zip(titles, titles[1:] + [len(lines)]):
        title = lines[start].strip()
        found = parts.inputs if title in _NUMPY_INPUTS else parts.outputs if title in _NUMPY_OUTPUTS else {}
        found.update(_underlined(lines[start + 2 : end]))
    return parts


def fields(lines: List[str]) -> Optional[Parts]:
    """Read `:param name: text` and `@param name: text`, or give None where there is no such line."""
    matches = {index: match for index, match in enumerate(map(_FIELD.match, lines)) if match}
    if not matches:
        return None
    starts = list(matches)
    parts = Parts(lines[: starts[0]], {}, {})
    for start, end in zip(starts, starts[1:] + [len(lines)]):
        match = matches[start]
        if match.group("kind") in _FIELD_INPUTS and match.group("name"):
            text = joined([match.group("text") or ""] + lines[start + 1 : end])
            if text:
                parts.inputs[match.group("name")] = text
    return parts


def joined(lines: List[str]) -> str:
    """Join an entry's lines; what follows the first loses its indentation."""
    margin = min((len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()), default=0)
    return "\n".join(lines[:1] + [line[margin:] for line in lines[1:]]).strip()


def _underlined(body: List[str]) -> "Dict[str, str]":
    """Give the entries of a section: a line `name : type`, its text indented below."""
    found: Dict[str, List[str]] = {}
    current: List[str] = []
    for line in body:
        entry = _ENTRY.match(line)
        if entry and not line.startswith(" "):
            current = found[entry.group("name")] = [""]
        else:
            current.append(line)
    texts = {name: joined(lines) for name, lines in found.items()}
    return {name: text for name, text in texts.items() if text}
