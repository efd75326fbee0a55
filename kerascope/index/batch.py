"""Rows on their way into the index: collected while segments are folded, written together.

Promises: the statements are plain SQL that SQLite and PostgreSQL know; a row that is there is replaced. Not for: deciding what the
rows say (`segments.py`, `runs.py`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, TextClause, text

from kerascope.index import schema

Row = dict[str, Any]


def _upsert(table: Table) -> TextClause:
    columns = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key.columns]
    rest = [name for name in columns if name not in keys]
    action = f"UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in rest)}"
    return text(
        f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({', '.join(':' + name for name in columns)}) "
        f"ON CONFLICT ({', '.join(keys)}) DO {action}"
    )


_UPSERTS = {table.name: _upsert(table) for table in schema.METADATA.sorted_tables}


class Batch:
    """Rows to write, by table. Used by one thread."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = {}
        self.size_bytes = 0

    def add(self, table: Table, row: Row) -> None:
        """Adds one row: a value for every column of `table`."""
        self._rows.setdefault(table.name, []).append(row)

    def add_chunk(self, chunk: Row, detail: Row) -> None:
        """Adds a chunk of numbers and its level of detail."""
        self._rows.setdefault("chunk", []).append(chunk)
        self._rows.setdefault("lod", []).append(detail)
        self.size_bytes += len(chunk["steps"]) + len(chunk["data"]) + len(detail["entries"])

    def flush(self, connection: Connection) -> None:
        """Writes all rows and forgets them."""
        for name, rows in self._rows.items():
            if rows:
                connection.execute(_UPSERTS[name], rows)
        self._rows = {}
        self.size_bytes = 0
