"""A component file of KFP v1, as many teams still share them, in a pipeline of today.

`components.load_component_from_file` reads it; there are `load_component_from_url` and `load_component_from_text`, too.
Names of inputs and outputs become names of Python: `Minimum length` is `minimum_length`.
"""

from pathlib import Path
from typing import NamedTuple

from kfp import components, dsl

word_count = components.load_component_from_file(str(Path(__file__).parent / "components" / "word_count.yaml"))


class Counts(NamedTuple):
    words: int
    entries: int


@dsl.pipeline(name="word-count")
def word_count_pipeline(text: str = "apples and pears, plums, wild cherries") -> Counts:
    """Count the long words of a list, and its entries."""
    words = word_count(text=text, minimum_length=4).set_display_name("long words")
    entries = word_count(text=text, separator=",").set_display_name("entries")
    return Counts(words.outputs["count"], entries.outputs["count"])
