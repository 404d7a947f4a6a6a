from __future__ import annotations

import time

from kfp.engine.running.alarms import Alarms
from kfp.engine.scheduling.schedule import Key


def test_those_that_are_due_come_once_and_in_order() -> None:
    alarms = Alarms()
    assert alarms.left() is None
    alarms.add(0.02, Key(1, 2))
    alarms.add(0.0, Key(1, 1))
    alarms.add(3600, Key(1, 3))
    assert alarms.left() == 0
    time.sleep(0.03)
    assert list(alarms.due()) == [Key(1, 1), Key(1, 2)]
    left = alarms.left()
    assert left is not None
    assert 3500 < left <= 3600
    assert list(alarms.due()) == []
