"""Tables made of tables: two joined by a key, or all parts below a folder of an artifact. They live in artifacts.

Value: the content of `<name>.joined-table.json` and `<name>.partitioned-table.json` (`docs/formats/tables.md`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from kerascope.errors import StoreError, UsageError, WrongTypeError, WrongValueError
from kerascope.media.base import Media, Value
from kerascope.media.table import Table
from kerascope.media.table_file import read_table
from kerascope.media.table_input import Column

if TYPE_CHECKING:
    from kerascope.blobs.store import BlobStore


class JoinedTable(Media):
    """Two tables whose rows belong together where their keys are equal.

    Args:
        table1: the first table.
        table2: the second table.
        join_key: the key's column in both, or a pair of columns.

    Raises:
        WrongTypeError: if they are no tables, or the key is no column name or pair.
        WrongValueError: if a table has no such column.
    """

    kind: ClassVar[str] = "joined-table"

    def __init__(self, table1: Table, table2: Table, join_key: Column | Sequence[Column]) -> None:
        if not isinstance(table1, Table) or not isinstance(table2, Table):
            raise WrongTypeError(
                f"JoinedTable needs two tables. Received: {type(table1).__name__} and {type(table2).__name__}."
            )
        keys = [join_key, join_key] if isinstance(join_key, str | int) else list(join_key)
        if len(keys) != 2:
            raise WrongTypeError(
                f"`join_key` must be a column name or a pair of them. Received: join_key={join_key!r}."
            )
        self.tables = (table1, table2)
        self.keys: tuple[Column, Column] = (keys[0], keys[1])
        for table, key in zip(self.tables, self.keys, strict=True):
            if key not in table.columns:
                raise WrongValueError(
                    f"`join_key` must be a column of each table. Received: {key!r}, not in {table.columns}."
                )

    def freeze(self) -> None:
        """Freezes both tables."""
        for table in self.tables:
            table.freeze()

    @property
    def size_bytes(self) -> int:
        """Memory held by both tables."""
        return sum(table.size_bytes for table in self.tables)

    def to_table(self) -> Table:
        """Returns one table: the key, the other columns of the first, then of the second table (`name_2` where taken).

        Rows of the first table come in its order, each with all rows of the second that have its key, then the rows of the second
        table whose key the first does not have. What a row has no partner for is None.
        """
        first, second = self.tables
        at1, at2 = first.columns.index(self.keys[0]), second.columns.index(self.keys[1])
        names1 = [name for at, name in enumerate(first.columns) if at != at1]
        names2 = [name for at, name in enumerate(second.columns) if at != at2]
        taken = {self.keys[0], *names1}
        columns = [self.keys[0], *names1, *(f"{name}_2" if name in taken else name for name in names2)]
        rows = list(_outer_join(_by_key(first, at1), _by_key(second, at2), len(names1), len(names2)))
        return Table(columns, rows, allow_mixed_types=True)

    def to_value(self, blobs: BlobStore, key: str, step: int | None) -> dict[str, Value]:
        """Returns the map that names both tables, and writes them."""
        first, second = (table.to_value(blobs, "", None) for table in self.tables)
        return {"_type": self.kind, "table": first, "other_table": second, "join_key": list(self.keys)}

    @classmethod
    def from_value(cls, value: dict[str, Value], blobs: BlobStore) -> JoinedTable:
        """Returns the joined table that `to_value` made `value` of."""
        seen: dict[str, Table] = {}
        first, second = (read_table(value[name], blobs, seen) for name in ("table", "other_table"))
        return cls(first, second, value["join_key"])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JoinedTable) and (self.tables, self.keys) == (other.tables, other.keys)

    __hash__ = None  # type: ignore[assignment]


def _by_key(table: Table, at: int) -> list[tuple[Any, list[Any]]]:
    return [(row[at], row[:at] + row[at + 1 :]) for row in table.data]


def _outer_join(
    first: list[tuple[Any, list[Any]]], second: list[tuple[Any, list[Any]]], width1: int, width2: int
) -> Iterator[list[Any]]:
    partners: dict[Any, list[list[Any]]] = {}
    for key, cells in second:
        partners.setdefault(key, []).append(cells)
    known = {key for key, _ in first}
    for key, cells in first:
        for other in partners.get(key, [[None] * width2]):
            yield [key, *cells, *other]
    for key, other in second:
        if key not in known:
            yield [key, *[None] * width1, *other]


class PartitionedTable(Media):
    """All tables below a folder of the artifact it is added to, one after the other.

    Args:
        parts_path: the folder in the artifact.
    """

    heavy: ClassVar[bool] = False
    kind: ClassVar[str] = "partitioned-table"

    def __init__(self, parts_path: str) -> None:
        if not isinstance(parts_path, str) or not parts_path.strip("/"):
            raise WrongTypeError(
                f"`parts_path` must name a folder of the artifact. Received: parts_path={parts_path!r}."
            )
        self.parts_path = parts_path.strip("/")
        self._read_parts: Callable[[], list[Table]] | None = None

    def attach(self, read_parts: Callable[[], list[Table]]) -> None:
        """Tells where the parts come from; the artifact calls this when the object is got."""
        self._read_parts = read_parts

    @property
    def parts(self) -> list[Table]:
        """The tables below the folder, by name.

        Raises:
            UsageError: if the object did not come from a logged artifact.
            StoreError: if the parts have different columns.
        """
        if self._read_parts is None:
            raise UsageError(
                f"The parts are known once the artifact is logged. Received: {self.parts_path!r}. Get it by artifact.get(name)."
            )
        tables = self._read_parts()
        if any(table.columns != tables[0].columns for table in tables):
            raise StoreError(f"All parts need the same columns. Received: {[table.columns for table in tables]}.")
        return tables

    @property
    def columns(self) -> list[Column]:
        """The columns, empty without parts."""
        parts = self.parts
        return list(parts[0].columns) if parts else []

    def iterrows(self) -> Iterator[tuple[int, list[Any]]]:
        """Yields (number of the row over all parts, its cells). Raises as `parts` does."""
        rows = (row for table in self.parts for row in table.data)
        yield from enumerate(rows)

    def to_value(self, blobs: BlobStore, key: str, step: int | None) -> dict[str, Value]:
        """Returns the map that names the folder."""
        return {"_type": self.kind, "parts_path": self.parts_path}

    @classmethod
    def from_value(cls, value: dict[str, Value], blobs: BlobStore) -> PartitionedTable:
        """Returns the object that `to_value` made `value` of, without its parts."""
        return cls(value["parts_path"])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PartitionedTable) and self.parts_path == other.parts_path

    __hash__ = None  # type: ignore[assignment]
