"""Where an edge's label stands: on the edge, and clear of the titles of boxes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

HEIGHT = 16.0
_CLEAR = HEIGHT / 2 + 1
_ON = 1.0

Point = tuple[float, float]


class Title(NamedTuple):
    """The strip at a box's top that its title takes."""

    left: float
    right: float
    top: float
    bottom: float


def stand(anchor: Point, width: float, route: Sequence[Point], titles: Sequence[Title]) -> Point:
    """Return the middle of a label.

    Args:
        anchor: where the layout would have it.
        width: the label's, in pixels.
        route: the points of its edge.
        titles: what it should not stand on.

    Returns:
        The point of the edge that is nearest to the anchor among those where the label touches no title, if there are
        such points.
    """
    pieces = list(pairwise(route))
    if not pieces:
        return anchor
    on_edge = [_nearest(anchor, *piece) for piece in pieces]
    free = [
        point
        for point in (*on_edge, *_beside(pieces, titles))
        if not any(_touches(point, width, title) for title in titles)
    ]
    return min(free or on_edge, key=lambda point: math.dist(point, anchor))


def _beside(pieces: Iterable[tuple[Point, Point]], titles: Sequence[Title]) -> Iterator[Point]:
    """Yield the points of upright pieces where a label stands right before or after a title."""
    for (x, start), (end_x, end) in pieces:
        if abs(x - end_x) < _ON:
            for y in (edge for title in titles for edge in (title.top - _CLEAR, title.bottom + _CLEAR)):
                if min(start, end) + _CLEAR <= y <= max(start, end) - _CLEAR:
                    yield x, y


def _touches(point: Point, width: float, title: Title) -> bool:
    is_beside = point[0] + width / 2 < title.left or title.right < point[0] - width / 2
    return not (is_beside or point[1] + _CLEAR <= title.top or title.bottom <= point[1] - _CLEAR)


def _nearest(point: Point, start: Point, end: Point) -> Point:
    (x, y), (across, down) = start, (end[0] - start[0], end[1] - start[1])
    square = across * across + down * down
    share = ((point[0] - x) * across + (point[1] - y) * down) / square if square else 0.0
    share = min(1.0, max(0.0, share))
    return x + share * across, y + share * down
