"""The expected descriptions are those that upstream's SDK puts into component specs; the outputs are x, y and z."""

from __future__ import annotations

import pytest

from kfp.runtime.docstring import Docs, read_docstring

CASES = {
    "several outputs": (
        "S.\n\nReturns:\n  x: first\n    more\n  y (str): second\n  z:\n    third\n",
        Docs("S.", {}, {"x": "first\nmore", "y": "second", "z": "third"}),
    ),
    "prose among outputs describes none": ("S.\n\nReturns:\n  Some.\n  x: first\n", Docs("S.", {}, {})),
    "prose among inputs breaks the style": (
        "S.\n\nArgs:\n  a: one\n  prose\n\nReturns:\n  x: first\n",
        Docs("S.\nArgs:\n  a: one\n  prose\n\nReturns:\n  x: first", {}, {"x": "first"}),
    ),
    "Args after Returns": ("S.\n\nReturns:\n  x: X\n\nArgs:\n  a: A\n", Docs("S.", {"a": "A"}, {})),
    "Return": ("S.\n\nArgs:\n  a: A\n\nReturn:\n  x: X\n", Docs("S.", {"a": "A"}, {"x": "X"})),
    "a paragraph after the first line": (
        "S.\n\nArgs:\n  a: one\n\n    two\n      three\n    four\n  b:  blank\n",
        Docs("S.", {"a": "one\ntwo\n  three\nfour", "b": " blank"}, {}),
    ),
    "a first line with more indentation": (
        "S.\n\nArgs:\n  a: one\n      two\n    three\n   four\n",
        Docs("S.", {"a": "one\ntwo\n three\nfour"}, {}),
    ),
    "types": ("S.\n\nArgs:\n  a (Dict[str,\n    int]): A\n  b (x)?: B\n", Docs("S.", {"a": "A", "b": "B"}, {})),
    "the last section of a title": ("S.\n\nArgs:\n  a: A\nArgs:\n  b: B\n", Docs("S.", {"b": "B"}, {})),
    "the style with more entries": (
        "S.\n\nArgs:\n  a: A\n\n:param b: B\n:param c: C\n",
        Docs("S.\nArgs:\n  a: A", {"b": "B", "c": "C"}, {}),
    ),
    "numpy, Returns before Parameters": (
        "S.\n\nReturns\n-------\nx : int\n  X\n\nParameters\n----------\na : int\n  A\n",
        Docs("S.", {"a": "A"}, {}),
    ),
    "numpy, a line too short": (
        "S.\n\nParameters\n----\na : int\n  A\n",
        Docs("S.\nParameters\n----\na : int\n  A", {}, {}),
    ),
    "a field without an end": ("S.\n\n:param a: A\n:foo\n", Docs("S.\n:param a: A\n:foo", {}, {})),
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
        x : int
            The result.
        """,
        Docs("Summary line.\nMore text.", {"a": "The a\nvalue.", "b": "The b."}, {"x": "The result."}),
    ),
    "numpy, several names of one type": (
        """Summary.

        Parameters
        ----------
        a, b : int
            Both.

        Returns
        -------
        x : int
            The result.
        """,
        Docs("Summary.", {"a, b": "Both."}, {"x": "The result."}),
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
            x: the sum
        """,
        Docs(
            "Adds.",
            {"a": "first", "b": "second\ncontinued here\n  more indented\n\npara two", "c": "has: colon"},
            {"x": "the sum"},
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
    found = read_docstring(docstring)
    assert found._replace(outputs={name: found.outputs[name] for name in "xyz" if name in found.outputs}) == expected
