"""Histograms of many keys at once, each reduced to a small picture and to what tells whether an array is healthy.

Promises: the picture of a key has one grid for all its steps, and every step's column is shaded by its share of values; numbers are of the
sampled steps. Not for: single histograms in full (`history.cells`).
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection

from kerascope.query import history
from kerascope.query.records import Cell, HistogramSeries

Array = Any
# The faintest shade: a cell with few values is still seen.
_LEAST_SHADE = 15


@dataclass(frozen=True)
class _Histogram:
    """One logged histogram: `edges` has one number more than `counts`."""

    step: int
    edges: Array
    counts: Array
    nonfinite: int


def series(
    db: Connection, project: str, run_id: str, keys: Iterable[str], sample: int = 40, rows: int = 16
) -> list[HistogramSeries]:
    """Returns the histograms of each key, in the order of `keys`; one without histograms has no steps.

    Args:
        db: An index connection.
        project: Name of the project.
        run_id: The run.
        keys: The history keys.
        sample: So many steps of each at most, evenly spread, the first and the last among them.
        rows: So many cells a step has in the picture.

    Raises:
        NotFoundError: if there is no such run.
        UsageError: if `sample` is out of range.
    """
    return [_series(key, history.cells(db, project, run_id, key, sample=sample), rows) for key in keys]


def _series(key: str, page: Any, rows: int) -> HistogramSeries:
    found = [one for one in map(_parse, page.cells) if one is not None]
    low, high = _range(found)
    return HistogramSeries(
        key=key,
        total=page.total,
        steps=tuple(one.step for one in found),
        rms=tuple(_rms(one) for one in found),
        largest=tuple(_largest(one) for one in found),
        nonfinite=tuple(one.nonfinite for one in found),
        low=low,
        high=high,
        shades=base64.b64encode(_shades(found, np.linspace(low, high, rows + 1)).tobytes()).decode("ascii"),
    )


def _parse(cell: Cell) -> _Histogram | None:
    """The histogram of a cell; None for any other value."""
    value = cell.value
    if not isinstance(value, dict) or not isinstance(value.get("bins"), list):
        return None
    try:
        edges = np.asarray(value["bins"], np.float64)
        counts = np.asarray(value["values"], np.float64)
    except (KeyError, TypeError, ValueError):
        return None
    if edges.ndim != 1 or counts.shape != (len(edges) - 1,) or not np.isfinite(edges).all():
        return None
    lost = value.get("nonfinite")
    nonfinite = sum(count for count in lost.values() if isinstance(count, int)) if isinstance(lost, dict) else 0
    return _Histogram(cell.step, edges, counts, nonfinite)


def _range(found: Sequence[_Histogram]) -> tuple[float, float]:
    low = min((float(one.edges[0]) for one in found), default=0.0)
    high = max((float(one.edges[-1]) for one in found), default=0.0)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _constant(one: _Histogram) -> float | None:
    """A histogram of equal values has half a unit to both sides of them, so its one full bin says less than its middle."""
    first, last = float(one.edges[0]), float(one.edges[-1])
    is_one = np.count_nonzero(one.counts) <= 1
    return (first + last) / 2 if is_one and abs(last - first - 1) < 1e-6 else None


def _rms(one: _Histogram) -> float:
    """Root of the mean square, values taken at the middle of their bin."""
    constant = _constant(one)
    if constant is not None:
        return abs(constant)
    total = float(one.counts.sum())
    middles = (one.edges[:-1] + one.edges[1:]) / 2
    return math.sqrt(float(one.counts @ middles**2) / total) if total > 0 else 0.0


def _largest(one: _Histogram) -> float:
    """The largest distance from zero of a bin that has values."""
    constant = _constant(one)
    if constant is not None:
        return abs(constant)
    full = one.counts > 0
    return float(np.abs(np.concatenate([one.edges[:-1][full], one.edges[1:][full], [0.0]])).max())


def _shades(found: Sequence[_Histogram], grid: Array) -> Array:
    """One byte a cell, step after step, the lowest values first: 0 for none, 255 for the fullest cell of all.

    Of the share of a step's values the root is taken, which keeps the tails in sight beside a high peak.
    """
    shares = np.zeros((len(found), len(grid) - 1))
    for place, one in enumerate(found):
        total = one.counts.sum()
        if total > 0:
            below = np.concatenate([[0.0], np.cumsum(one.counts)]) / total
            shares[place] = np.diff(np.interp(grid, one.edges, below))
    peak = shares.max(initial=0.0)
    shades = 255 * np.sqrt(shares / peak) if peak > 0 else shares
    return np.where(shares > 0, np.maximum(shades, _LEAST_SHADE), 0).round().astype(np.uint8)
