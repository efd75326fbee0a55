"""Reduces points to buckets that a chart can draw: mean, min and max, so that no spike disappears.

Promises: pure numpy; at most as many entries as asked for; min and max over all buckets are those of the points; a bucket with only
non-finite values is NaN, never left out. Not for: reading (see `sample.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerascope.index.columns import Entries

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Summaries:
    """Points, or groups of points, in the order of `x`: float64 arrays of one length.

    `low` and `high` are NaN and `total` is 0 where a group has no finite value; `good` counts the finite values. `whole`: each group is
    one finite point.
    """

    x: Floats
    low: Floats
    high: Floats
    total: Floats
    good: Floats
    whole: bool = False


def of_points(x: Floats, values: Floats) -> Summaries:
    """Returns each point as a group of one. Infinities count as no value, as NaN does."""
    finite = np.isfinite(values)
    if finite.all():
        return Summaries(x, values, values, values, np.ones(len(values)), whole=True)
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
    x, low, high, total, good = (column[ranking] for column in columns)
    return Summaries(x, low, high, total, good)


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
    starts = _starts(groups.x, buckets, low, high)
    ends = np.append(starts[1:], len(groups.x))
    with np.errstate(over="ignore", invalid="ignore"):
        good = (ends - starts).astype(np.float64) if groups.whole else np.add.reduceat(groups.good, starts)
        mean = np.add.reduceat(groups.total, starts) / np.where(good > 0, good, np.nan)
        smallest = np.fmin.reduceat(groups.low, starts)
        largest = np.fmax.reduceat(groups.high, starts)
    # Sums of huge values overflow and a rounded mean may lie an ulp outside: what is drawn stays inside the band.
    mean = np.where(np.isnan(mean) & (good > 0), smallest / 2 + largest / 2, np.clip(mean, smallest, largest))
    return {"x": groups.x[(starts + ends) // 2], "mean": mean, "min": smallest, "max": largest}


def _starts(x: Floats, buckets: int, low: float, high: float) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Places in the sorted `x` at which a part begins; parts without any are left out.

    A look for each border between parts, not for each of many times more points.
    """
    if not (high > low and math.isfinite(float(high) - float(low))):
        return np.zeros(1, np.int64)
    places = np.empty(buckets, np.int64)
    places[0] = 0
    places[1:] = np.searchsorted(x, low + (high - low) * (np.arange(1, buckets) / buckets))
    return places[(np.diff(places, append=len(x)) > 0)]
