"""Pipelines in a pipeline: what belongs together is written once, and used like a component.

The inner pipeline, in `text_statistics.py`, has inputs, one of them optional, and named outputs. Each call of it is a
task of the outer one, with a name of its own for people to read.
"""

import text_statistics

from kfp import dsl


@dsl.component
def compare(first: str, first_words: int, second: str, second_words: int) -> str:
    return f"{first!r} in {first_words} words, {second!r} in {second_words}"


@dsl.pipeline(name="two-texts", display_name="Two texts compared")
def two_texts(first: str = "the cat and the hat", second: str = "red,green,red") -> str:
    """Compare the statistics of two texts."""
    one = text_statistics.statistics(text=first).set_display_name("first text")
    two = text_statistics.statistics(text=second, separator=",").set_display_name("second text")
    return compare(
        first=one.outputs["favourite"],
        first_words=one.outputs["words"],
        second=two.outputs["favourite"],
        second_words=two.outputs["words"],
    ).output
