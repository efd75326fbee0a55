"""Reads the numbers of one key of one run: chunks, their level of detail, and clocks that tell the time of a step.

Promises: points come sorted by step, one per step, the last logged value winning, whatever segments and chunks they lie in. Not for:
drawing (`sample.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from sqlalchemy import Connection, bindparam, text

from kerascope.index import columns
from kerascope.index.columns import INCREASING, NO_POINTS, REPEATING, Entries, Points, Steps
from kerascope.query.reduce import Floats

FIRST, LAST = -(2**63), 2**63 - 1

_PARTS = (
    "SELECT lod.series, lod.number, lod.point_count, lod.first_step, lod.last_step, lod.ordering{columns} FROM series "
    "JOIN segment ON segment.num = series.segment JOIN lod ON lod.series = series.num "
    "WHERE {which} AND lod.last_step >= :first AND lod.first_step <= :last "
    "ORDER BY segment.name, lod.number"
)
_OF_KEY = "series.run = :run AND series.key = :key"
_WITHOUT_DETAIL = text(_PARTS.format(columns="", which=_OF_KEY))
_WITH_DETAIL = text(_PARTS.format(columns=", lod.entries", which=_OF_KEY))
_OF_RUNS = text(
    _PARTS.format(columns=", lod.entries, series.run", which="series.run IN :runs AND series.key = :key")
).bindparams(bindparam("runs", expanding=True))
_OF_KEYS = text(_PARTS.format(columns=", series.key", which="series.run = :run AND series.key IN :keys")).bindparams(
    bindparam("keys", expanding=True)
)
_CHUNKS = text("SELECT steps, data FROM chunk WHERE series = :series AND number BETWEEN :low AND :high ORDER BY number")
_CHUNKS_OF_MANY = text(
    "SELECT series, steps, data FROM chunk WHERE series IN :series AND number BETWEEN :low AND :high ORDER BY series, number"
).bindparams(bindparam("series", expanding=True))
_AT_ONCE = 500
K = TypeVar("K", int, str)
T = TypeVar("T")


@dataclass(frozen=True)
class Part:
    """A chunk that has not been read: what its row in the level of detail says."""

    series: int
    number: int
    count: int
    first: int
    last: int
    order: int
    detail: bytes = b""

    @property
    def entries(self) -> Entries:
        """Its level of detail."""
        return columns.unpack_entries(self.detail)


def parts(db: Connection, run: int, key: str, first: int = FIRST, last: int = LAST, detail: bool = True) -> list[Part]:
    """Returns the chunks of a key that may hold steps from `first` to `last`, in the order in which they were logged.

    Without `detail` their level of detail is left out.
    """
    query = _WITH_DETAIL if detail else _WITHOUT_DETAIL
    rows = db.execute(query, {"run": run, "key": key, "first": first, "last": last})
    return [Part(*row) for row in rows]


def parts_of_runs(
    db: Connection, runs: Iterable[int], key: str, first: int = FIRST, last: int = LAST
) -> dict[int, list[Part]]:
    """Returns what `parts` gives, for many runs at once; runs without the key are left out."""
    found: dict[int, list[Part]] = {}
    for some in portions(sorted(set(runs))):
        for *part, run in db.execute(_OF_RUNS, {"runs": some, "key": key, "first": first, "last": last}):
            found.setdefault(run, []).append(Part(*part))
    return found


def parts_of_keys(
    db: Connection, run: int, keys: Iterable[str], first: int = FIRST, last: int = LAST
) -> dict[str, list[Part]]:
    """Returns what `parts` gives without detail, for many keys of a run at once; keys without numbers are left out."""
    found: dict[str, list[Part]] = {}
    for some in portions(sorted(set(keys))):
        for *part, key in db.execute(_OF_KEYS, {"run": run, "keys": some, "first": first, "last": last}):
            found.setdefault(key, []).append(Part(*part))
    return found


def read_all(db: Connection, wanted: Mapping[K, Sequence[Part]]) -> dict[K, Points]:
    """Returns what `read` gives for whole lists of chunks, each under the name of its list, with few queries for all of them."""
    alike: dict[tuple[int, int], dict[int, K]] = {}
    found: dict[K, Points] = {}
    for name, chunks in wanted.items():
        if chunks and all(map(_follows, chunks, chunks[1:])):
            alike.setdefault((chunks[0].number, chunks[-1].number), {})[chunks[0].series] = name
        else:
            found[name] = read(db, chunks)
    for (low, high), names in alike.items():
        pieces: dict[K, list[Points]] = {name: [] for name in names.values()}
        for some in portions(sorted(names)):
            for series, *row in db.execute(_CHUNKS_OF_MANY, {"series": some, "low": low, "high": high}):
                pieces[names[series]].append(columns.unpack(*row))
        found |= {name: columns.merge(piece) for name, piece in pieces.items()}
    return found


def portions(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yields `values` in parts of as many as one query takes."""
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))


def count(chunks: Sequence[Part]) -> int:
    """Returns how many points the chunks hold; a step that was logged twice counts twice."""
    return sum(part.count for part in chunks)


def read(db: Connection, chunks: Sequence[Part], first: int = FIRST, last: int = LAST) -> Points:
    """Returns the points of the chunks at steps from `first` to `last`."""
    found: list[Points] = []
    at = 0
    while at < len(chunks):
        end = at + 1
        while end < len(chunks) and _follows(chunks[end - 1], chunks[end]):
            end += 1
        where = {"series": chunks[at].series, "low": chunks[at].number, "high": chunks[end - 1].number}
        found.extend(columns.unpack(*row) for row in db.execute(_CHUNKS, where))
        at = end
    return between(columns.merge(found), first, last)


def _follows(one: Part, other: Part) -> bool:
    return one.series == other.series and one.number + 1 == other.number


def between(points: Points, first: int, last: int) -> Points:
    """Returns the points at steps from `first` to `last`; `points` are sorted by step."""
    low = int(np.searchsorted(points.steps, first, "left")) if first > FIRST else 0
    high = int(np.searchsorted(points.steps, last, "right")) if last < LAST else len(points)
    return points if high - low == len(points) else Points(points.steps[low:high], points.values[low:high])


def clusters(chunks: Sequence[Part]) -> list[list[Part]]:
    """Returns the chunks in groups that share no steps, by step; inside a group in the order in which they were logged."""
    groups: list[list[int]] = []
    last = FIRST
    for at in sorted(range(len(chunks)), key=lambda i: chunks[i].first):
        if not groups or chunks[at].first > last:
            groups.append([])
        groups[-1].append(at)
        last = max(last, chunks[at].last)
    return [[chunks[at] for at in sorted(group)] for group in groups]


def is_clean(group: Sequence[Part], order: int = INCREASING) -> bool:
    """Returns whether the level of detail of a cluster can be used as it is: one chunk that is in order."""
    return len(group) == 1 and group[0].order >= order


class Clock:
    """Tells the x of steps where x grows with the step: wall time or run time.

    Steps between two known ones are interpolated.
    """

    def __init__(self, db: Connection, run: int, key: str, offset: float = 0.0) -> None:
        self._db = db
        self._parts = parts(db, run, key)
        self._offset = offset
        self._knots: tuple[Steps, Floats] | None = None

    def coarse(self) -> tuple[Steps, Floats]:
        """Returns steps and x at the ends of each group of 64 points."""
        if self._knots is None:
            steps: list[Steps] = []
            values: list[Floats] = []
            for group in clusters(self._parts):
                if is_clean(group, REPEATING):
                    entries = group[0].entries
                else:
                    entries = columns.level_of_detail(read(self._db, group))
                steps.append(np.stack([entries["first"], entries["last"]], axis=1).ravel())
                values.append(np.stack([entries["min"], entries["max"]], axis=1).ravel())
            known = np.concatenate(steps) if steps else NO_POINTS.steps
            self._knots = known, (np.concatenate(values) if values else NO_POINTS.values) - self._offset
        return self._knots

    def at(self, steps: Steps, exact: bool = False) -> Floats:
        """Returns the x of `steps` (sorted). `exact` reads the points themselves, not the level of detail."""
        if not len(steps) or not self._parts:
            return np.full(len(steps), np.nan)
        if exact:
            needed = [part for part in self._parts if _any_within(steps, part.first, part.last)]
            known = read(self._db, needed)
            if len(known):
                return _interpolate(steps, known.steps, known.values - self._offset)
        return _interpolate(steps, *self.coarse())

    def steps_between(self, low: float, high: float) -> tuple[int, int]:
        """Returns a range of steps that holds all whose x lies between `low` and `high`."""
        steps, x = self.coarse()
        if not len(steps):
            return FIRST, LAST
        within = np.flatnonzero((np.fmax(x[:-1], x[1:]) >= low) & (np.fmin(x[:-1], x[1:]) <= high))
        if not len(within):
            return 1, 0
        first, last = int(within[0]), int(within[-1]) + 1
        return (FIRST if first == 0 else int(steps[first])), (LAST if last == len(steps) - 1 else int(steps[last]))


def _interpolate(steps: Steps, known: Steps, x: Floats) -> Floats:
    return np.asarray(np.interp(steps, known, x), np.float64)


def _any_within(steps: Steps, first: int, last: int) -> bool:
    return bool(np.searchsorted(steps, first, "left") < np.searchsorted(steps, last, "right"))
