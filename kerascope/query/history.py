"""The history of runs: which keys there are, rows put together from their columns, and values that are no numbers.

Promises: a row holds all values of its step, the last logged of each; numbers come back as what they were logged as (int, float or
bool). Not for: charts, which read less (`sample.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
from sqlalchemy import Connection, bindparam, text

from kerascope.errors import UsageError
from kerascope.events.metrics import MetricRule, rule_for
from kerascope.index.columns import Points
from kerascope.index.fold import CLOCK, RUNTIME, SYSTEM, SYSTEM_CLOCK, wider
from kerascope.query import points
from kerascope.query.filters import storable
from kerascope.query.points import FIRST, LAST
from kerascope.query.records import Cell, CellPage, HistoryPage, MetricKey
from kerascope.query.runs import find, find_all

MAX_ROWS = 100_000
_decode = msgspec.msgpack.Decoder().decode
_decode_rules = msgspec.msgpack.Decoder(dict[str, MetricRule]).decode

_KEYS = (
    "SELECT series.key, max(series.point_count > 0), max(CASE WHEN series.kind <> 'null' THEN series.kind END), "
    "count(DISTINCT series.run), sum(series.point_count + series.cell_count), max(series.last_step) "
    "FROM run JOIN series ON series.run = run.num WHERE {which} GROUP BY series.key ORDER BY series.key"
)
_RULES = (
    "SELECT run_data.metrics FROM run JOIN run_data ON run_data.run = run.num WHERE {which} AND run_data.metrics <> :none "
    "ORDER BY run.created_s, run.id"
)
_NO_RULES = msgspec.msgpack.encode({})
_CELLS = (
    "SELECT cell.step, cell.value FROM series JOIN segment ON segment.num = series.segment "
    "JOIN cell ON cell.series = series.num WHERE series.run = :run AND series.key = :key "
    "AND cell.step BETWEEN :first AND :last ORDER BY cell.step, segment.name, cell.position"
)
_CELL_PLACES = text(_CELLS.replace("cell.step, cell.value", "cell.step, cell.series, cell.position", 1))
_VALUES = text("SELECT position, value FROM cell WHERE series = :series AND position IN :positions").bindparams(
    bindparam("positions", expanding=True)
)
_AT_ONCE = 500


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
        limit: At most so many rows, 1 to 100,000.

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
    first, last = _bounded(min_step, FIRST), _bounded(max_step, LAST)
    found: list[dict[str, Any]] = []
    reader = _RowReader(db, num, wanted, keys is not None, first, last)
    for window in reader.windows(first, last):
        more, next_step = reader.read(*window, limit - len(found))
        found.extend(more)
        if next_step is not None:
            return HistoryPage(tuple(found), next_step)
    return HistoryPage(tuple(found), None)


def _bounded(step: int | None, default: int) -> int:
    return default if step is None else max(FIRST, min(LAST, step))


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
        self._parts = {key: points.parts(db, num, key, first, last, detail=False) for key in wanted}

    def windows(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yields adjoining ranges of steps, each a chunk of the longest column."""
        longest = max(self._parts.values(), key=points.count, default=[])
        for end in sorted(part.last for part in longest if first <= part.last < last):
            if end >= first:
                yield first, end
                first = end + 1
        yield first, last

    def read(self, first: int, last: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
        """Returns up to `limit` rows at steps from `first` to `last`, and the step of the row behind them if there is one."""
        numbers = {key: self._numbers(key, first, last) for key in self._wanted}
        others = {key: self._others(key, form, first, last) for key, form in self._wanted.items()}
        steps = self._steps(numbers, others)
        next_step = None
        if len(steps) > limit:
            next_step = int(steps[limit])
            steps = steps[:limit]
            numbers = {key: points.between(found, first, next_step - 1) for key, found in numbers.items()}
        columns: dict[str, dict[int, Any]] = {}
        for key, form in self._wanted.items():
            found = numbers[key]
            columns[key] = others[key] | dict(zip(found.steps.tolist(), as_logged(found.values, form), strict=True))
        rows = [
            {"_step": step} | {key: column[step] for key, column in columns.items() if step in column}
            for step in steps.tolist()
        ]
        return rows, next_step

    def _steps(self, numbers: dict[str, Points], others: dict[str, dict[int, Any]]) -> Any:
        """The steps that have a row: those of any key, or of all keys."""
        known = [
            np.union1d(numbers[key].steps, np.fromiter(others[key], np.int64, len(others[key])))
            if others[key]
            else numbers[key].steps
            for key in self._wanted
        ]
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
        for key in needed:
            others = self._others(key, self._wanted[key], FIRST, LAST)
            own = np.union1d(self._numbers(key, FIRST, LAST).steps, np.fromiter(others, np.int64, len(others)))
            steps = own if steps is None else np.intersect1d(steps, own, assume_unique=True)
        return steps

    def at(self, steps: Any) -> list[dict[str, Any]]:
        """Returns the rows at `steps` (sorted), reading one column at a time."""
        rows: dict[int, dict[str, Any]] = {step: {"_step": step} for step in steps.tolist()}
        for key, form in self._wanted.items():
            column = self._numbers(key, FIRST, LAST)
            here = np.isin(column.steps, steps, assume_unique=True)
            values = self._others(key, form, FIRST, LAST)
            values |= dict(zip(column.steps[here].tolist(), as_logged(column.values[here], form), strict=True))
            for step in values.keys() & rows.keys():
                rows[step][key] = values[step]
        return list(rows.values())

    def _numbers(self, key: str, first: int, last: int) -> Points:
        chunks = [part for part in self._parts[key] if part.first <= last and part.last >= first]
        return points.read(self._db, chunks, first, last)

    def _others(self, key: str, form: str | None, first: int, last: int) -> dict[int, Any]:
        """The values that are no numbers. Where a step has both, the number wins."""
        if form is not None and not self._has_cells(key):
            return {}
        where = {"run": self._num, "key": key, "first": first, "last": last}
        return {step: _decode(value) for step, value in self._db.execute(text(_CELLS), where)}

    def _has_cells(self, key: str) -> bool:
        query = text("SELECT 1 FROM series WHERE run = :run AND key = :key AND cell_count > 0")
        return self._db.execute(query, {"run": self._num, "key": key}).first() is not None


def as_logged(values: Any, form: str | None) -> list[Any]:
    """Returns float64 values as Python numbers of the form in which they were logged: `int`, `bool` or `float`."""
    if form == "int":
        return list(values.astype(np.int64).tolist())
    if form == "bool":
        return list(values.astype(bool).tolist())
    return list(values.tolist())


def cells(
    db: Connection,
    project: str,
    run_id: str,
    key: str,
    min_step: int | None = None,
    max_step: int | None = None,
    limit: int = 100,
    last: bool = False,
    sample: int | None = None,
) -> CellPage:
    """Returns values of `key` that are no numbers (text, media, lists), by step; `total` counts all in the range of steps.

    Args:
        db: An index connection.
        project: Name of the project.
        run_id: The run.
        key: The history key.
        min_step: The first step wanted.
        max_step: The last step wanted, included.
        limit: At most so many, 1 to 100,000.
        last: Take them from the end of the range; they still come by step.
        sample: Take so many at most, evenly spread over the range, the first and the last among them; `limit` and `last` do not count
            then.

    Raises:
        NotFoundError: if there is no such run.
        UsageError: if `limit` or `sample` is out of range.
    """
    for name, value in (("limit", limit), ("sample", sample)):
        if value is not None and not 1 <= value <= MAX_ROWS:
            raise UsageError(f"`{name}` must be 1 to {MAX_ROWS}. Received: {name}={value}.")
    num = find(db, project, run_id)
    total, found = packed_cells(db, num, key, _bounded(min_step, FIRST), _bounded(max_step, LAST), limit, last, sample)
    return CellPage(total, tuple(Cell(step, _decode(value)) for step, value in found))


def packed_cells(
    db: Connection,
    num: int,
    key: str,
    first: int = FIRST,
    until: int = LAST,
    limit: int = 100,
    last: bool = False,
    sample: int | None = None,
) -> tuple[int, list[tuple[int, bytes]]]:
    """Returns what `cells` gives, of run `num`, with each value as it is stored: msgpack."""
    where = {"run": num, "key": storable(key), "first": first, "last": until}
    newest = {step: (series, position) for step, series, position in db.execute(_CELL_PLACES, where).all()}
    known = sorted(newest)
    if sample is not None:
        wanted = _spread(known, sample)
    else:
        wanted = known[-limit:] if last else known[:limit]
    values = _values(db, [newest[step] for step in wanted])
    return len(known), [(step, values[newest[step]]) for step in wanted]


def _spread(steps: Sequence[int], count: int) -> list[int]:
    """About `count` of `steps`, evenly spread; the last one alone if only one is wanted."""
    if len(steps) <= count:
        return list(steps)
    if count == 1:
        return [steps[-1]]
    return [steps[at] for at in np.linspace(0, len(steps) - 1, count).round().astype(np.int64)]


def _values(db: Connection, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """The stored cells at (series, position), with one query for each series and 500 positions."""
    by_series: dict[int, list[int]] = {}
    for series, position in places:
        by_series.setdefault(series, []).append(position)
    found: dict[tuple[int, int], bytes] = {}
    for series, positions in by_series.items():
        for start in range(0, len(positions), _AT_ONCE):
            some = {"series": series, "positions": positions[start : start + _AT_ONCE]}
            found |= {(series, position): value for position, value in db.execute(_VALUES, some)}
    return found


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
