"""A persistent queue: joining and leaving it cost O(1), over its life, and leave the old queue as it was."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Fifo(Generic[T]):
    """An immutable queue: two linked lists, the front in order and the back in reverse.

    The front is empty only where the queue is.
    """

    __slots__ = ("_back", "_front")

    def __init__(self, front: tuple[T, Any] | None = None, back: tuple[T, Any] | None = None) -> None:
        self._front, self._back = front, back

    def __bool__(self) -> bool:
        return self._front is not None

    @property
    def first(self) -> T | None:
        """Who is first, None where nobody is."""
        return self._front[0] if self._front is not None else None

    def push(self, item: T) -> Fifo[T]:
        """Return the queue with one more at its end."""
        return Fifo((item, None)) if self._front is None else Fifo(self._front, (item, self._back))

    def push_first(self, item: T) -> Fifo[T]:
        """Return the queue with one more before all the others."""
        return Fifo((item, self._front), self._back)

    def pop(self) -> Fifo[T]:
        """Return the queue without the first one.

        Raises:
            IndexError: nobody is there.
        """
        if self._front is None:
            raise IndexError("the queue is empty")
        front, back = self._front[1], self._back
        if front is None:
            while back is not None:
                front, back = (back[0], front), back[1]
        return Fifo(front, back)
