"""A compressor for the embedded bundle whose bytes are the same on every machine.

The output of `zlib` depends on which library Python was built with (zlib, zlib-ng, others), bz2 and lzma are missing
from some builds of Python, and a component's command takes part in the cache key of its tasks. So the few kilobytes
of the bundle are deflated here, in some tens of milliseconds, and `zlib.decompress(data, -15)` reads them anywhere.
The format is that of RFC 1951: one block with Huffman codes of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

_WINDOW = 32768
_SHORTEST, _LONGEST = 3, 258
_CANDIDATES = 48
_END_OF_BLOCK = 256
_CODE_LENGTH_ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)


class _Symbol(NamedTuple):
    """One symbol of a block: its code's number and the bits that follow the code."""

    code: int
    extra: int = 0
    extra_bits: int = 0


def deflate(data: bytes) -> bytes:
    """Compress bytes to a raw deflate stream (RFC 1951)."""
    literals: list[tuple[_Symbol, _Symbol | None]] = [*_matches(data), (_Symbol(_END_OF_BLOCK), None)]
    literal_lengths = _code_lengths(Counter(symbol.code for symbol, _ in literals), 15)
    distance_lengths = _code_lengths(Counter(distance.code for _, distance in literals if distance), 15)
    out = _Bits()
    out.write(1, 1)  # the last block
    out.write(2, 2)  # with its own Huffman codes
    literal_count = max(257, max(literal_lengths) + 1)
    distance_count = max(distance_lengths, default=0) + 1
    lengths = [literal_lengths.get(code, 0) for code in range(literal_count)]
    lengths += [distance_lengths.get(code, 0) for code in range(distance_count)]
    _write_tables(out, lengths, literal_count, distance_count)
    literal_codes, distance_codes = _codes(literal_lengths), _codes(distance_lengths)
    for symbol, distance in literals:
        out.write_symbol(symbol, literal_codes)
        if distance is not None:
            out.write_symbol(distance, distance_codes)
    return out.finish()


class _Bits:
    """Bits from the lowest of each byte on, as deflate packs them."""

    def __init__(self) -> None:
        self._done = bytearray()
        self._bits = 0
        self._count = 0

    def write(self, value: int, count: int) -> None:
        self._bits |= value << self._count
        self._count += count
        while self._count >= 8:  # noqa: PLR2004 -- a byte
            self._done.append(self._bits & 0xFF)
            self._bits >>= 8
            self._count -= 8

    def write_symbol(self, symbol: _Symbol, codes: dict[int, tuple[int, int]]) -> None:
        self.write(*codes[symbol.code])
        self.write(symbol.extra, symbol.extra_bits)

    def finish(self) -> bytes:
        if self._count:
            self._done.append(self._bits)
        return bytes(self._done)


def _matches(data: bytes) -> Iterable[tuple[_Symbol, _Symbol | None]]:
    """Split data into literals and references to earlier data (LZ77), waiting one byte for a longer match."""
    heads: dict[bytes, list[int]] = {}
    position = 0
    pending = _longest(data, 0, heads)
    while position < len(data):
        length, distance = pending
        _remember(data, position, heads)
        following = _longest(data, position + 1, heads)
        if length < _SHORTEST or following[0] > length:
            yield _Symbol(data[position]), None
            position += 1
            pending = following
            continue
        yield _length_symbol(length), _distance_symbol(distance)
        for skipped in range(position + 1, position + length):
            _remember(data, skipped, heads)
        position += length
        pending = _longest(data, position, heads)


def _remember(data: bytes, position: int, heads: dict[bytes, list[int]]) -> None:
    heads.setdefault(data[position : position + _SHORTEST], []).append(position)


def _longest(data: bytes, position: int, heads: dict[bytes, list[int]]) -> tuple[int, int]:
    """Find the longest earlier occurrence of what begins at a position: its length and distance, or (0, 0)."""
    best, distance = 0, 0
    most = min(_LONGEST, len(data) - position)
    for start in reversed(heads.get(data[position : position + _SHORTEST], [])[-_CANDIDATES:]):
        if position - start > _WINDOW:
            break
        if data[start : start + best + 1] != data[position : position + best + 1]:
            continue
        length = best
        while length < most and data[start + length] == data[position + length]:
            length += 1
        if length > best:
            best, distance = length, position - start
    return (best, distance) if best >= _SHORTEST else (0, 0)


def _ranges(first: int, counts: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """List the first value and the extra bits of each code, from runs of (number of codes, extra bits)."""
    ranges = []
    for codes, bits in counts:
        for _ in range(codes):
            ranges.append((first, bits))
            first += 1 << bits
    return ranges


_LENGTHS = [*_ranges(3, [(8, 0), (4, 1), (4, 2), (4, 3), (4, 4), (4, 5)])[:28], (258, 0)]
_DISTANCES = _ranges(1, [(4, 0), *((2, bits) for bits in range(1, 14))])


def _length_symbol(length: int) -> _Symbol:
    return _in_ranges(length, _LENGTHS, 257)


def _distance_symbol(distance: int) -> _Symbol:
    return _in_ranges(distance, _DISTANCES, 0)


def _in_ranges(value: int, ranges: Sequence[tuple[int, int]], first_code: int) -> _Symbol:
    for index in range(len(ranges) - 1, -1, -1):
        start, bits = ranges[index]
        if value >= start:
            return _Symbol(first_code + index, value - start, bits)
    raise ValueError(value)


def _code_lengths(counts: Counter[int], limit: int) -> dict[int, int]:
    """Give each symbol the length of its Huffman code; rare symbols are evened out until none is too long."""
    if len(counts) < 2:  # noqa: PLR2004 -- a code needs at least one bit
        return dict.fromkeys(counts, 1)
    weights = dict(sorted(counts.items()))
    while True:
        heap: list[tuple[int, int, tuple[int, ...]]] = [
            (weight, symbol, (symbol,)) for symbol, weight in weights.items()
        ]
        lengths = dict.fromkeys(weights, 0)
        while len(heap) > 1:
            (weight, order, members), (other_weight, other_order, others) = heappop(heap), heappop(heap)
            for symbol in members + others:
                lengths[symbol] += 1
            heappush(heap, (weight + other_weight, min(order, other_order), members + others))
        if max(lengths.values()) <= limit:
            return lengths
        weights = {symbol: (weight + 1) // 2 + 1 for symbol, weight in weights.items()}


def _codes(lengths: dict[int, int]) -> dict[int, tuple[int, int]]:
    """Number the codes as section 3.2.2 says and turn their bits around, for they are written highest bit first."""
    codes: dict[int, tuple[int, int]] = {}
    code, previous = 0, 0
    for length, symbol in sorted((length, symbol) for symbol, length in lengths.items()):
        code <<= length - previous
        previous = length
        codes[symbol] = (int(f"{code:0{length}b}"[::-1], 2), length)
        code += 1
    return codes


def _write_tables(out: _Bits, lengths: list[int], literal_count: int, distance_count: int) -> None:
    """Write the code lengths of both alphabets, themselves run-length and Huffman coded (section 3.2.7)."""
    runs = list(_runs(lengths))
    run_lengths = _code_lengths(Counter(symbol.code for symbol in runs), 7)
    ordered = [run_lengths.get(code, 0) for code in _CODE_LENGTH_ORDER]
    while len(ordered) > 4 and not ordered[-1]:  # noqa: PLR2004 -- at least four are written
        ordered.pop()
    out.write(literal_count - 257, 5)
    out.write(distance_count - 1, 5)
    out.write(len(ordered) - 4, 4)
    for length in ordered:
        out.write(length, 3)
    codes = _codes(run_lengths)
    for symbol in runs:
        out.write_symbol(symbol, codes)


def _runs(lengths: list[int]) -> Iterable[_Symbol]:
    """Shorten repeated code lengths: 16 repeats the one before 3 to 6 times, 17 and 18 are 3 to 138 zeros."""
    position = 0
    while position < len(lengths):
        length = lengths[position]
        count = 1
        while position + count < len(lengths) and lengths[position + count] == length:
            count += 1
        if not length and count >= 11:  # noqa: PLR2004 -- the least for code 18
            count = min(count, 138)
            yield _Symbol(18, count - 11, 7)
        elif not length and count >= 3:  # noqa: PLR2004 -- the least for code 17
            yield _Symbol(17, count - 3, 3)
        elif count >= 4:  # noqa: PLR2004 -- the length itself, then at least three times code 16
            count = min(count, 7)
            yield _Symbol(length)
            yield _Symbol(16, count - 4, 2)
        else:
            count = 1
            yield _Symbol(length)
        position += count
