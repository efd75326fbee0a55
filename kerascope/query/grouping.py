"""Which group a run is in: SQL that tells its values apart, and the short text that names a group.

Promises: a run is in exactly one group of a field; missing and null are one value, every other value is one of its own, numbers and
texts never the same. A list is told by its plain items (`leaves.py`), so that media and lists of lists share the empty one. Pure. Not
for: what groups hold (`groups.py`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from kerascope.errors import UsageError
from kerascope.query import filters

MAX_LEVELS = 8
MAX_GROUPS = 1000
_EXACT_INT = 2**53
_LARGEST_INT = 2**63
# Seventeen digits give every number back as it was; JSON has no infinities.
_ITEM = (
    "CASE item.kind WHEN 'text' THEN item.text WHEN 'null' THEN NULL "
    "WHEN 'bool' THEN json(CASE item.number WHEN 0 THEN 'false' ELSE 'true' END) "
    "ELSE CASE WHEN item.number IS NULL THEN item.text WHEN item.number = 9e999 THEN 'Infinity' "
    "WHEN item.number = -9e999 THEN '-Infinity' ELSE json(printf('%!.17g', item.number)) END END"
)


class Mark(NamedTuple):
    """What tells the values of one field apart, as the index has it: kind, number and text of a leaf (`index/leaves.py`).

    The kind of a list is `other`, its text its items as JSON.
    """

    kind: str
    number: float | None
    text: str | None


@dataclass(frozen=True)
class Place:
    """Groups of runs that a question is limited to.

    Attributes:
        by: The fields that runs are grouped by, the outermost first.
        inside: Keys of a group and of those around it, the outermost first; empty for all runs.
        outside: Groups, given in the same way, whose runs are left out.
    """

    by: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    outside: tuple[tuple[str, ...], ...] = ()


EVERYWHERE = Place()


@dataclass(frozen=True)
class Level:
    """One field to group by, as SQL on table `run` and what `join` adds to it."""

    join: str
    kind: str
    number: str
    text: str

    def equals(self, mark: Mark, sql: filters.Sql) -> str:
        """Returns the condition that a run's value is the marked one."""
        # IS, not =: a null among them must not make the answer unknown, or NOT would leave the run out.
        columns = zip((self.kind, self.number, self.text), mark, strict=True)
        parts = [f"{column} IS {'NULL' if value is None else sql.bind(value)}" for column, value in columns]
        return f"({' AND '.join(parts)})"


def levels(by: Sequence[str], sql: filters.Sql) -> list[Level]:
    """Returns the fields of `by`, one to eight of them, as SQL.

    Raises:
        UsageError: if there is no such field, or there are too many.
    """
    if len(by) > MAX_LEVELS or len(set(by)) < len(by):
        raise UsageError(f"Runs are grouped by at most {MAX_LEVELS} fields, each once. Received: group_by={list(by)}.")
    return [_level(filters.field_name(name), number, sql) for number, name in enumerate(by)]


def _level(field: str, number: int, sql: filters.Sql) -> Level:
    if "." in field:
        table, name = f"key{number}", sql.bind(filters.storable(field))
        join = f"LEFT JOIN value AS {table} ON {table}.run = run.num AND {table}.name = {name} AND {table}.position = 0"
        items = (
            f"(SELECT json_group_array({_ITEM}) FROM (SELECT kind, number, text FROM value WHERE value.run = run.num "
            f"AND value.name = {name} AND value.position > 0 ORDER BY value.position) AS item)"
        )
        text = f"CASE {table}.kind WHEN 'other' THEN {items} ELSE {table}.text END"
        return Level(join, f"coalesce({table}.kind, 'null')", f"{table}.number", text)
    if field == "tags":
        return Level("", "'other'", "NULL", "run.tags")
    if field == "archived":
        return Level("", "'bool'", "run.archived", "NULL")
    if field in filters.TEXT_FIELDS:
        column = f"({sql.state})" if field == "state" else filters.TEXT_FIELDS[field]
        return Level("", f"CASE WHEN {column} IS NULL THEN 'null' ELSE 'text' END", "NULL", column)
    column = filters.NUMBER_FIELDS[field]
    return Level("", f"CASE WHEN {column} IS NULL THEN 'null' ELSE 'number' END", column, "NULL")


def condition(place: Place, found: Sequence[Level], sql: filters.Sql) -> str:
    """Returns the condition that a run is at a place, of fields given as SQL; empty if every run is.

    Raises:
        UsageError: if a group is deeper than there are fields, or there are too many.
    """
    if len(place.outside) > MAX_GROUPS:
        raise UsageError(f"At most {MAX_GROUPS} groups can be left out. Received: {len(place.outside)}.")
    parts = [_within(place.inside, found, sql)] if place.inside else []
    parts += [f"NOT {_within(keys, found, sql)}" for keys in place.outside]
    return " AND ".join(parts)


def _within(keys: Sequence[str], found: Sequence[Level], sql: filters.Sql) -> str:
    if not 1 <= len(keys) <= len(found):
        raise UsageError(
            f"A group is named by one key for each field down to it. Received: {list(keys)!r}, "
            f"while runs are grouped by {len(found)} fields."
        )
    parts = [level.equals(mark_of(key), sql) for level, key in zip(found, keys, strict=False)]
    return f"({' AND '.join(parts)})"


def key_of(mark: Mark) -> str:
    """Returns the name of a group: its text as it is, any other value (and a text that looks like one) as JSON."""
    if mark.kind == "null":
        return "null"
    if mark.kind == "bool":
        return "true" if mark.number else "false"
    if mark.kind == "number":
        return _number_key(mark.number)
    text = mark.text or ""
    return json.dumps(text) if mark.kind == "text" and mark_of(text) != mark else text


def _number_key(number: float | None) -> str:
    if number is None:
        return "NaN"
    whole = math.isfinite(number) and number == int(number) and abs(number) < _EXACT_INT
    return json.dumps(int(number) if whole else number)


def mark_of(key: str) -> Mark:
    """Returns the value that a group is named after: the inverse of `key_of`."""
    try:
        value = json.loads(key)
    except (ValueError, RecursionError):
        return Mark("text", None, filters.storable(key))
    if isinstance(value, list):
        return Mark("other", None, key)
    if isinstance(value, bool):
        return Mark("bool", float(value), None)
    if isinstance(value, int | float):
        number = value if abs(value) < _LARGEST_INT else _as_float(value)
        return Mark("number", None, "NaN") if math.isnan(number) else Mark("number", number, None)
    if value is None:
        return Mark("null", None, None)
    return Mark("text", None, filters.storable(value if isinstance(value, str) else key))


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def value_of(mark: Mark) -> Any:
    """Returns the marked value itself: number, text, bool, list or None."""
    if mark.kind == "bool":
        return bool(mark.number)
    if mark.kind == "number":
        return math.nan if mark.number is None else mark.number
    return json.loads(mark.text or "[]") if mark.kind == "other" else mark.text
