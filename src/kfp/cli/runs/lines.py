"""What a run looks like on a terminal of any size: lines, which nothing here writes.

✓ load               1.25 s
✓ prepare            0.00 s  cached
⠙ train               4.1 s  attempt 2  epoch 3/10 loss=0.2
⠙ for-loop-1         12.0 s  ━━━━────── 12/200, 2 failed, 4 running
  ✗ 7/fit            1.20 s  ValueError: bad value
· evaluate
━━━━━───────────────  12.4 s  16/214 steps, 5 running, 2 failed, 191 waiting
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from kfp.cli.cells import Line, cut, fit, width
from kfp.cli.runs.rows import INDENT, UNUSUAL, Detail, Frame, Row, going, rows
from kfp.cli.runs.signs import UNICODE, Signs, bar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kfp.cli.runs.tree import Tree

_TIME_CELLS = len("3 min 20 s")
_LEAST_NAME_CELLS = 12
_LEAST_COLUMNS_WITH_TIMES = 50
_BAR_CELLS = 20
_MOST_FINAL_ROWS = 200


def live(tree: Tree, now: float, columns: int, lines: int, signs: Signs = UNICODE) -> list[Line]:
    """Return what a terminal shows while the run goes on.

    Args:
        tree: the run.
        now: the time on the clock of its events.
        columns: the terminal's width.
        lines: how many lines there is room for.
        signs: the characters to draw with.

    Returns:
        No more lines than that, none wider; the last one has the totals.
    """
    room = max(1, lines - 1)
    found: list[Row | Line] = []
    for detail in reversed(Detail):
        found = list(islice(rows(tree.root, Frame(now, detail, signs)), room + 1))
        if len(found) <= room:
            break
    else:
        found[room - 1 :] = [[(signs.ellipsis, "dim")]]
    return [*aligned(found, columns), fit(totals(tree, now, columns, signs), columns)]


def final(tree: Tree, columns: int, signs: Signs = UNICODE) -> list[Line]:
    """Return what stays on the terminal after the run: its tree, folded where it is long, and what failed steps said.

    Args:
        tree: the run.
        columns: the terminal's width.
        signs: the characters to draw with.
    """
    now = tree.root.since or 0.0
    found = list(islice(rows(tree.root, Frame(now, Detail.FULL, signs)), _MOST_FINAL_ROWS + 1))
    if len(found) > _MOST_FINAL_ROWS:
        found = list(islice(rows(tree.root, Frame(now, Detail.FOLDED, signs)), _MOST_FINAL_ROWS))
    return aligned(found, columns)


def aligned(found: Sequence[Row | Line], columns: int) -> list[Line]:
    """Return rows as lines whose times and notes stand under each other, none wider than `columns`."""
    tasks = [row for row in found if isinstance(row, Row)]
    most = max(_LEAST_NAME_CELLS, columns * 2 // 5)
    cells = min(most, max((len(INDENT) * (row.depth + 1) + width(row.name[0]) for row in tasks), default=0))
    return [fit(_line(row, cells, columns) if isinstance(row, Row) else row, columns) for row in found]


def _line(row: Row, cells: int, columns: int) -> Line:
    """Return a row whose name takes, with all before it, `cells` cells."""
    lead = INDENT * row.depth
    name, style = row.name
    line: Line = [(lead, ""), row.sign, (" ", "")]
    if not row.time and not row.note:
        return [*line, (name, style)]
    room = cells - len(lead) - len(INDENT)
    name = cut(name, room)
    time = INDENT + row.time.rjust(_TIME_CELLS) if columns >= _LEAST_COLUMNS_WITH_TIMES else ""
    line += [(name, style), (" " * (room - width(name)) + time, "")]
    return [*line, (INDENT, ""), *row.note] if row.note else line


def totals(tree: Tree, now: float, columns: int, signs: Signs = UNICODE) -> Line:
    """Return the line with the bar and how many steps there are of each kind."""
    since = tree.root.since if tree.root.since is not None else now
    elapsed: Line = [(f"{INDENT}{going(now - since)}", "dim")]
    running = [f"{len(tree.running)} running"] if tree.running else []
    if tree.canceling is not None:
        way = " (Ctrl-C again stops at once)" if tree.is_ours else ""
        how = "stopping at once…" if tree.at_once else f"canceling…{way}"
        return [(how.replace("…", signs.ellipsis), "strong yellow"), (INDENT + "".join(running), ""), *elapsed]
    done = sum(tree.ended.values())
    waiting = tree.known - done - len(tree.running)
    parts = [
        f"{done}/{tree.known} steps",
        *running,
        *(f"{tree.ended[state]} {state.value.lower()}" for state in UNUSUAL if tree.ended[state]),
        *([f"{tree.cached} cached"] if tree.cached else []),
        *([f"{waiting} waiting"] if waiting > 0 else []),
    ]
    return [
        *bar(tree.ended, tree.known, min(_BAR_CELLS, columns // 4), signs),
        *elapsed,
        (INDENT + ", ".join(parts), ""),
    ]
