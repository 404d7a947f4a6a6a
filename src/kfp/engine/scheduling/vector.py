"""A persistent sequence: changing one item costs O(log n) and leaves the old sequence as it was.

The scheduler's state is a value; with 100,000 tasks a change must not copy all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")

_BITS = 5
_WIDTH = 1 << _BITS
_MASK = _WIDTH - 1


class Vector(Generic[T]):
    """An immutable sequence, a 32-way tree of tuples."""

    __slots__ = ("_root", "_shift", "_size")

    def __init__(self, items: Iterable[T] = ()) -> None:
        level: list[Any] = list(items)
        self._size = len(level)
        self._shift = 0
        level = _chunks(level)
        while len(level) > 1:
            level = _chunks(level)
            self._shift += _BITS
        self._root: tuple[Any, ...] = level[0] if level else ()

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, index: int) -> T:
        if not 0 <= index < self._size:
            raise IndexError(index)
        node = self._root
        for shift in range(self._shift, 0, -_BITS):
            node = node[(index >> shift) & _MASK]
        item: T = node[index & _MASK]
        return item

    def __iter__(self) -> Iterator[T]:
        return _walk(self._root, self._shift)

    def set(self, index: int, item: T) -> Vector[T]:
        """Return the sequence with the item at an index replaced.

        Raises:
            IndexError: there is no such index.
        """
        if not 0 <= index < self._size:
            raise IndexError(index)
        return self._with(_replace(self._root, self._shift, index, item), self._shift, self._size)

    def append(self, item: T) -> Vector[T]:
        """Return the sequence with one more item at its end."""
        if self._size == _WIDTH << self._shift:
            shift = self._shift + _BITS
            return self._with((self._root, _spine(self._shift, item)), shift, self._size + 1)
        return self._with(_extend(self._root, self._shift, self._size, item), self._shift, self._size + 1)

    @staticmethod
    def _with(root: tuple[Any, ...], shift: int, size: int) -> Vector[T]:
        new: Vector[T] = Vector.__new__(Vector)
        new._root, new._shift, new._size = root, shift, size
        return new


def _chunks(items: list[Any]) -> list[Any]:
    return [tuple(items[start : start + _WIDTH]) for start in range(0, len(items), _WIDTH)]


def _walk(node: tuple[Any, ...], shift: int) -> Iterator[Any]:
    if shift == 0:
        yield from node
        return
    for child in node:
        yield from _walk(child, shift - _BITS)


def _replace(node: tuple[Any, ...], shift: int, index: int, item: object) -> tuple[Any, ...]:
    slot = (index >> shift) & _MASK
    child = item if shift == 0 else _replace(node[slot], shift - _BITS, index, item)
    return (*node[:slot], child, *node[slot + 1 :])


def _extend(node: tuple[Any, ...], shift: int, index: int, item: object) -> tuple[Any, ...]:
    if shift == 0:
        return (*node, item)
    slot = (index >> shift) & _MASK
    if slot == len(node):
        return (*node, _spine(shift - _BITS, item))
    return (*node[:slot], _extend(node[slot], shift - _BITS, index, item), *node[slot + 1 :])


def _spine(shift: int, item: object) -> tuple[Any, ...]:
    node: tuple[Any, ...] = (item,)
    for _ in range(0, shift, _BITS):
        node = (node,)
    return node
