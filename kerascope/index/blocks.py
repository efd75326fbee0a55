"""Reads many history rows of one shape at once, without making a Python object of each number.

Rows of numbers that were logged by the same call have payloads of one length with the same msgpack type bytes at the same places; so
they are a table of bytes, of which numpy reads the columns. Promises: pure; gives exactly what decoding row by row gives, or nothing.
Not for: rows with text, bools, lists or negative integers, which are decoded one by one (`fold.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from kerascope.events.codec import tag_of
from kerascope.events.types import Row

MIN_ROWS: Final = 32
MAX_ROWS: Final = 8192

_START: Final = bytes((0x96, tag_of(Row)))  # msgpack: array of 6 items, the first of which is the tag
_FLOAT: Final = 0xCB
_UNSIGNED: Final = {0xCC: ">u1", 0xCD: ">u2", 0xCE: ">u4"}
_WIDTHS: Final = {_FLOAT: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4}


@dataclass(frozen=True)
class Block:
    """Rows that follow one another: `count` of them, of key set `keys`. `values` is float64, (rows, names).

    `forms` says of each name what its numbers are: `float` or `int`.
    """

    count: int
    keys: int
    steps: Any
    times: Any
    runtimes: Any
    values: Any
    forms: tuple[str, ...]


def may_start(payload: bytes) -> bool:
    """Returns whether `payload` is a row, so that a block may begin with it."""
    return payload.startswith(_START)


def alike(payloads: Sequence[tuple[int, bytes]], start: int) -> int:
    """Returns the end of the records from `start` on that are rows of one length and key set; a block has at most `MAX_ROWS`."""
    first = payloads[start][1]
    length, head = len(first), first[: 2 + _size(first[2])]
    end, stop = start + 1, min(len(payloads), start + MAX_ROWS)
    while end < stop:
        payload = payloads[end][1]
        if len(payload) != length or not payload.startswith(head):
            break
        end += 1
    return end


def read(payloads: Sequence[tuple[int, bytes]], start: int, end: int) -> Block | None:
    """Returns the rows at the beginning of `payloads[start:end]` (all of one length) that have one shape.

    None if they are fewer than `MIN_ROWS` or hold something else than floats and non-negative integers.
    """
    shape = _shape(payloads[start][1])
    if shape is None:
        return None
    table = np.frombuffer(b"".join([payload for _, payload in payloads[start:end]]), np.uint8)
    table = table.reshape(end - start, -1)
    fits = (table[:, shape.fixed] == table[0, shape.fixed]).all(axis=1) & (table[:, shape.small] < 0x80).all(axis=1)
    count = len(table) if fits.all() else int(np.argmin(fits))
    if count < MIN_ROWS:
        return None
    columns = [_column(table[:count], place, kind) for place, kind in shape.items]
    values = np.empty((count, len(columns) - 4), np.float64)
    for at, column in enumerate(columns[4:]):
        values[:, at] = column
    forms = tuple("float" if kind == _FLOAT else "int" for _, kind in shape.items[4:])
    keys, steps, times, runtimes = columns[:4]
    return Block(count, int(keys[0]), steps.astype(np.int64), times, runtimes, values, forms)


@dataclass(frozen=True)
class _Shape:
    """Where the bytes are that all rows share, those of one-byte integers, and each item with its type byte."""

    fixed: list[int]
    small: list[int]
    items: list[tuple[int, int]]


def _shape(payload: bytes) -> _Shape | None:
    """The shape of a row; None if it holds anything else than numbers that are read here."""
    fixed: list[int] = [0, 1]
    small: list[int] = []
    items: list[tuple[int, int]] = []
    at = 2
    for number in range(4):
        kind = payload[at]
        if (kind == _FLOAT) != (number >= 2):  # key set and step are integers, time and run time floats
            return None
        at = _note(payload, at, fixed, small, items)
        if at < 0:
            return None
    header = payload[at]
    if header & 0xF0 == 0x90:
        width, at, own = header & 0x0F, at + 1, [at]
    elif header == 0xDC:
        width, at, own = int.from_bytes(payload[at + 1 : at + 3], "big"), at + 3, [at, at + 1, at + 2]
    else:
        return None
    fixed.extend(own)
    for _ in range(width):
        at = _note(payload, at, fixed, small, items)
        if at < 0:
            return None
    return _Shape(fixed, small, items) if at == len(payload) and len(items) == width + 4 else None


def _size(kind: int) -> int:
    return 1 if kind < 0x80 else 1 + _WIDTHS.get(kind, 0)


def _note(payload: bytes, at: int, fixed: list[int], small: list[int], items: list[tuple[int, int]]) -> int:
    """Notes the item at `at`; returns where the next one begins, -1 if this one is no number that is read here."""
    kind = payload[at] if at < len(payload) else 0xC0
    if kind < 0x80:
        small.append(at)
    elif kind in _WIDTHS:
        fixed.append(at)
    else:
        return -1
    items.append((at, kind))
    return at + _size(kind)


def _column(table: Any, at: int, kind: int) -> Any:
    if kind < 0x80:
        return table[:, at]
    code = ">f8" if kind == _FLOAT else _UNSIGNED[kind]
    column = np.ascontiguousarray(table[:, at + 1 : at + 1 + _WIDTHS[kind]]).view(code)[:, 0]
    return column.astype(code[1:])
