"""What a component function's docstring says of the function, its inputs and its outputs.

KFP reads a docstring in four styles and takes the one that finds the most entries; so does this, to describe components
in the same words. The styles are in `kfp.runtime.docstring_styles`.
"""

from inspect import cleandoc
from typing import Dict, List, NamedTuple, Optional

from kfp.runtime.docstring_styles import STYLES, Entries

_RETURNS = ("Returns:\n", "Returns\n", "Return:\n", "Return\n")


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
    """Read a docstring; None and an empty one describe nothing.

    Outputs are read as KFP reads them, as the arguments of the docstring with `Args:` in place of `Returns:`: inputs of
    the same names are among them, and a section `Args:` that follows takes their place.
    """
    text = cleandoc(docstring or "")
    inputs = _entries(text)
    titles = [title for title in _RETURNS if title in text]
    outputs = _entries(text.replace(titles[0], "Args:\n")).described if titles else {}
    return Docs(_description(inputs.text), inputs.described, outputs)


def _entries(text: str) -> Entries:
    """Give what the style finds that finds the most; the first of them that do."""
    found: List[Entries] = [entries for entries in (style(text) for style in STYLES) if entries is not None]
    return max(found, key=lambda entries: entries.number)


def _description(text: str) -> Optional[str]:
    """Join the summary and the text; KFP keeps no empty line between the two."""
    summary, _, rest = text.partition("\n")
    return "\n".join(part for part in (summary.strip(), rest.strip()) if part) or None
