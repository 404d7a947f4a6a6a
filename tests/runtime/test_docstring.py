"""The expected descriptions are those that upstream's SDK puts into component specs."""

from __future__ import annotations

import pytest

from kfp.runtime.docstring import Docs, read_docstring

CASES = {
    "numpy": (
        """Summary line.

        More text.

        Parameters
        ----------
        a : int
            The a
            value.
        b : str, optional
            The b.

        Returns
        -------
        int
            The result.
        """,
        Docs("Summary line.\nMore text.", {"a": "The a\nvalue.", "b": "The b."}, {"int": "The result."}),
    ),
    "numpy, several names of one type": (
        """Summary.

        Parameters
        ----------
        a, b : int
            Both.

        Returns
        -------
        Output : int
            The result.
        """,
        Docs("Summary.", {"a, b": "Both."}, {"Output": "The result."}),
    ),
    "sphinx": (
        """Summary line.

        :param a: The a value
            continued.
        :type a: int
        :param str b: The b.
        :return: The result.
        :rtype: int
        """,
        Docs("Summary line.", {"a": "The a value\ncontinued.", "b": "The b."}, {}),
    ),
    "sphinx, other words": (
        """Summary.

        More.

        :parameter a: The a.
        :arg b: bb
        :returns: res
        :raises ValueError: x
        """,
        Docs("Summary.\nMore.", {"a": "The a.", "b": "bb"}, {}),
    ),
    "epydoc": (
        """Summary.

        @param a: The a.
        @return: out
        """,
        Docs("Summary.", {"a": "The a."}, {}),
    ),
    "all parts": (
        """Adds.

        Args:
            a: first
            b (int): second
              continued here
                more indented

              para two
            c: has: colon
        Returns:
            Output: the sum
        """,
        Docs(
            "Adds.",
            {"a": "first", "b": "second\ncontinued here\n  more indented\n\npara two", "c": "has: colon"},
            {"Output": "the sum"},
        ),
    ),
    "long text": (
        """Short
        continues.

        Long description
        over lines.

        More.
        """,
        Docs("Short\ncontinues.\n\nLong description\nover lines.\n\nMore.", {}, {}),
    ),
    "no blank line after the summary is kept": (
        """Adds.

        args:
            a: lower
        """,
        Docs("Adds.\nargs:\n    a: lower", {}, {}),
    ),
    "other names of sections": (
        """Adds.

        Parameters:
            a: first
        Arguments:
            b: second
        Raises:
            ValueError: x
        Yields:
            c: foo
        """,
        Docs("Adds.", {"a": "first", "b": "second"}, {}),
    ),
    "without summary": ("\n    Args:\n        a: first\n    ", Docs(None, {"a": "first"}, {})),
    "inline title": (
        "Adds.\n    Args:\n        a: first\n    Returns: inline sum\n    ",
        Docs("Adds.", {"a": "first"}, {}),
    ),
    "text on the next line": ("Adds.\n\n    Args:\n        a:\n            below\n", Docs("Adds.", {"a": "below"}, {})),
    "no text": ("Adds.\n\n    Args:\n        a:\n        b:d\n", Docs("Adds.", {"b": "d"}, {})),
    "title without a body": ("Args:\n        a: first\n    ", Docs("Args:\na: first", {}, {})),
    "text after a section": (
        """Adds.

        Args:
            a: first
        Trailing: text.
          more

        Returns:
            x: foo
              more
            y (str): bar
        """,
        Docs("Adds.", {"a": "first"}, {"x": "foo\nmore", "y": "bar"}),
    ),
    "prose under Returns": ("Adds.\n\n    Returns:\n        the sum of both\n", Docs("Adds.", {}, {})),
    "blank lines in the text": ("Adds.\n\n\n    Long.\n\n\n    Longer.\n", Docs("Adds.\nLong.\n\n\nLonger.", {}, {})),
    "empty": ("", Docs(None, {}, {})),
    "only blanks": ("   \n  ", Docs(None, {}, {})),
    "none": (None, Docs(None, {}, {})),
}


@pytest.mark.parametrize("case", CASES)
def test_docstring(case: str) -> None:
    docstring, expected = CASES[case]
    assert read_docstring(docstring) == expected
