"""The inner pipeline: a text's number of words and most frequent word."""

from typing import NamedTuple, Optional

from kfp import dsl


@dsl.component
def split(text: str, separator: Optional[str] = None) -> list[str]:
    return text.lower().split(separator)


@dsl.component
def count(words: list[str]) -> int:
    return len(words)


@dsl.component
def most_frequent(words: list[str]) -> str:
    return max(sorted(set(words)), key=words.count)


class Statistics(NamedTuple):
    words: int
    favourite: str


@dsl.pipeline(name="statistics")
def statistics(text: str, separator: Optional[str] = None) -> Statistics:
    """Count the words of a text and find the most frequent one."""
    words = split(text=text, separator=separator).output
    return Statistics(count(words=words).output, most_frequent(words=words).output)
