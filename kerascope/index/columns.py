"""Columns of numbers: how the points of one key are cut into chunks, summed up and put together again.

Promises: pure; however the points arrive, the same points give the same chunks and the same level of detail. Bytes are those
of `docs/formats/index.md`. Not for: SQL (`batch.py`, `segments.py`), drawing (`query/sample.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

CHUNK_POINTS = 4096
GROUP_POINTS = 64

Steps = np.ndarray[Any, np.dtype[np.int64]]
Values = np.ndarray[Any, np.dtype[np.float64]]
Entries = np.ndarray[Any, np.dtype[np.void]]

ENTRY = np.dtype(
    [
        ("first", "<i8"),
        ("last", "<i8"),
        ("count", "<i4"),
        ("bad", "<i4"),
        ("min", "<f8"),
        ("max", "<f8"),
        ("sum", "<f8"),
    ]
)

UNORDERED, REPEATING, INCREASING = 0, 1, 2


@dataclass(frozen=True)
class Points:
    """Points in the order they were logged: `steps` int64 and `values` float64, of one length."""

    steps: Steps
    values: Values

    def __len__(self) -> int:
        return len(self.steps)


NO_POINTS = Points(np.empty(0, np.int64), np.empty(0, np.float64))


@dataclass(frozen=True)
class Chunk:
    """Up to `CHUNK_POINTS` points, number `number` of its series, with its level of detail."""

    number: int
    points: Points
    order: int
    entries: Entries


def cut(number: int, tail: Points, more: Points) -> list[Chunk]:
    """Returns the chunks that change when `more` is appended to a series whose last chunk `number` holds `tail`.

    Args:
        number: Number of the last chunk so far; 0 for a new series.
        tail: Its points, fewer than `CHUNK_POINTS` or exactly as many; empty for a new series.
        more: The new points; without any the answer is empty.
    """
    if not len(more):
        return []
    points = join([tail, more]) if len(tail) else more
    starts = range(0, len(points), CHUNK_POINTS)
    chunks = [_chunk(number + at, points, start) for at, start in enumerate(starts)]
    return chunks[1:] if len(tail) == CHUNK_POINTS else chunks


def _chunk(number: int, points: Points, start: int) -> Chunk:
    part = Points(points.steps[start : start + CHUNK_POINTS], points.values[start : start + CHUNK_POINTS])
    return Chunk(number, part, order(part.steps), level_of_detail(part))


def join(parts: list[Points]) -> Points:
    """Returns all points of `parts`, one part behind the other."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return NO_POINTS
    return Points(np.concatenate([p.steps for p in parts]), np.concatenate([p.values for p in parts]))


def order(steps: Steps) -> int:
    """Returns `INCREASING` if each step is greater than the one before, `REPEATING` if none is smaller, else `UNORDERED`."""
    if len(steps) < 2:
        return INCREASING
    before, after = steps[:-1], steps[1:]
    if bool((after > before).all()):
        return INCREASING
    return REPEATING if bool((after >= before).all()) else UNORDERED


def merge(parts: list[Points]) -> Points:
    """Returns the points sorted by step; of points at the same step the last one (in the order of `parts`) stays."""
    points = join(parts)
    if order(points.steps) == INCREASING:
        return points
    ranking = np.argsort(points.steps, kind="stable")
    steps = points.steps[ranking]
    last = np.append(steps[1:] != steps[:-1], True)
    return Points(steps[last], points.values[ranking[last]])


def level_of_detail(points: Points) -> Entries:
    """Returns one entry per `GROUP_POINTS` points: first and last step, count, and min, max, sum of the finite values.

    `bad` counts the values that are not finite. Without a finite value min, max and sum are NaN, NaN and 0.
    """
    count = len(points)
    starts = np.arange(0, count, GROUP_POINTS)
    entries = np.empty(len(starts), ENTRY)
    if not count:
        return entries
    if count <= GROUP_POINTS:
        entries[0] = _entry(points)
        return entries
    ends = np.minimum(starts + GROUP_POINTS, count)
    entries["first"] = points.steps[starts]
    entries["last"] = points.steps[ends - 1]
    entries["count"] = ends - starts
    finite = np.isfinite(points.values)
    if finite.all():
        low = high = total = points.values
        entries["bad"] = 0
    else:
        low, high = np.where(finite, points.values, np.inf), np.where(finite, points.values, -np.inf)
        total = np.where(finite, points.values, 0.0)
        entries["bad"] = np.add.reduceat((~finite).astype(np.int32), starts)
    with np.errstate(over="ignore"):
        entries["sum"] = np.add.reduceat(total, starts)
    entries["min"] = np.minimum.reduceat(low, starts)
    entries["max"] = np.maximum.reduceat(high, starts)
    empty = entries["bad"] == entries["count"]
    entries["min"][empty] = entries["max"][empty] = np.nan
    return entries


def _entry(points: Points) -> tuple[Any, ...]:
    """The one entry of few points: the same rule without the cost of many groups."""
    values = points.values
    with np.errstate(over="ignore", invalid="ignore"):
        finite = values if math.isfinite(values.sum()) else values[np.isfinite(values)]
        total = finite.sum()
    bad = len(values) - len(finite)
    low, high = (finite.min(), finite.max()) if len(finite) else (math.nan, math.nan)
    return points.steps[0], points.steps[-1], len(values), bad, low, high, total


def pack(points: Points) -> tuple[bytes, bytes]:
    """Returns the bytes of steps and values."""
    return points.steps.astype("<i8", copy=False).tobytes(), points.values.astype("<f8", copy=False).tobytes()


def unpack(steps: bytes, values: bytes) -> Points:
    """Returns the points that `pack` made the bytes of. The arrays are read-only views of the bytes."""
    return Points(np.frombuffer(steps, "<i8"), np.frombuffer(values, "<f8"))


def unpack_entries(data: bytes) -> Entries:
    """Returns the level-of-detail entries that were stored as `entries.tobytes()`."""
    return np.frombuffer(data, ENTRY)


def without_repeats(tail: Points, more: Points) -> Points:
    """Returns `more` without the points that the chunk they would go into holds already, with the same step and value.

    A row whose heavy values are written later comes twice, with one time: its clock needs one point only, and the chunks of the
    clock stay in order.
    """
    before = tail.steps[-1:] if len(tail) else more.steps[:0]
    if order(np.concatenate([before, more.steps])) == INCREASING:
        return more
    chunk = {} if len(tail) == CHUNK_POINTS else dict(zip(tail.steps.tolist(), tail.values.tolist(), strict=True))
    count = len(tail) % CHUNK_POINTS
    kept = []
    for at, (step, value) in enumerate(zip(more.steps.tolist(), more.values.tolist(), strict=True)):
        if chunk.get(step) == value:
            continue
        kept.append(at)
        chunk[step] = value
        count += 1
        if count == CHUNK_POINTS:
            chunk, count = {}, 0
    return Points(more.steps[kept], more.values[kept])
