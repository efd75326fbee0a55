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
from kerascope.query.records import Cell, CellPage, HistogramSeries

Array = Any
# The faintest shade: a cell with few values is still seen.
_LEAST_SHADE = 15
_NUMBERS = frozenset({int, float})


@dataclass(frozen=True)
class _Histogram:
    """One logged histogram: `edges` has one number more than `counts`."""

    step: int
    edges: list[float]
    counts: list[float]
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


def _series(key: str, page: CellPage, rows: int) -> HistogramSeries:
    found = [one for one in map(_parse, page.cells) if one is not None]
    low = min((one.edges[0] for one in found), default=0.0)
    high = max((one.edges[-1] for one in found), default=0.0)
    if not high > low:
        low, high = low - 0.5, high + 0.5
    grid = np.linspace(low, high, rows + 1)
    rms, largest, shares = np.zeros(len(found)), np.zeros(len(found)), np.zeros((len(found), rows))
    for length in {len(one.counts) for one in found}:
        places = [place for place, one in enumerate(found) if len(one.counts) == length]
        rms[places], largest[places], shares[places] = _measured([found[place] for place in places], grid)
    return HistogramSeries(
        key=key,
        total=page.total,
        steps=tuple(one.step for one in found),
        rms=tuple(rms.tolist()),
        largest=tuple(largest.tolist()),
        nonfinite=tuple(one.nonfinite for one in found),
        low=low,
        high=high,
        shades=base64.b64encode(_shades(shares).tobytes()).decode("ascii"),
    )


def _parse(cell: Cell) -> _Histogram | None:
    """The histogram of a cell; None for any other value."""
    value = cell.value
    if not isinstance(value, dict):
        return None
    edges, counts, lost = value.get("bins"), value.get("values"), value.get("nonfinite")
    if not isinstance(edges, list) or not isinstance(counts, list) or not 1 <= len(counts) == len(edges) - 1:
        return None
    if not {*map(type, edges), *map(type, counts)} <= _NUMBERS or not all(map(math.isfinite, edges)):
        return None
    nonfinite = sum(count for count in lost.values() if isinstance(count, int)) if isinstance(lost, dict) else 0
    return _Histogram(cell.step, edges, counts, nonfinite)


def _measured(found: Sequence[_Histogram], grid: Array) -> tuple[Array, Array, Array]:
    """Of histograms with equally many bins: root of the mean square, largest magnitude, share of the values in each cell of `grid`.

    Values count as the middle of their bin, and are taken evenly inside it. Equal values are logged with half a unit to both sides of them:
    their one full bin says less than the middle of the whole.
    """
    edges = np.array([one.edges for one in found], np.float64)
    counts = np.array([one.counts for one in found], np.float64)
    total = np.maximum(counts.sum(axis=1), 1e-300)
    full = counts > 0
    middles = (edges[:, :-1] + edges[:, 1:]) / 2
    far = np.maximum(np.abs(edges[:, :-1]), np.abs(edges[:, 1:]))
    is_constant = (full.sum(axis=1) <= 1) & (np.abs(edges[:, -1] - edges[:, 0] - 1) < 1e-6)
    constant = np.abs(edges[:, 0] + edges[:, -1]) / 2
    rms = np.where(is_constant, constant, np.sqrt((counts * middles**2).sum(axis=1) / total))
    largest = np.where(is_constant, constant, np.where(full, far, 0).max(axis=1))
    below = np.zeros_like(edges)
    np.cumsum(counts / total[:, None], axis=1, out=below[:, 1:])
    at_grid = np.array([np.interp(grid, *pair) for pair in zip(edges, below, strict=True)])
    return rms, largest, np.diff(at_grid, axis=1)


def _shades(shares: Array) -> Array:
    """One byte a cell, step after step, the lowest values first: 0 for none, 255 for the fullest cell of all.

    Of the share of a step's values the root is taken, which keeps the tails in sight beside a high peak.
    """
    peak = shares.max(initial=0.0)
    shades = 255 * np.sqrt(shares / peak) if peak > 0 else shares
    return np.where(shares > 0, np.maximum(shades, _LEAST_SHADE), 0).round().astype(np.uint8)
