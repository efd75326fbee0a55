"""Series for charts: at most so many buckets of a key over steps, time or another key.

Promises: few points come as they are; many are reduced to mean, min and max, with every spike and NaN still visible. A long series is
read through its level of detail, 1/64 of its bytes, so that a million points take milliseconds. Not for: exact values
(`history.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection, text

from kerascope.errors import UsageError
from kerascope.index import columns
from kerascope.index.columns import Points, Steps
from kerascope.index.fold import CLOCK, RUNTIME, SYSTEM, SYSTEM_CLOCK
from kerascope.query import points, reduce
from kerascope.query.filters import storable
from kerascope.query.points import Clock, Part
from kerascope.query.records import Series
from kerascope.query.reduce import Floats, Summaries
from kerascope.query.runs import find_all

MAX_BUCKETS = 100_000
_RAW_PER_BUCKET = 128
_RAW_LIMIT = 1 << 18
_POINTS_AT_ONCE = 1 << 21
_FINE = 0.25  # a group of 64 points may be this part of a bucket wide before its points are read


Line = tuple[int, str]
Answer = tuple[int, dict[str, Floats]]


class Request(NamedTuple):
    """A series that is wanted."""

    project: str
    run: str
    key: str


def series(
    db: Connection,
    requests: Sequence[Request | tuple[str, str, str]],
    x: str = "step",
    buckets: int = 1000,
    x_min: float | None = None,
    x_max: float | None = None,
) -> list[Series]:
    """Returns one series per request, in order.

    Args:
        db: An index connection.
        requests: (project, run id, key) of each.
        x: `step`, `time` (seconds since 1970), `relative` (seconds since the run began), or a key: points at steps without it are left out.
        buckets: At most so many entries a series, 1 to 100,000.
        x_min: Only points with at least this x; None for all.
        x_max: Only points with at most this x; None for all.

    Returns:
        Series of kind `points` (x, y) or `buckets` (x, mean, min, max). An unknown key gives no points.

    Raises:
        UsageError: if an argument is out of range.
        NotFoundError: if there is no such run.
    """
    if not isinstance(buckets, int) or not 1 <= buckets <= MAX_BUCKETS:
        raise UsageError(f"`buckets` must be an int from 1 to {MAX_BUCKETS}. Received: buckets={buckets!r}.")
    low, high = (-math.inf if x_min is None else x_min), (math.inf if x_max is None else x_max)
    if math.isnan(low) or math.isnan(high):
        raise UsageError(f"`x_min` and `x_max` must be numbers. Received: x_min={x_min!r}, x_max={x_max!r}.")
    nums = find_all(db, ((project, run) for project, run, _ in requests))
    wanted = [(nums[project, run], storable(key)) for project, run, key in requests]
    found = _Reader(db, x, buckets, low, high).read(wanted)
    answers = []
    for (project, run, key), line in zip(requests, wanted, strict=True):
        total, data = found[line]
        answers.append(Series(project, run, key, "points" if "y" in data else "buckets", total, data))
    return answers


class _Reader:
    """Reads lines, each a key of a run, with few queries for all of them."""

    def __init__(self, db: Connection, x: str, buckets: int, low: float, high: float) -> None:
        self._db = db
        self._x = x
        self._buckets = buckets
        self._range = low, high
        self._axes: dict[tuple[int, bool], _Axis] = {}
        self._found: dict[Line, Answer] = {}

    def read(self, wanted: Iterable[Line]) -> dict[Line, Answer]:
        """Returns number of points in the range, and the columns that stand for them, of each line."""
        alike: dict[tuple[str, int, int], list[int]] = {}
        for run, key in dict.fromkeys(wanted):
            steps = self._axis(run, key).steps_between(*self._range)
            alike.setdefault((key, *steps), []).append(run)
        for (key, first, last), runs in alike.items():
            chunks = points.parts_of_runs(self._db, runs, key, first, last)
            whole = {run: chunks.get(run, []) for run in runs if self._is_short(run, key, chunks.get(run, []))}
            for some in _portions(whole):
                for run, read in points.read_all(self._db, some).items():
                    inside = points.between(read, first, last)
                    self._found[run, key] = _from_points(inside, self._axis(run, key), self._buckets, *self._range)
            for run in runs:
                if run not in whole:
                    axis = self._axis(run, key)
                    self._found[run, key] = _from_detail(self._db, chunks[run], axis, self._buckets, *self._range)
        return self._found

    def _axis(self, run: int, key: str) -> _Axis:
        place = (run, key.startswith(SYSTEM))
        if place not in self._axes:
            self._axes[place] = _axis(self._db, run, self._x, place[1])
        return self._axes[place]

    def _is_short(self, run: int, key: str, chunks: Sequence[Part]) -> bool:
        """Whether the points themselves are read, not their level of detail."""
        is_few = points.count(chunks) <= min(_RAW_LIMIT, _RAW_PER_BUCKET * self._buckets)
        return is_few or isinstance(self._axis(run, key), _KeyAxis)


def _portions(chunks: dict[int, list[Part]]) -> Iterator[dict[int, list[Part]]]:
    """Parts of `chunks` with at most so many points as may be in memory at once."""
    some: dict[int, list[Part]] = {}
    size = 0
    for run, parts in chunks.items():
        if some and size + points.count(parts) > _POINTS_AT_ONCE:
            yield some
            some, size = {}, 0
        some[run] = parts
        size += points.count(parts)
    if some:
        yield some


class _Axis:
    """Where steps lie on the x axis: the step itself."""

    key: str | None = None

    def at(self, steps: Steps, exact: bool) -> Floats:
        return np.asarray(steps, np.float64)

    def steps_between(self, low: float, high: float) -> tuple[int, int]:
        return _as_step(math.ceil(low) if math.isfinite(low) else low), _as_step(high)


class _ScaledAxis(_Axis):
    """System metrics over run time: their step is the run time in milliseconds."""

    def at(self, steps: Steps, exact: bool) -> Floats:
        return np.asarray(steps, np.float64) / 1000

    def steps_between(self, low: float, high: float) -> tuple[int, int]:
        return _as_step(low * 1000 - 1), _as_step(high * 1000 + 1)


class _ClockAxis(_Axis):
    """Time of a step."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def at(self, steps: Steps, exact: bool) -> Floats:
        return self._clock.at(steps, exact)

    def steps_between(self, low: float, high: float) -> tuple[int, int]:
        if math.isinf(low) and math.isinf(high):
            return points.FIRST, points.LAST
        return self._clock.steps_between(low, high)


class _KeyAxis(_Axis):
    """The value of another key at the same step."""

    def __init__(self, db: Connection, run: int, key: str) -> None:
        self.key = key
        self._points = points.read(db, points.parts(db, run, key, detail=False))

    def at(self, steps: Steps, exact: bool) -> Floats:
        known = self._points
        if not len(known):
            return np.full(len(steps), np.nan)
        place = np.minimum(np.searchsorted(known.steps, steps), len(known) - 1)
        return np.where(known.steps[place] == steps, known.values[place], np.nan)

    def steps_between(self, low: float, high: float) -> tuple[int, int]:
        return points.FIRST, points.LAST


def _as_step(x: float) -> int:
    return int(max(points.FIRST, min(points.LAST, x))) if math.isfinite(x) else points.FIRST if x < 0 else points.LAST


def _axis(db: Connection, run: int, x: str, system: bool) -> _Axis:
    if x in ("step", "_step"):
        return _Axis()
    if x in ("time", CLOCK):
        return _ClockAxis(Clock(db, run, SYSTEM_CLOCK if system else CLOCK))
    if x == "relative":
        began = db.execute(text("SELECT created_s FROM run WHERE num = :run"), {"run": run}).scalar_one()
        return _ClockAxis(Clock(db, run, SYSTEM_CLOCK if system else CLOCK, began))
    if x == RUNTIME:
        return _ScaledAxis() if system else _ClockAxis(Clock(db, run, RUNTIME))
    return _KeyAxis(db, run, storable(x))


def _from_points(found: Points, axis: _Axis, buckets: int, low: float, high: float) -> Answer:
    x, y = axis.at(found.steps, True), found.values
    inside = (x >= low) & (x <= high)
    if not inside.all():
        x, y = x[inside], y[inside]
    if len(x) > 1 and not bool((x[1:] >= x[:-1]).all()):
        ranking = np.argsort(x, kind="stable")
        x, y = x[ranking], y[ranking]
    if len(x) <= buckets:
        return len(x), {"x": x, "y": y}
    return len(x), reduce.bucket(reduce.of_points(x, y), buckets, _limit(low, x[0]), _limit(high, x[-1]))


def _limit(asked: float, found: float) -> float:
    """The end of the range: as asked for, else where the data ends."""
    return asked if math.isfinite(asked) else float(found)


def _from_detail(db: Connection, chunks: list[Part], axis: _Axis, buckets: int, low: float, high: float) -> Answer:
    ends = axis.at(np.array([min(part.first for part in chunks), max(part.last for part in chunks)]), False)
    width = (_limit(high, ends[1]) - _limit(low, ends[0])) / buckets
    clean: list[Part] = []
    raw: list[Part] = []
    for group in points.clusters(chunks):
        (clean if points.is_clean(group) else raw).extend(group)
    groups, coarse = _from_entries(clean, axis, _FINE * width, low, high)
    rest = points.read(db, raw + coarse)
    x = axis.at(rest.steps, len(rest) <= _RAW_LIMIT)
    inside = (x >= low) & (x <= high)
    groups = reduce.join([groups, reduce.of_points(x[inside], rest.values[inside])])
    total = points.count(clean) - points.count(coarse) + int(inside.sum())
    return total, reduce.bucket(groups, buckets, _limit(low, ends[0]), _limit(high, ends[1]))


def _from_entries(
    clean: list[Part], axis: _Axis, finest: float, low: float, high: float
) -> tuple[Summaries, list[Part]]:
    """The level of detail of chunks, and the chunks for which it is too coarse or which reach over the end of the range."""
    entries = columns.unpack_entries(b"".join(part.detail for part in clean))
    owner = np.repeat(np.arange(len(clean)), [len(part.detail) // columns.ENTRY.itemsize for part in clean])
    first, last = axis.at(entries["first"], False), axis.at(entries["last"], False)
    fits = (first >= low) & (last <= high) & (last - first <= finest)
    coarse = np.unique(owner[~fits])
    kept = entries[~np.isin(owner, coarse)] if len(coarse) else entries
    middle = axis.at((kept["first"] + kept["last"]) // 2, False)
    return reduce.of_entries(middle, kept), [clean[at] for at in coarse.tolist()]
