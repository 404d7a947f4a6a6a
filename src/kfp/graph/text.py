"""The widths of texts, without the font that a reader's machine will choose."""

from __future__ import annotations

_NARROW = frozenset("iljtfrI.,:;'|!()[]{} -/\"")
_WIDE = frozenset("mwMW@%—…")
_NARROW_EM, _EM, _UPPER_EM, _WIDE_EM, _FULL_EM = 0.36, 0.58, 0.70, 0.90, 1.05
_LATIN = 0x2000


def width(text: str, size: float) -> float:
    """Return the width of a text in a common sans-serif font, rather too large than too small.

    Args:
        text: one line.
        size: the font's size; the width is in the same unit.
    """
    return size * sum(_em(character) for character in text)


def clipped(text: str, size: float, limit: float) -> str:
    """Return a text that is at most so wide, cut with an ellipsis where it is wider."""
    if width(text, size) <= limit:
        return text
    room = limit - width("…", size)
    end = 0
    for character in text:
        room -= size * _em(character)
        if room < 0:
            break
        end += 1
    return text[:end].rstrip() + "…"


def _em(character: str) -> float:
    if character in _NARROW:
        return _NARROW_EM
    if character in _WIDE:
        return _WIDE_EM
    if ord(character) >= _LATIN:
        return _FULL_EM
    return _UPPER_EM if character.isupper() else _EM
