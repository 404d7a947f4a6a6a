"""Metrics, drawn: scalars as a table, a confusion matrix as a heat map, a ROC curve as a curve.

The metadata is that of `system.Metrics`, `system.ClassificationMetrics` and `system.SlicedClassificationMetrics`, as
the SDK's artifact classes write it. What does not have that form is shown as the JSON that it is.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kfp.report.markup import Markup, element, note
from kfp.report.values import shown, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kfp.ir.spec import Json

SCALARS, CLASSIFICATION, SLICED = "system.Metrics", "system.ClassificationMetrics", "system.SlicedClassificationMetrics"
DRAWN = (CLASSIFICATION, SLICED)
_SIDE = 260.0
_ROOM = 40.0
_MOST_ROWS = 500
_MOST_COLUMNS = 6
_EXACT = 1e15  # below, a float holds every integer, and its digits are shorter than a power of ten says
_LARGEST = 100  # categories; a larger matrix is no picture


def comparison(metrics: Sequence[tuple[str, Mapping[str, Any]]]) -> Markup:
    """Return scalar metrics side by side: a row is a step, or a metric where a page is too narrow for those.

    Args:
        metrics: a step's name and its values by name, for each that logged some.
    """
    names = list(dict.fromkeys(name for _, values in metrics for name in values))
    steps = metrics[:_MOST_ROWS]
    columns, rows = names, [(step, [_number(values.get(name)) for name in names]) for step, values in steps]
    corner = "step"
    if len(names) > max(_MOST_COLUMNS, len(steps)):
        corner, columns = "metric", [step for step, _ in steps]
        rows = [(name, [_number(values.get(name)) for _, values in steps]) for name in names]
    head = element("tr", element("th", corner), [element("th", column, scope="col") for column in columns])
    body = [
        element("tr", element("th", row, scope="row"), [element("td", cell) for cell in cells]) for row, cells in rows
    ]
    left = len(metrics) - len(steps)
    more = note(f"and {left:,} more steps") if left else None
    return element("div", element("table", element("thead", head), element("tbody", body), class_="metrics"), more)


def drawing_of(kind: str, metadata: Mapping[str, Any]) -> Markup:
    """Return a picture of metrics.

    Args:
        kind: one of `DRAWN`.
        metadata: the artifact's.
    """
    if kind != SLICED:
        return _classification(metadata)
    slices = metadata.get("evaluationSlices")
    if isinstance(slices, list) and all(isinstance(each, dict) for each in slices):
        return element("div", [_slice(each) for each in slices])
    return shown(dict(metadata))


def _number(value: Json) -> Markup | str:
    if value is None:
        return "-"
    return _figure(value, ".6g") if isinstance(value, float) else shown(value)


def _figure(value: float, rounded: str) -> str:
    """Return a number as people read it: integers with all their digits, since counts are floats here."""
    return f"{value:.0f}" if value.is_integer() and abs(value) < _EXACT else f"{value:{rounded}}"


def _slice(entry: Mapping[str, Any]) -> Markup:
    inner = entry.get("sliceClassificationMetrics")
    drawn = _classification(inner) if isinstance(inner, dict) else shown(dict(entry))
    return element("section", element("h5", f"slice {entry.get('slice')}"), drawn)


def _classification(metadata: Mapping[str, Any]) -> Markup:
    matrix, points = metadata.get("confusionMatrix"), metadata.get("confidenceMetrics")
    known = ("confusionMatrix", "confidenceMetrics", "display_name")
    rest = {key: value for key, value in metadata.items() if key not in known}
    drawn = [
        _matrix(matrix) if isinstance(matrix, dict) else None,
        _curve(points) if isinstance(points, list) and points else None,
        table(rest, "") if rest else None,
    ]
    return element("div", drawn, class_="drawn") if any(drawn) else note("no metrics were logged")


def _matrix(matrix: Mapping[str, Any]) -> Markup:
    """Return a confusion matrix: a row is a true category, a column a predicted one."""
    try:
        names = [str(each["displayName"]) for each in matrix["annotationSpecs"]]
        rows = [[float(cell) for cell in each["row"]] for each in matrix["rows"]]
    except (KeyError, TypeError, ValueError):
        return shown(dict(matrix))
    if len(names) > _LARGEST or len(rows) != len(names) or any(len(row) != len(names) for row in rows):
        return shown(dict(matrix))
    most = max((cell for row in rows for cell in row if math.isfinite(cell)), default=0.0)
    head = element("tr", element("th", "true ↓  predicted →"), [element("th", name, scope="col") for name in names])
    body = [
        element("tr", element("th", name, scope="row"), [_cell(cell, most) for cell in row])
        for name, row in zip(names, rows, strict=True)
    ]
    return element("table", element("thead", head), element("tbody", body), class_="matrix")


def _cell(value: float, most: float) -> Markup:
    share = value / most if most > 0 and math.isfinite(value) and value > 0 else 0.0
    return element("td", _figure(value, "g"), style=f"--share:{share:.3f}")


def _curve(points: Sequence[Any]) -> Markup:
    """Return a ROC curve, with the area under it."""
    try:
        curve = sorted((float(each["falsePositiveRate"]), float(each["recall"])) for each in points)
    except (KeyError, TypeError, ValueError):
        return shown(list(points))
    if not all(0 <= x <= 1 and 0 <= y <= 1 for x, y in curve):
        return shown(list(points))
    area = sum((right[0] - left[0]) * (right[1] + left[1]) / 2 for left, right in pairwise(curve))
    path = " ".join(f"{_ROOM + x * _SIDE:.1f},{(1 - y) * _SIDE + 10:.1f}" for x, y in curve)
    size = _SIDE + _ROOM + 14
    ticks = [
        tick
        for share in (0.0, 0.5, 1.0)
        for tick in (
            _tick(_ROOM + share * _SIDE, _SIDE + 24, f"{share:g}", "middle"),
            _tick(_ROOM - 6, (1 - share) * _SIDE + 14, f"{share:g}", "end"),
        )
    ]
    return element(
        "figure",
        element(
            "svg",
            Markup(f'<rect x="{_ROOM:g}" y="10" width="{_SIDE:g}" height="{_SIDE:g}" class="frame"/>'),
            Markup(f'<path d="M{_ROOM:g} {_SIDE + 10:g}L{_ROOM + _SIDE:g} 10" class="chance"/>'),
            Markup(f'<polyline points="{path}" class="curve"/>'),
            ticks,
            _tick(_ROOM + _SIDE / 2, _SIDE + 38, "false positive rate", "middle"),
            viewBox=f"0 0 {size:g} {size:g}",
            width=f"{size:g}",
            role="img",
            aria_label="ROC curve",
        ),
        element("figcaption", f"ROC curve of {len(curve):,} points, area {area:.3f}; the true positive rate upwards"),
    )


def _tick(x: float, y: float, text: str, anchor: str) -> Markup:
    return element("text", text, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor)
