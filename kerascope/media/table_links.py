"""Links between tables: a row link is the number of a row, a key link the text of a key, and each knows its table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerascope.media.table import Table


class RowLink(int):
    """The index of a row, counted from 0, that knows the table it belongs to."""

    _table: Table

    def __new__(cls, index: int, table: Table) -> RowLink:
        """Returns the link to row `index` of `table`."""
        link = super().__new__(cls, index)
        link._table = table
        return link

    @property
    def table(self) -> Table:
        """The table that the row is in."""
        return self._table

    def get_row(self) -> dict[Any, Any]:
        """Returns the row as a map from column to value.

        Raises:
            IndexError: if the table has no such row.
        """
        return dict(zip(self._table.columns, self._table.data[int(self)], strict=True))

    def __reduce__(self) -> tuple[Any, ...]:
        return (RowLink, (int(self), self._table))


class KeyLink(str):
    """A key value that knows the table and column it stands in."""

    _table: Table
    _column: str | int

    def __new__(cls, key: str, table: Table, column: str | int) -> KeyLink:
        """Returns the link to the row of `table` whose `column` is `key`."""
        link = super().__new__(cls, key)
        link._table, link._column = table, column
        return link

    @property
    def table(self) -> Table:
        """The table that the key is in."""
        return self._table

    @property
    def column(self) -> str | int:
        """The key's column in that table."""
        return self._column

    def get_row(self) -> dict[Any, Any] | None:
        """Returns the first row with this key as a map from column to value, None if there is none."""
        index = self._table.columns.index(self._column)
        for row in self._table.data:
            if row[index] == str(self):
                return dict(zip(self._table.columns, row, strict=True))
        return None

    def __reduce__(self) -> tuple[Any, ...]:
        return (KeyLink, (str(self), self._table, self._column))
