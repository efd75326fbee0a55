"""Rows on their way into the index: collected while segments are folded, written together.

Promises: the statements are plain SQL that SQLite and PostgreSQL know; a row that is there is replaced. Not for: deciding what the
rows say (`segments.py`, `runs.py`).
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table

from kerascope.index import schema

Row = dict[str, Any]


def _upsert(table: Table, mark: str) -> str:
    columns = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key.columns]
    rest = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in keys)
    return (
        f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({', '.join([mark] * len(columns))}) "
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {rest}"
    )


_PICK = {table.name: itemgetter(*(column.name for column in table.columns)) for table in schema.METADATA.sorted_tables}


class Batch:
    """Rows to write, by table. Used by one thread."""

    def __init__(self) -> None:
        self._rows: dict[str, list[tuple[Any, ...]]] = {}
        self.size_bytes = 0

    def add(self, table: Table, row: Row) -> None:
        """Adds one row: a value for every column of `table`."""
        self._rows.setdefault(table.name, []).append(_PICK[table.name](row))

    def add_chunk(self, chunk: Row, detail: Row) -> None:
        """Adds a chunk of numbers and its level of detail."""
        self.add(schema.CHUNK, chunk)
        self.add(schema.LOD, detail)
        self.size_bytes += len(chunk["steps"]) + len(chunk["data"]) + len(detail["entries"])

    def flush(self, connection: Connection) -> None:
        """Writes all rows and forgets them."""
        mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
        for name, rows in self._rows.items():
            connection.exec_driver_sql(_upsert(schema.METADATA.tables[name], mark), rows)
        self._rows = {}
        self.size_bytes = 0
