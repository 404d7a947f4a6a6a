"""Who is next in line on a machine that has only so much."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfp.engine.scheduling.fifo import Fifo
from kfp.engine.scheduling.line import MAX_LOTS, MAX_PASSES, Line, Unfit, draw
from kfp.engine.scheduling.resources import NOTHING, Request
from kfp.engine.scheduling.schedule import Key

CORE = Request(1000)


def line_of(count: int) -> Line:
    line = Line()
    for position in range(count):
        line = line.join(Key(1, position))
    return line


def drawn(line: Line, free: Request, requests: Sequence[Request | Unfit]) -> tuple[Line, int | None]:
    line, key = draw(line, free, lambda key: requests[key.position])
    return line, None if key is None else key.position


def test_first_in_line_is_first() -> None:
    line, requests = line_of(3), [CORE, NOTHING, CORE]
    order = []
    for _ in range(4):
        line, position = drawn(line, CORE, requests)
        order.append(position)
    assert order == [0, 1, 2, None]


def test_a_step_that_fits_passes_one_that_does_not() -> None:
    requests = [Request(4000), CORE, Request(4000), NOTHING]
    line, position = drawn(line_of(4), CORE, requests)
    assert position == 1
    line, position = drawn(line, NOTHING, requests)
    assert position == 3
    line, position = drawn(line, Request(8000), requests)
    assert position == 0
    assert drawn(line, Request(4000), requests)[1] == 2


def test_the_first_in_line_is_passed_so_many_times_at_its_cost_and_not_once_more() -> None:
    big, count = Request(4000), 2 * MAX_PASSES
    requests = [big, *[CORE] * count]
    line = line_of(1 + count)
    for number in range(MAX_PASSES):
        line, position = drawn(line, CORE, requests)
        assert position == number + 1
    line, position = drawn(line, Request(3000), requests)
    assert position is None
    line, position = drawn(line, Request(4000), requests)
    assert position == 0
    assert drawn(line, Request(3000), requests)[1] == MAX_PASSES + 1


def test_passing_costs_nothing_where_it_delays_nobody() -> None:
    """Beside a step that waits for an accelerator, those that leave it its processor go on for ever."""
    requests = [Request(1000, 0, 1), *[CORE] * 100]
    line = line_of(101)
    for number in range(100):
        line, position = drawn(line, Request(2000, 0, 0), requests)
        assert position == number + 1
    assert line.passes == 0


def test_a_pass_that_takes_what_the_first_will_need_is_counted() -> None:
    requests = [Request(1000, 0, 1), CORE]
    line, position = drawn(line_of(2), Request(1000, 0, 0), requests)
    assert (position, line.passes) == (1, 1)


def test_one_that_is_gone_holds_nobody_up() -> None:
    requests: list[Request | Unfit] = [Request(4000), Request(2000), CORE]
    line, position = drawn(line_of(3), NOTHING, requests)
    assert position is None
    requests[0] = Unfit.GONE
    line, position = drawn(line, Request(3000), requests)
    assert position == 1
    requests[2] = Unfit.GONE
    line, position = drawn(line, Request(3000), requests)
    assert (line.lots, bool(line.arrivals), position) == ((), False, None)


def test_an_unknown_request_is_asked_for_and_waits_in_its_place() -> None:
    requests: list[Request | Unfit] = [Unfit.UNKNOWN, CORE]
    line, position = drawn(line_of(2), CORE, requests)
    assert position == 0
    assert drawn(line, CORE, requests)[1] == 0
    requests[0] = Request(4000)
    assert drawn(line, CORE, requests)[1] == 1


def test_one_that_comes_back_is_ahead_of_those_whose_turn_has_not_come() -> None:
    line = line_of(2).rejoin(Key(1, 2))
    assert drawn(line, CORE, [CORE] * 3)[1] == 2


def test_of_all_different_requests_a_limited_number_is_looked_at() -> None:
    asked = 0

    def ask(key: Key) -> Request:
        nonlocal asked
        asked += 1
        return Request(5000 + key.position)

    line, _ = draw(line_of(10_000), CORE, ask)
    assert len(line.lots) == MAX_LOTS
    asked = 0
    draw(line, CORE, ask)
    assert asked <= MAX_LOTS + 1


def test_ten_thousand_that_ask_for_the_same_are_one_question() -> None:
    requests = [*[Request(0, 0, 1)] * 10_000, CORE]
    line, position = drawn(line_of(10_001), Request(2000), requests)
    assert position == 10_000
    assert [lot.request for lot in line.lots] == [Request(0, 0, 1)]
    order = []
    for _ in range(10_000):
        line, position = drawn(line, Request(0, 0, 1), requests)
        order.append(position)
    assert order == list(range(10_000))


@given(st.lists(st.sampled_from(["push", "push_first", "pop"]), max_size=40))
def test_a_queue_behaves_as_a_list_and_keeps_its_past(changes: list[str]) -> None:
    queue, model, past = Fifo[int](), list[int](), []
    for number, change in enumerate(changes):
        past.append((queue, list(model)))
        if change == "pop":
            if model:
                queue, model = queue.pop(), model[1:]
        else:
            queue = getattr(queue, change)(number)
            model = [*model, number] if change == "push" else [number, *model]
    for each, expected in [*past, (queue, model)]:
        left = []
        while each:
            left.append(each.first)
            each = each.pop()  # noqa: PLW2901 - a new value
        assert left == expected
        with pytest.raises(IndexError):
            each.pop()
