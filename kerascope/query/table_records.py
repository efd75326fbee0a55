"""What is asked about a logged table, and the page of it that is answered.

Promises: as `records.py`; a question with an unknown field is refused. Not for: how the answers are found (`tables/`).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kerascope.query.records import Value


class TableSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a table lies: the `sha256` of a `table-file`, or an entry of an artifact."""

    sha256: str | None = None
    project: str | None = None
    artifact: str | None = None
    version: str | None = None
    path: str | None = None


class TableAggregate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to compute over each group; `count` needs no column."""

    op: Literal["count", "mean", "min", "max", "sum", "median", "std", "distinct"]
    column: str | None = None


class TableGroup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Group rows that are equal in the columns `by`."""

    by: tuple[str, ...]
    aggregates: tuple[TableAggregate, ...] = ()


class TableJoin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Put another table beside the first, where `on` is equal: a column of the first and one of this, several such pairs, or null: the row numbers."""

    source: TableSource
    on: tuple[str | tuple[str, str], ...] | None
    how: Literal["inner", "left", "outer"] = "inner"
    follow: tuple[str, ...] = ()
    suffix: str = "_2"
    differences: tuple[str, ...] = ()


class TableQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST `/api/table`: which rows of which table, in which order."""

    source: TableSource
    follow: tuple[str, ...] = ()
    join: TableJoin | None = None
    filter: dict[str, Value] | None = None
    search: str | None = None
    group: TableGroup | None = None
    order: tuple[str, ...] = ()
    columns: tuple[str, ...] | None = None
    offset: int = 0
    limit: int = 100
    format: Literal["json", "csv"] = "json"


class TableColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a page: its kind (`docs/formats/tables.md`), and what belongs to it."""

    name: str
    kind: str
    media: str | None
    table: dict[str, Value] | None
    shape: tuple[int, ...] | None


class TablePage(msgspec.Struct, frozen=True, kw_only=True):
    """Some rows of a table; `row_count` counts all rows before the filter, `total` those that match."""

    row_count: int
    total: int
    offset: int
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Value, ...], ...]
    row_numbers: tuple[int | None, ...]
