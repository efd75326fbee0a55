"""Groups of a project's runs: how many, in which states, and how far their numbers lie apart, counted by the database.

Promises: groups partition the runs that match; they come in the order of their first run. Nothing but the groups of the page leaves the
database, so that ten thousand runs cost a reader no more than ten. Not for: which group a run is in (`grouping.py`), the runs themselves
(`runs.page` with a `Place`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from kerascope.errors import UsageError
from kerascope.query import filters, grouping, records, runs
from kerascope.query.grouping import Mark, Place
from kerascope.query.state import alive

MAX_LIMIT = 1000
MAX_NUMBERS = 64
STATES = ("running", "finished", "failed", "crashed")
_LARGEST = 1.7976931348623157e308


def page(
    db: Connection,
    project: str,
    place: Place,
    numbers: Sequence[str] = (),
    filter: Any = None,
    search: str | None = None,
    order: str = "-created_s",
    offset: int = 0,
    limit: int = 100,
    archived: bool = False,
) -> records.GroupPage:
    """Returns some of the groups one level below a place.

    Args:
        db: An index connection.
        project: Its name.
        place: The fields to group by; the groups are those of the field behind `inside`, so of the first one where that is empty.
        numbers: The `config.<path>`, `summary.<path>` and number fields whose spread is wanted, at most 64.
        filter: A Mongo-style map (see `filters`), None for all.
        search: As for `runs.page`.
        order: As for `runs.page`; a group stands where its first run stands.
        offset: How many groups to skip.
        limit: At most so many groups, 1 to 1000.
        archived: Archived runs too.

    Raises:
        UsageError: if an argument is not understood.
    """
    depth = len(place.inside)
    if depth >= len(place.by):
        raise UsageError(
            f"There must be a field to group by. Received: group_by={list(place.by)}, {depth} of them used up."
        )
    if not 1 <= limit <= MAX_LIMIT:
        raise UsageError(f"`limit` must be 1 to {MAX_LIMIT}. Received: limit={limit}. Ask for more with `offset`.")
    if len(numbers) > MAX_NUMBERS:
        raise UsageError(f"`numbers` must name at most {MAX_NUMBERS} columns. Received: {len(numbers)}.")
    sql = filters.Sql(alive(db).sql())
    chosen = runs.Choice(sql, project, filter, search, order, archived=archived, place=place)
    level = chosen.levels[depth]
    values = "".join(f", {_number(name, sql)} AS number{at}" for at, name in enumerate(numbers))
    inner = (
        f"SELECT {level.kind} AS kind, {level.number} AS number, {level.text} AS text, ({sql.state}) AS state, "
        f"row_number() OVER (ORDER BY {chosen.ordering}) AS place{values} FROM run {chosen.joins} WHERE {chosen.condition}"
    )
    grouped = f"FROM ({inner}) GROUP BY kind, number, text"
    query = text(
        f"SELECT count(*) OVER (), sum(count(*)) OVER (), kind, number, text, count(*), {_aggregates(len(numbers))} "
        f"{grouped} ORDER BY min(place) LIMIT :limit OFFSET :offset"
    )
    rows = db.execute(query, sql.values | {"limit": limit, "offset": offset}).all()
    if rows or offset == 0:
        total, run_total = rows[0][:2] if rows else (0, 0)
    else:
        counted = text(f"SELECT count(*), coalesce(sum(size), 0) FROM (SELECT count(*) AS size {grouped})")
        total, run_total = db.execute(counted, sql.values).one()
    return records.GroupPage(total, run_total, offset, tuple(_group(row[2:], numbers) for row in rows))


def _number(name: str, sql: filters.Sql) -> str:
    """A number of a run as SQL; NaN, infinities and what is no number are left out."""
    field = filters.field_name(name)
    if "." in field:
        place = sql.bind(filters.storable(field))
        found = (
            f"(SELECT value.number FROM value WHERE value.run = run.num AND value.name = {place} AND value.position = 0 "
            f"AND value.kind = 'number' AND abs(value.number) <= {_LARGEST!r})"
        )
        return found
    if field not in filters.NUMBER_FIELDS:
        fields = ", ".join(filters.NUMBER_FIELDS)
        raise UsageError(f"`numbers` are config.<path>, summary.<path> or one of {fields}. Received: numbers={name!r}.")
    return filters.NUMBER_FIELDS[field]


def _aggregates(number_count: int) -> str:
    parts = [f"sum(state = '{state}')" for state in STATES]
    for at in range(number_count):
        parts += [f"{function}(number{at})" for function in ("count", "avg", "min", "max")]
    return ", ".join(parts)


def _group(row: Sequence[Any], numbers: Sequence[str]) -> records.RunGroup:
    mark, count = Mark(*row[:3]), row[3]
    states, spreads = row[4 : 4 + len(STATES)], row[4 + len(STATES) :]
    return records.RunGroup(
        key=grouping.key_of(mark),
        value=grouping.value_of(mark),
        run_count=count,
        states={state: found for state, found in zip(STATES, states, strict=True) if found},
        numbers={
            name: records.Spread(*spreads[4 * at : 4 * at + 4]) for at, name in enumerate(numbers) if spreads[4 * at]
        },
    )
