"""Labels stand on their edges and clear of titles."""

from __future__ import annotations

import pytest

from kfp.graph.labels import Title, stand

DOWN = ((50.0, 0.0), (50.0, 100.0))
STAIRS = ((0.0, 0.0), (0.0, 30.0), (200.0, 30.0), (200.0, 100.0))
TITLE = Title(0, 200, 20, 42)


@pytest.mark.parametrize(
    ("anchor", "route", "titles", "place"),
    [
        ((50, 60), DOWN, [], (50, 60)),
        ((70, 60), DOWN, [], (50, 60)),
        ((50, 120), DOWN, [], (50, 100)),
        ((50, 35), DOWN, [TITLE], (50, 51)),  # after the title, which is nearer than before it
        ((50, 22), DOWN, [TITLE], (50, 11)),
        ((50, 35), DOWN, [Title(100, 200, 20, 42)], (50, 35)),
        ((110, 30), STAIRS, [TITLE], (200, 51)),  # the piece that runs along the title has no room
        ((50, 35), ((50, 25), (50, 40)), [TITLE], (50, 35)),  # there is no room at all
        ((5, 5), (), [TITLE], (5, 5)),
    ],
)
def test_labels(
    anchor: tuple[float, float],
    route: tuple[tuple[float, float], ...],
    titles: list[Title],
    place: tuple[float, float],
) -> None:
    assert stand(anchor, 40, route, titles) == place
