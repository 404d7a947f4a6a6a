"""What steps take of a machine: processors, memory and accelerators, as values that can be compared and added."""

from __future__ import annotations

from typing import NamedTuple


class Request(NamedTuple):
    """An amount of each resource: what a step asks for, or what a machine has.

    Args:
        cpu: thousandths of a processor.
        memory: bytes.
        accelerators: whole devices.
    """

    cpu: int = 0
    memory: int = 0
    accelerators: int = 0

    def fits(self, free: Request) -> bool:
        """Whether there is enough of everything."""
        return self.cpu <= free.cpu and self.memory <= free.memory and self.accelerators <= free.accelerators

    def within(self, capacity: Request) -> Request:
        """Return as much of it as there is."""
        return Request(*map(min, self, capacity)) if self != NOTHING else NOTHING

    def plus(self, other: Request) -> Request:
        """Return the sum."""
        return Request(self.cpu + other.cpu, self.memory + other.memory, self.accelerators + other.accelerators)

    def minus(self, other: Request) -> Request:
        """Return the difference."""
        return Request(self.cpu - other.cpu, self.memory - other.memory, self.accelerators - other.accelerators)


NOTHING = Request()
"""What a step takes that asks for nothing."""

UNBOUNDED = Request(1 << 62, 1 << 62, 1 << 62)
"""A machine that has enough of everything."""
