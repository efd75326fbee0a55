"""Reduces points to buckets that a chart can draw: mean, min and max, so that no spike disappears.

Promises: pure numpy; at most as many entries as asked for; min and max over all buckets are those of the points; a bucket with only
non-finite values is NaN, never left out. Not for: reading (see `sample.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kerascope.index.columns import Entries

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Summaries:
    """Points, or groups of points, in the order of `x`: float64 arrays of one length.

    `low` and `high` are NaN and `total` is 0 where a group has no finite value; `good` counts the finite values.
    """

    x: Floats
    low: Floats
    high: Floats
    total: Floats
    good: Floats


def of_points(x: Floats, values: Floats) -> Summaries:
    """Returns each point as a group of one. Infinities count as no value, as NaN does."""
    finite = np.isfinite(values)
    if finite.all():
        return Summaries(x, values, values, values, np.ones(len(values)))
    shown = np.where(finite, values, np.nan)
    return Summaries(x, shown, shown, np.where(finite, values, 0.0), finite.astype(np.float64))


def of_entries(x: Floats, entries: Entries) -> Summaries:
    """Returns level-of-detail entries as groups; `x` is where each is drawn."""
    good = (entries["count"] - entries["bad"]).astype(np.float64)
    return Summaries(x, entries["min"], entries["max"], entries["sum"], good)


def join(parts: list[Summaries]) -> Summaries:
    """Returns all groups of `parts`, sorted by x; at least one part is given."""
    parts = [part for part in parts if len(part.x)] or parts[:1]
    if len(parts) == 1 and (np.diff(parts[0].x) >= 0).all():
        return parts[0]
    names = ("x", "low", "high", "total", "good")
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in names]
    ranking = np.argsort(columns[0], kind="stable")
    return Summaries(*(column[ranking] for column in columns))


def bucket(groups: Summaries, buckets: int, low: float, high: float) -> dict[str, Floats]:
    """Returns x, mean, min and max of the groups in at most `buckets` parts of equal width of `low <= x <= high`.

    Args:
        groups: Sorted by x, all within the range.
        buckets: At least 1.
        low: Begin of the range.
        high: End of the range, included.

    Returns:
        Float64 arrays of one length. Parts without any group are left out. x is that of the middle group of a part.
    """
    if not len(groups.x):
        empty = np.empty(0)
        return {"x": empty, "mean": empty, "min": empty, "max": empty}
    width = high - low
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        part = (groups.x - low) / width * buckets if width > 0 else np.zeros(len(groups.x))
        number = np.minimum(np.nan_to_num(part), buckets - 1).astype(np.int64)
    starts = np.flatnonzero(np.append(True, number[1:] != number[:-1]))
    ends = np.append(starts[1:], len(number))
    with np.errstate(over="ignore", invalid="ignore"):
        good = np.add.reduceat(groups.good, starts)
        mean = np.add.reduceat(groups.total, starts) / np.where(good > 0, good, np.nan)
        smallest = np.fmin.reduceat(groups.low, starts)
        largest = np.fmax.reduceat(groups.high, starts)
    # Sums of huge values overflow and a rounded mean may lie an ulp outside: what is drawn stays inside the band.
    mean = np.where(np.isnan(mean) & (good > 0), smallest / 2 + largest / 2, np.clip(mean, smallest, largest))
    return {"x": groups.x[(starts + ends) // 2], "mean": mean, "min": smallest, "max": largest}
