"""Histograms of many keys at once, each reduced to a small picture and to what tells whether an array is healthy.

Promises: the picture of a key has one grid for all its steps, and every step's column is shaded by its share of values; numbers are of the
sampled steps. Not for: single histograms in full (`cells.py`).
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from sqlalchemy import Connection

from kerascope.errors import UsageError
from kerascope.query import cells
from kerascope.query.cells import Place
from kerascope.query.filters import storable
from kerascope.query.records import HistogramSeries
from kerascope.query.runs import find

Array = Any
# The faintest shade: a cell with few values is still seen.
_LEAST_SHADE = 15
_BYTES_AT_ONCE = 32 << 20


class _Logged(msgspec.Struct):
    """A histogram as it is logged."""

    bins: list[float]
    values: list[float]
    nonfinite: Any = None


_decode = msgspec.msgpack.Decoder(_Logged).decode


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
    if not 1 <= sample <= cells.MAX_CELLS:
        raise UsageError(f"`sample` must be 1 to {cells.MAX_CELLS}. Received: sample={sample}.")
    num = find(db, project, run_id)
    asked = [(key, storable(key)) for key in keys]
    places = cells.places(db, num, [stored for _, stored in asked])
    chosen = {
        stored: [(step, known[step]) for step in cells.spread(sorted(known), sample)]
        for stored, known in places.items()
    }
    found = {}
    for some in _portions(chosen):
        values = cells.read(db, (place for one in some for _, place in chosen[one]))
        for one in some:
            packed = [(step, values[place]) for step, place in chosen[one]]
            found[one] = _series(one, len(places[one]), packed, rows)
    return [msgspec.structs.replace(found[stored], key=key) for key, stored in asked]


def _portions(chosen: dict[str, list[tuple[int, Place]]]) -> Iterator[list[str]]:
    """Keys with at most so many bytes of histograms as may be in memory at once."""
    some: list[str] = []
    size_bytes = 0
    for key, found in chosen.items():
        own_bytes = sum(size_bytes for _, (_, _, size_bytes) in found)
        if some and size_bytes + own_bytes > _BYTES_AT_ONCE:
            yield some
            some, size_bytes = [], 0
        some.append(key)
        size_bytes += own_bytes
    if some:
        yield some


def _series(key: str, total: int, packed: Sequence[tuple[int, bytes]], rows: int) -> HistogramSeries:
    found = [one for one in map(_parse, packed) if one is not None]
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
        total=total,
        steps=tuple(one.step for one in found),
        rms=tuple(rms.tolist()),
        largest=tuple(largest.tolist()),
        nonfinite=tuple(one.nonfinite for one in found),
        low=low,
        high=high,
        shades=base64.b64encode(_shades(shares).tobytes()).decode("ascii"),
    )


def _parse(cell: tuple[int, bytes]) -> _Histogram | None:
    """The histogram of a stored cell; None for any other value."""
    step, value = cell
    try:
        logged = _decode(value)
    except msgspec.DecodeError:
        return None
    if not 1 <= len(logged.values) == len(logged.bins) - 1 or not all(map(math.isfinite, logged.bins)):
        return None
    lost = logged.nonfinite
    nonfinite = sum(count for count in lost.values() if isinstance(count, int)) if isinstance(lost, dict) else 0
    return _Histogram(step, logged.bins, logged.values, nonfinite)


def _measured(found: Sequence[_Histogram], grid: Array) -> tuple[Array, Array, Array]:
    """Of histograms with equally many bins: root of the mean square, largest magnitude, share of the values in each cell of `grid`.

    All of them 0 where no value is finite.
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
    constant = np.where(full.any(axis=1), np.abs(edges[:, 0] + edges[:, -1]) / 2, 0)
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
