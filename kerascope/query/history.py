"""The history of runs: which keys there are, and rows put together from their columns.

Promises: a row holds all values of its step, the last logged of each; numbers come back as what they were logged as (int, float or
bool); of values that are no numbers only those of the rows that are given are read. Not for: charts, which read less (`sample.py`), one
key's values that are no numbers (`cells.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
from sqlalchemy import Connection, text

from kerascope.errors import UsageError
from kerascope.events.metrics import MetricRule, rule_for
from kerascope.index.columns import NO_POINTS, Points
from kerascope.index.fold import CLOCK, RUNTIME, SYSTEM, SYSTEM_CLOCK, wider
from kerascope.query import cells, points
from kerascope.query.cells import Places, bounded
from kerascope.query.filters import storable
from kerascope.query.points import FIRST, LAST
from kerascope.query.records import HistoryPage, MetricKey
from kerascope.query.runs import find, find_all

MAX_ROWS = 100_000
MAX_CELL_BYTES = 4 << 20
"""A page ends early when its rows hold so many bytes of values that are no numbers, as they are stored; JSON takes two or three times that."""
_decode = msgspec.msgpack.Decoder().decode
_decode_rules = msgspec.msgpack.Decoder(dict[str, MetricRule]).decode

# A set of runs, not a join: SQLite then reads the series in the order in which they lie, in two thirds of the time.
_KEYS = (
    "SELECT series.key, max(series.point_count > 0), max(CASE WHEN series.kind <> 'null' THEN series.kind END), "
    "count(DISTINCT series.run), sum(series.point_count + series.cell_count), max(series.last_step) "
    "FROM series WHERE series.run IN (SELECT run.num FROM run WHERE {which}) GROUP BY series.key ORDER BY series.key"
)
_RULES = (
    "SELECT run_data.metrics FROM run JOIN run_data ON run_data.run = run.num WHERE {which} AND run_data.metrics <> :none "
    "ORDER BY run.created_s, run.id"
)
_NO_RULES = msgspec.msgpack.encode({})


def keys(db: Connection, project: str, run_ids: Sequence[str] | None = None) -> list[MetricKey]:
    """Returns the history keys of a project's runs, by name; `_runtime` and `_timestamp` count as hidden.

    Args:
        db: An index connection.
        project: Its name.
        run_ids: Only keys of these runs; None for all runs that are not deleted.

    Raises:
        NotFoundError: if one of `run_ids` does not exist.
    """
    if run_ids is None:
        which, values = "run.project = :project AND run.deleted = 0", {"project": storable(project)}
    else:
        nums = find_all(db, ((project, run_id) for run_id in run_ids)).values()
        which, values = f"run.num IN ({', '.join(map(str, nums)) or '-1'})", {}
    rules: dict[str, MetricRule] = {}
    for (metrics,) in db.execute(text(_RULES.format(which=which)), values | {"none": _NO_RULES}):
        rules |= _decode_rules(metrics)  # of several runs the newest wins
    found = db.execute(text(_KEYS.format(which=which)), values)
    return [_metric_key(tuple(row), rules) for row in found if row[0] != SYSTEM_CLOCK]


def _metric_key(row: Sequence[Any], rules: dict[str, MetricRule]) -> MetricKey:
    key, numeric, kind, runs, points, last_step = row
    rule = rule_for(rules, key)
    return MetricKey(
        key=key,
        kind="number" if numeric else kind or "null",
        run_count=runs,
        point_count=points,
        last_step=last_step,
        step_metric=rule.step_metric if rule else None,
        goal=rule.goal if rule else None,
        hidden=bool(rule and rule.hidden) or key in (CLOCK, RUNTIME),
    )


def rows(
    db: Connection,
    project: str,
    run_id: str,
    keys: Sequence[str] | None = None,
    min_step: int | None = None,
    max_step: int | None = None,
    limit: int = 1000,
) -> HistoryPage:
    """Returns rows of a run, by step.

    Args:
        db: An index connection.
        project: Name of the project.
        run_id: The run.
        keys: Only these, and only rows that have all of them; None gives every key but system metrics.
        min_step: The first step wanted.
        max_step: The last step wanted, included.
        limit: At most so many rows, 1 to 100,000; fewer where texts, media and lists would make more than `MAX_CELL_BYTES`.

    Returns:
        The rows, each with its `_step`, and the step at which the next page begins, None at the end.

    Raises:
        NotFoundError: if there is no such run.
        UsageError: if `limit` is out of range.
    """
    if not 1 <= limit <= MAX_ROWS:
        raise UsageError(f"`limit` must be 1 to {MAX_ROWS}. Received: limit={limit}. Read on from `next_step`.")
    num = find(db, project, run_id)
    wanted = _wanted(db, num, keys)
    first, last = bounded(min_step, FIRST), bounded(max_step, LAST)
    found: list[dict[str, Any]] = []
    reader = _RowReader(db, num, wanted, keys is not None, first, last)
    left_bytes = MAX_CELL_BYTES
    for window in reader.windows(first, last):
        more, next_step, size_bytes = reader.read(*window, limit - len(found), left_bytes)
        found.extend(more)
        left_bytes -= size_bytes
        if next_step is not None:
            return HistoryPage(tuple(found), next_step)
    return HistoryPage(tuple(found), None)


def _wanted(db: Connection, num: int, keys: Sequence[str] | None, system: bool = False) -> dict[str, str | None]:
    """The keys to read, with the form of their numbers."""
    forms: dict[str, str | None] = {}
    for key, form in db.execute(text("SELECT key, form FROM series WHERE run = :run ORDER BY num"), {"run": num}):
        forms[key] = wider(forms.get(key), form)
    if keys is None:
        return {key: form for key, form in forms.items() if key.startswith(SYSTEM) == system}
    return {key: forms.get(key) for key in map(storable, keys) if key != "_step"}


class _RowReader:
    """Puts rows together from the columns of some keys, a window of steps at a time."""

    def __init__(
        self,
        db: Connection,
        num: int,
        wanted: dict[str, str | None],
        complete: bool,
        first: int = FIRST,
        last: int = LAST,
    ) -> None:
        self._db = db
        self._num = num
        self._wanted = wanted
        self._complete = complete
        self._parts = points.parts_of_keys(db, num, wanted, first, last)
        query = text("SELECT key FROM series WHERE run = :run AND cell_count > 0")
        self._with_cells = wanted.keys() & set(db.execute(query, {"run": num}).scalars())

    def windows(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yields adjoining ranges of steps, each a chunk of the longest column."""
        longest = max(self._parts.values(), key=points.count, default=[])
        for end in sorted(part.last for part in longest if first <= part.last < last):
            if end >= first:
                yield first, end
                first = end + 1
        yield first, last

    def read(self, first: int, last: int, limit: int, limit_bytes: int) -> tuple[list[dict[str, Any]], int | None, int]:
        """Returns rows at steps from `first` to `last`, the step of the row behind them if there is one, and the size of their cells.

        At most `limit` rows; rows whose cells have more than `limit_bytes` together are left for the next page, but for the first.
        """
        numbers = self._numbers(first, last)
        places = cells.places(self._db, self._num, self._with_cells, first, self._needed(numbers, last, limit))
        steps = self._steps(numbers, places)
        shown, size_bytes = _fitting(steps[:limit], places, limit_bytes)
        next_step = None
        if shown < len(steps):
            next_step = int(steps[shown])
            numbers = {key: points.between(column, first, next_step - 1) for key, column in numbers.items()}
        return self._rows(steps[:shown], numbers, places), next_step, size_bytes

    def _needed(self, numbers: dict[str, Points], last: int, limit: int) -> int:
        """The last step that `limit` rows, and the one behind them, can reach: as far as the numbers alone tell."""
        if self._complete or not numbers:
            return last
        known = np.unique(np.concatenate([column.steps for column in numbers.values()]))
        return int(known[limit]) if len(known) > limit else last

    def _steps(self, numbers: dict[str, Points], places: dict[str, Places]) -> Any:
        """The steps that have a row: those of any key, or of all keys."""
        known = [_steps_of(numbers.get(key, NO_POINTS), places.get(key, {})) for key in self._wanted]
        if not known:
            return np.empty(0, np.int64)
        if not self._complete:
            return np.unique(np.concatenate(known))
        steps = known[0]
        for more in known[1:]:
            steps = np.intersect1d(steps, more, assume_unique=True)
        return steps

    def all_steps(self, needed: list[str], clock: str) -> Any:
        """Returns the steps of all rows that have the `needed` keys; without any, those at which the clock was read."""
        if not needed:
            return points.read(self._db, points.parts(self._db, self._num, clock, detail=False)).steps
        steps = None
        places = cells.places(self._db, self._num, self._with_cells.intersection(needed))
        for key in needed:
            own = _steps_of(points.read(self._db, self._parts.get(key, [])), places.get(key, {}))
            steps = own if steps is None else np.intersect1d(steps, own, assume_unique=True)
        return steps

    def at(self, steps: Any) -> list[dict[str, Any]]:
        """Returns the rows at `steps` (sorted), reading one column of numbers at a time."""
        numbers: dict[str, Points] = {}
        for key, parts in self._parts.items():
            column = points.read(self._db, parts)
            here = np.isin(column.steps, steps, assume_unique=True)
            numbers[key] = Points(column.steps[here], column.values[here])
        return self._rows(steps, numbers, cells.places(self._db, self._num, self._with_cells))

    def _rows(self, steps: Any, numbers: dict[str, Points], places: dict[str, Places]) -> list[dict[str, Any]]:
        """The rows at `steps`. Where a step of a key has a number and another value, the number wins."""
        rows: dict[int, dict[str, Any]] = {step: {"_step": step} for step in steps.tolist()}
        wanted = {key: {step: known[step] for step in known.keys() & rows.keys()} for key, known in places.items()}
        stored = cells.read(self._db, (place for known in wanted.values() for place in known.values()))
        for key, form in self._wanted.items():
            column: dict[int, Any] = {step: _decode(stored[place]) for step, place in wanted.get(key, {}).items()}
            found = numbers.get(key, NO_POINTS)
            column |= dict(zip(found.steps.tolist(), as_logged(found.values, form), strict=True))
            for step in column.keys() & rows.keys():
                rows[step][key] = column[step]
        return list(rows.values())

    def _numbers(self, first: int, last: int) -> dict[str, Points]:
        """The numbers of each key that has some, at steps from `first` to `last`."""
        inside = {
            key: [part for part in parts if part.first <= last and part.last >= first]
            for key, parts in self._parts.items()
        }
        return {key: points.between(column, first, last) for key, column in points.read_all(self._db, inside).items()}


def _steps_of(numbers: Points, places: Places) -> Any:
    """The steps at which a key has a value, in order."""
    return np.union1d(numbers.steps, np.fromiter(places, np.int64, len(places))) if places else numbers.steps


def _fitting(steps: Any, places: dict[str, Places], limit_bytes: int) -> tuple[int, int]:
    """How many rows from the first on hold at most `limit_bytes` of cells, and how much they hold; one row at least."""
    total = 0
    for count, step in enumerate(steps.tolist()):
        size_bytes = sum(known[step][2] for known in places.values() if step in known)
        if count and total + size_bytes > limit_bytes:
            return count, total
        total += size_bytes
    return len(steps), total


def as_logged(values: Any, form: str | None) -> list[Any]:
    """Returns float64 values as Python numbers of the form in which they were logged: `int`, `bool` or `float`."""
    if form == "int":
        return list(values.astype(np.int64).tolist())
    if form == "bool":
        return list(values.astype(bool).tolist())
    return list(values.tolist())


def sampled(
    db: Connection,
    project: str,
    run_id: str,
    keys: Sequence[str] | None = None,
    samples: int = 500,
    x: str = "_step",
    system: bool = False,
) -> list[dict[str, Any]]:
    """Returns about evenly spaced rows of the whole history, the first and the last among them.

    Args:
        db: An index connection.
        project: Name of the project.
        run_id: The run.
        keys: Only these, and only rows that have all of them; None gives every key.
        samples: At most so many rows, at least 1.
        x: Key that the rows are sorted by; rows without it are left out.
        system: Give the system metrics instead; their step is the run time in milliseconds.

    Raises:
        NotFoundError: if there is no such run.
        UsageError: if `samples` is no positive int.
    """
    if not isinstance(samples, int) or samples < 1:
        raise UsageError(f"`samples` must be an int >= 1. Received: samples={samples!r}.")
    num = find(db, project, run_id)
    needed = list(dict.fromkeys([*(keys or ()), *([] if x == "_step" else [x])]))
    wanted = _wanted(db, num, needed) if keys is not None else _wanted(db, num, None, system)
    wanted |= {key: None for key in needed if key not in wanted and key != "_step"}
    reader = _RowReader(db, num, wanted, keys is not None)
    steps = reader.all_steps([key for key in needed if key != "_step"], SYSTEM_CLOCK if system else CLOCK)
    if len(steps) > samples:
        steps = steps[np.linspace(0, len(steps) - 1, samples).round().astype(np.int64)]
    found = reader.at(steps)
    return found if x == "_step" else sorted(found, key=lambda row: _sortable(row[x]))


def _sortable(value: Any) -> tuple[bool, Any]:
    """Numbers by value, other things behind them as text."""
    number = isinstance(value, int | float)
    return (not number, value if number else str(value))


def forms(db: Connection, project: str, run_id: str) -> dict[str, str]:
    """Returns the history keys of a run but system metrics, in the order of their first value, with what their values are.

    `int`, `bool` or `float` for numbers; `text` if any value is no number.

    Raises:
        NotFoundError: if there is no such run.
    """
    num = find(db, project, run_id)
    query = text("SELECT key FROM series WHERE run = :run AND cell_count > 0 AND kind <> 'null'")
    mixed = set(db.execute(query, {"run": num}).scalars())
    wanted = _wanted(db, num, None)
    return {key: "text" if key in mixed or form is None else form for key, form in wanted.items()}
