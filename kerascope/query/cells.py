"""Values of the history that are no numbers (text, media, lists): where they lie in the index, and those that are wanted.

Promises: of several values at one step the last logged one counts; however many keys are asked for, a few queries find them and a few more
read them; only the wanted ones are read. Not for: what they mean (`history.py`, `histograms.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from sqlalchemy import Connection, TextClause, bindparam, text

from kerascope.errors import UsageError
from kerascope.query.filters import storable
from kerascope.query.points import FIRST, LAST, portions
from kerascope.query.records import Cell, CellPage
from kerascope.query.runs import find

MAX_CELLS = 100_000
_decode = msgspec.msgpack.Decoder().decode

_SERIES = text(
    "SELECT series.num, series.key FROM series JOIN segment ON segment.num = series.segment "
    "WHERE series.run = :run AND series.key IN :keys AND series.cell_count > 0 ORDER BY segment.name"
).bindparams(bindparam("keys", expanding=True))
_PLACES = (
    "SELECT series, step, position, length(value) FROM cell WHERE series IN :series {steps}ORDER BY series, position"
)
_ALL_PLACES = text(_PLACES.format(steps="")).bindparams(bindparam("series", expanding=True))
_SOME_PLACES = text(_PLACES.format(steps="AND step BETWEEN :first AND :last ")).bindparams(
    bindparam("series", expanding=True)
)
_VALUES = text(
    "SELECT series, position, value FROM cell WHERE series IN :series AND position IN :positions"
).bindparams(bindparam("series", expanding=True), bindparam("positions", expanding=True))


Place = tuple[int, int, int]
"""Where a value lies: its series, its position there, and its size in bytes. No class, since there may be very many."""

Places = dict[int, Place]
"""The values of a key, by step."""


def cell_page(
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
    """Returns values of `key` that are no numbers, by step; `total` counts all in the range of steps.

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
        if value is not None and not 1 <= value <= MAX_CELLS:
            raise UsageError(f"`{name}` must be 1 to {MAX_CELLS}. Received: {name}={value}.")
    key = storable(key)
    run = find(db, project, run_id)
    known = places(db, run, [key], bounded(min_step, FIRST), bounded(max_step, LAST))[key]
    steps = sorted(known)
    if sample is not None:
        wanted = spread(steps, sample)
    else:
        wanted = steps[-limit:] if last else steps[:limit]
    values = read(db, [known[step] for step in wanted])
    return CellPage(len(steps), tuple(Cell(step, _decode(values[known[step]])) for step in wanted))


def bounded(step: int | None, default: int) -> int:
    """Returns a step as the index can compare it; `default` for None."""
    return default if step is None else max(FIRST, min(LAST, step))


def spread(steps: Sequence[int], count: int) -> Sequence[int]:
    """Returns at most `count` of `steps`, evenly spread; the last one alone if only one is wanted."""
    if len(steps) <= count:
        return steps
    if count == 1:
        return steps[-1:]
    return [steps[at] for at in np.linspace(0, len(steps) - 1, count).round().astype(np.int64)]


def places(db: Connection, run: int, keys: Iterable[str], first: int = FIRST, last: int = LAST) -> dict[str, Places]:
    """Returns where the values of each key lie at steps from `first` to `last`; keys that have none are there, with nothing."""
    found: dict[str, Places] = {key: {} for key in keys}
    owners = [
        (num, key) for some in portions(list(found)) for num, key in db.execute(_SERIES, {"run": run, "keys": some})
    ]
    everywhere = first == FIRST and last == LAST
    query, bounds = (_ALL_PLACES, {}) if everywhere else (_SOME_PLACES, {"first": first, "last": last})
    by_series: dict[int, Places] = {num: {} for num, _ in owners}
    for some in portions(list(by_series)):
        for series, step, position, size_bytes in _driver_rows(db, query, {"series": some, **bounds}):
            by_series[series][step] = (series, position, size_bytes)
    for num, key in owners:
        found[key] |= by_series[num]
    return found


def read(db: Connection, wanted: Iterable[Place]) -> Mapping[Place, bytes]:
    """Returns the values at some places, as they are stored: msgpack."""
    by_series: dict[int, dict[int, Place]] = {}
    for place in wanted:
        by_series.setdefault(place[0], {})[place[1]] = place
    # Values that one call logs lie at one position in all their series, so that one query reads many series.
    alike: dict[tuple[int, ...], list[int]] = {}
    for series, found in by_series.items():
        alike.setdefault(tuple(sorted(found)), []).append(series)
    values: dict[Place, bytes] = {}
    for positions, group in alike.items():
        for some_series in portions(group):
            for some_positions in portions(positions):
                where = {"series": some_series, "positions": some_positions}
                for series, position, value in _driver_rows(db, _VALUES, where):
                    values[by_series[series][position]] = value
    return values


def _driver_rows(db: Connection, query: TextClause, values: dict[str, Any]) -> Sequence[Any]:
    """The rows as the driver gives them: wrapping each of very many costs more than reading it."""
    result = db.execute(query, values)
    rows = result.cursor.fetchall() if result.cursor is not None else []
    result.close()
    return rows
