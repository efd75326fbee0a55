"""Table: rows of typed cells; cells can be media, arrays and links to rows of other tables.

Promises: each column has one type, fixed by its first value (unless mixed types are allowed); a value that does not fit changes nothing.
What was logged stays what it was, whatever happens to the table afterwards. All rows are stored, there is no limit of 10,000.
The class is whole in one file: changing, reading and logging share its cells and their types.
Not for: bytes (see `table_file.py`, `docs/formats/tables.md`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from kerascope.errors import UsageError, WrongTypeError, WrongValueError
from kerascope.media import table_types
from kerascope.media.base import Media, Value, dump_json, media_path, store_ahead
from kerascope.media.spill import can_spill, spilled
from kerascope.media.table_input import Column, ColumnValueError, as_cells, check_columns, table_content
from kerascope.media.table_links import KeyLink, RowLink
from kerascope.media.table_types import ColumnType
from kerascope.terminal import termwarn

if TYPE_CHECKING:
    from kerascope.blobs.store import BlobStore

_SPILL_BYTES = 16 << 20
LOG_MODES = ("IMMUTABLE", "MUTABLE", "INCREMENTAL")


class Table(Media):
    """Rows of typed cells.

    Args:
        columns: names (text or int) of the columns.
        data: rows: lists of cells, a 2-D array, or a pandas DataFrame.
        rows: an older name of `data`.
        dataframe: a pandas DataFrame, whose columns are taken too.
        dtype: type of all columns, or a list with one for each: a Python type, a media class or a name such as "number".
        optional: whether None fits; for all columns, or a list with one for each.
        allow_mixed_types: columns have no type.
        log_mode: what happens when a logged table changes. IMMUTABLE: a warning, and later logs repeat what was logged first.
            MUTABLE: each log stores the table as it is then. INCREMENTAL: as MUTABLE, but only rows can be added.

    Raises:
        WrongTypeError: if columns are no list of text or int, or a cell does not fit its column.
        WrongValueError: if a row has another length, or an argument another value.
    """

    MAX_ARTIFACT_ROWS: ClassVar[int] = 200_000
    kind: ClassVar[str] = "table-file"
    artifact_kind: ClassVar[str] = "table"

    def __init__(
        self,
        columns: Sequence[Column] | None = None,
        data: Any = None,
        rows: Any = None,
        dataframe: Any = None,
        dtype: Any = None,
        optional: bool | Sequence[bool] = True,
        allow_mixed_types: bool = False,
        log_mode: str | None = None,
    ) -> None:
        if log_mode not in (None, *LOG_MODES):
            raise WrongValueError(f"`log_mode` must be one of {', '.join(LOG_MODES)}. Received: log_mode={log_mode!r}.")
        self.log_mode = log_mode or "IMMUTABLE"
        self.allow_mixed_types = allow_mixed_types
        names, cells = table_content(columns, data if data is not None else rows, dataframe)
        self.columns: list[Column] = check_columns(names)
        self.data: list[list[Any]] = []
        self._primary_key: Column | None = None
        self._types = self._declare(dtype, optional)
        self._reset()
        for row in cells:
            self.add_data(*row)

    def _reset(self) -> None:
        self._frozen: Table | None = None  # what was logged
        self._copy: Table | None = None  # the table as it is, while it does not change
        self._stored: dict[Path, tuple[str, int]] = {}  # of a copy: its table file, by blob folder
        self._warned = False
        self._offloaded = 0  # rows whose media are stored
        self._spilled = 0  # rows whose arrays are in a file

    def _declare(self, dtype: Any, optional: bool | Sequence[bool]) -> list[ColumnType]:
        count = len(self.columns)
        may_be_none = [bool(optional)] * count if isinstance(optional, bool) else list(optional)
        wanted = list(dtype) if isinstance(dtype, list | tuple) else [dtype] * count
        if len(wanted) != count or len(may_be_none) != count:
            raise WrongValueError(
                f"`dtype` and `optional` need one item a column. Received: {len(wanted)} and {len(may_be_none)} for "
                f"{count} columns."
            )
        if self.allow_mixed_types and dtype is None:
            wanted = ["any"] * count
        return [table_types.declared(kind, none) for kind, none in zip(wanted, may_be_none, strict=True)]

    # -- changing -----------------------------------------------------------------------------------------------------------

    def add_data(self, *data: Any) -> None:
        """Adds a row.

        Raises:
            WrongValueError: if it has another number of cells than there are columns.
            WrongTypeError: if a cell does not fit its column; nothing is added then.
        """
        if len(data) != len(self.columns):
            raise WrongValueError(
                f"A row needs one cell a column. Received: {len(data)} cells for the {len(self.columns)} columns {self.columns}."
            )
        row = [table_types.normalise(cell) for cell in data]
        types = [self._accept(at, cell) for at, cell in enumerate(row)]
        self._about_to_change()
        self._types = types
        self.data.append([self._linked(kind, cell) for kind, cell in zip(types, row, strict=True)])

    def add_row(self, *row: Any) -> None:
        """An older name of `add_data`."""
        self.add_data(*row)

    def add_column(self, name: Column, data: Any, optional: bool = True) -> None:
        """Adds a column.

        Args:
            name: its name.
            data: one cell a row: a list, array or tensor.
            optional: whether None fits.

        Raises:
            WrongTypeError: if `data` is no list or array, or a cell does not fit; nothing is added then.
            ColumnValueError: if the name is taken or the length is another.
            UsageError: if the table is INCREMENTAL and was logged.
        """
        if self.log_mode == "INCREMENTAL" and self._frozen is not None:
            raise UsageError(f"An INCREMENTAL table that was logged takes rows only. Received: column {name!r}.")
        cells = as_cells(name, data)
        check_columns([name])
        if name in self.columns:
            raise ColumnValueError(f"Each column name may occur once. Received: {name!r}; there are {self.columns}.")
        if self.columns and len(cells) != len(self.data):
            raise ColumnValueError(
                f"A column needs one cell a row. Received: {len(cells)} cells for {len(self.data)} rows in column {name!r}."
            )
        kind = table_types.declared("any" if self.allow_mixed_types else None, optional)
        normalised = [table_types.normalise(cell) for cell in cells]
        for cell in normalised:
            kind = _accept(kind, name, cell)
        self._about_to_change()
        if not self.columns:
            self.data = [[] for _ in normalised]
        for row, cell in zip(self.data, normalised, strict=True):
            row.append(self._linked(kind, cell))
        self.columns.append(name)
        self._types.append(kind)

    def add_computed_columns(self, fn: Callable[[RowLink, dict[Any, Any]], dict[Column, Any]]) -> None:
        """Adds the columns that `fn(ndx, row)` returns for each row, as a map from new column to cell.

        `ndx` is the row's link (an int), `row` a map from column to cell. What `fn` leaves out is None.

        Raises:
            WrongTypeError: if `fn` returns no map.
        """
        computed: dict[Column, list[Any]] = {}
        for index, row in self.iterrows():
            cells = fn(index, dict(zip(self.columns, row, strict=True)))
            if not isinstance(cells, dict):
                raise WrongTypeError(
                    f"A row processor must return a dict of new columns. Received: {type(cells).__name__} for row {int(index)}."
                )
            for name, cell in cells.items():
                computed.setdefault(name, [None] * len(self.data))[index] = cell
        for name, column in computed.items():
            self.add_column(name, column)

    def cast(self, col_name: Column, dtype: Any, optional: bool = True) -> None:
        """Gives a column another type, if all its cells fit.

        Raises:
            WrongTypeError: if one does not; the column keeps its type.
        """
        at = self._at(col_name)
        kind = table_types.declared(dtype, optional)
        for row in self.data:
            kind = _accept(kind, col_name, row[at])
        self._about_to_change()
        self._types[at] = kind

    def set_pk(self, col_name: Column) -> None:
        """Makes a column of texts the table's key: its cells become links that other tables can hold.

        Raises:
            WrongTypeError: if a cell is no text.
            WrongValueError: if a key occurs twice.
        """
        at = self._at(col_name)
        keys = [row[at] for row in self.data]
        if not all(isinstance(key, str) for key in keys):
            raise WrongTypeError(f"Keys must be texts. Received: column {col_name!r} of {self._types[at].describe()}.")
        if len(set(keys)) != len(keys):
            raise WrongValueError(f"Each key may occur once. Received: column {col_name!r} with repeated keys.")
        self._about_to_change()
        self._primary_key = col_name
        self._types[at] = ColumnType("primaryKey", optional=False, table=self, key=col_name)
        for row in self.data:
            row[at] = KeyLink(row[at], self, col_name)

    def set_fk(self, col_name: Column, table: Table, table_col: Column) -> None:
        """Makes the texts of a column links to the rows of another table whose `table_col` is the same.

        Raises:
            WrongValueError: if one of the columns is not there.
            WrongTypeError: if a cell is no text; the column stays as it is then.
        """
        at = self._at(col_name)
        table._at(table_col)
        kind = ColumnType("foreignKey", table=table, key=table_col)
        for row in self.data:
            _accept(kind, col_name, row[at])
        self._about_to_change()
        self._types[at] = kind
        for row in self.data:
            row[at] = self._linked(kind, row[at])

    def _accept(self, at: int, cell: Any) -> ColumnType:
        return _accept(self._types[at], self.columns[at], cell)

    def _linked(self, kind: ColumnType, cell: Any) -> Any:
        """Numbers and texts in link columns become links."""
        if kind.table is None or cell is None:
            return cell
        if kind.kind == "foreignIndex":
            return RowLink(int(cell), kind.table)
        return KeyLink(str(cell), self if kind.kind == "primaryKey" else kind.table, kind.key or "")

    def _about_to_change(self) -> None:
        self._copy = None
        if self._frozen is not None and self.log_mode == "IMMUTABLE" and not self._warned:
            self._warned = True
            termwarn(
                "A table that was logged is being changed; later logs of it repeat what was logged first. "
                'Use Table(log_mode="MUTABLE") to store it again, or make a new table.'
            )

    # -- reading ------------------------------------------------------------------------------------------------------------

    def _at(self, name: Column) -> int:
        try:
            return self.columns.index(name)
        except ValueError:
            raise WrongValueError(f"The table has no such column. Received: {name!r}; it has {self.columns}.") from None

    def get_column(self, name: Column, convert_to: str | None = None) -> Any:
        """Returns the cells of a column as a list, or with `convert_to="numpy"` as an array of the dtype that numpy finds for them.

        Raises:
            WrongValueError: if there is no such column, or `convert_to` is another word.
        """
        if convert_to not in (None, "numpy"):
            raise WrongValueError(f"`convert_to` must be 'numpy' or None. Received: convert_to={convert_to!r}.")
        at = self._at(name)
        cells = [row[at] for row in self.data]
        if convert_to is None:
            return cells
        return np.array([int(cell) if isinstance(cell, RowLink) else cell for cell in cells])

    def column_type(self, name: Column) -> ColumnType:
        """Returns the type of a column.

        Raises:
            WrongValueError: if there is no such column.
        """
        return self._types[self._at(name)]

    def get_index(self) -> list[RowLink]:
        """Returns links to all rows, in order."""
        return [RowLink(index, self) for index in range(len(self.data))]

    def index_ref(self, index: int) -> RowLink:
        """Returns the link to row `index`.

        Raises:
            WrongValueError: if there is no such row.
        """
        if not 0 <= index < len(self.data):
            raise WrongValueError(f"The table has no such row. Received: index={index}; it has {len(self.data)} rows.")
        return RowLink(index, self)

    def iterrows(self) -> Iterator[tuple[RowLink, list[Any]]]:
        """Yields (link to the row, its cells)."""
        for index, row in enumerate(self.data):
            yield RowLink(index, self), row

    def get_dataframe(self) -> Any:
        """Returns the table as a pandas DataFrame; cells stay what they are.

        Raises:
            UsageError: if pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise UsageError(
                "get_dataframe() needs pandas. Received: no pandas. Run `pip install kerascope[pandas]`."
            ) from error
        return pandas.DataFrame({name: self.get_column(name) for name in self.columns})

    def __len__(self) -> int:
        return len(self.data)

    def __eq__(self, other: object) -> bool:
        """Same columns and equal cells."""
        if not isinstance(other, Table):
            return NotImplemented
        if self.columns != other.columns or len(self.data) != len(other.data):
            return False
        pairs = zip(self.data, other.data, strict=True)
        return all(_same(mine, theirs) for row, its in pairs for mine, theirs in zip(row, its, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Table({len(self.data)} rows, columns {self.columns})"

    # -- values -------------------------------------------------------------------------------------------------------------

    @property
    def size_bytes(self) -> int:
        """About how much memory the cells hold."""
        source = self._frozen or self
        cells = [cell for row in source.data for cell in row if isinstance(cell, Media) or can_spill(cell)]
        held = sum(cell.size_bytes if isinstance(cell, Media) else cell.nbytes for cell in cells)
        return held + 64 * len(source.data) * len(source.columns)

    def offload(self, blobs: BlobStore) -> None:
        """Gives back the memory of the media and arrays added since the last call: for tables larger than memory.

        Media are stored; arrays, as soon as they are many, go to a nameless file and can only be read from then on.

        Args:
            blobs: the store of the run that will log the table.

        Raises:
            OSError: if they cannot be written.
        """
        rows = self.data[self._offloaded :]
        store_ahead((cell for row in rows for cell in row if isinstance(cell, Media)), blobs)
        self._offloaded = len(self.data)
        self._spill(blobs.folder)

    def _spill(self, folder: Path) -> None:
        rows = self.data[self._spilled :]
        places = [(row, at) for row in rows for at, cell in enumerate(row) if can_spill(cell)]
        if sum(row[at].nbytes for row, at in places) < _SPILL_BYTES:
            return
        for (row, at), array in zip(places, spilled([row[at] for row, at in places], folder), strict=True):
            row[at] = array
        self._spilled = len(self.data)

    def freeze(self) -> None:
        """Keeps the table as it is now; what is logged later is this."""
        if len(self.data) > self.MAX_ARTIFACT_ROWS:
            termwarn(
                f"A table of {len(self.data)} rows is large; {self.MAX_ARTIFACT_ROWS} or fewer are pleasant to look at.",
                repeat=False,
            )
        if self._frozen is None or self.log_mode != "IMMUTABLE":
            self._frozen = self._snapshot()

    def _snapshot(self) -> Table:
        """A copy of the table as it is now, and of the tables it links to."""
        if self._copy is None:
            copy = Table.__new__(Table)
            copy._reset()
            copy.columns, copy.data = list(self.columns), [list(row) for row in self.data]
            copy.log_mode, copy.allow_mixed_types, copy._primary_key = "IMMUTABLE", True, self._primary_key
            copy._types = [
                replace(kind, table=(copy if kind.table is self else kind.table._snapshot())) if kind.table else kind
                for kind in self._types
            ]
            copy._frozen = copy._copy = copy
            self._copy = copy
        return self._copy

    def to_value(self, blobs: BlobStore, key: str, step: int | None) -> dict[str, Value]:
        """Returns the `table-file` map; writes the table file and the files of its cells."""
        source = self._frozen or self._snapshot()
        sha256, size = source._store(blobs)
        path = media_path("table" if key else "tables", key, step, sha256, "table.json")
        return {
            "_type": self.kind,
            "sha256": sha256,
            "size": size,
            "path": path,
            "ncols": len(source.columns),
            "nrows": len(source.data),
        }

    def to_content(self, blobs: BlobStore) -> dict[str, Value]:
        """Returns the content of the table file (`docs/formats/tables.md`); writes the files of its cells."""
        content: dict[str, Value] = json.loads(blobs.read(self.to_value(blobs, "", None)["sha256"]))
        return content

    def _store(self, blobs: BlobStore) -> tuple[str, int]:
        """Writes the file of a copy unless the store has it already; returns its sha256 and size."""
        from kerascope.media.table_file import encode_table

        stored = self._stored.get(blobs.folder)
        if stored is None or not blobs.has(stored[0]):
            ref = blobs.put_bytes(dump_json(encode_table(self, self._types, blobs)))
            self._stored[blobs.folder] = stored = (ref.sha256, ref.size_bytes)
        return stored

    def as_stored(self, value: dict[str, Value], blobs: BlobStore) -> Media:
        """Returns the copy that was stored, which need not be read back if nothing was logged since."""
        copy = self._frozen
        stored = None if copy is None else copy._stored.get(blobs.folder)
        return copy if copy is not None and stored and stored[0] == value["sha256"] else self.from_value(value, blobs)

    @classmethod
    def from_value(cls, value: dict[str, Value], blobs: BlobStore) -> Table:
        """Returns the table of a `table-file` map, or of the content of a table file."""
        from kerascope.media.table_file import decode_table, read_table

        return read_table(value, blobs) if "columns" not in value else decode_table(value, blobs, {})

    @classmethod
    def of_parts(cls, columns: list[Column], types: list[ColumnType], rows: list[list[Any]]) -> Table:
        """Returns a table of cells that are known to fit (they come from a table file)."""
        table = cls(columns)
        table._types = [
            replace(kind, table=table, key=name if kind.kind == "primaryKey" else kind.key)
            if kind.kind in ("primaryKey", "foreignIndex", "foreignKey") and kind.table is None
            else kind
            for name, kind in zip(columns, types, strict=True)
        ]
        table._primary_key = next(
            (name for name, kind in zip(columns, types, strict=True) if kind.kind == "primaryKey"), None
        )
        linked = [kind.table is not None for kind in table._types]
        table.data = [
            [
                table._linked(kind, cell) if link else cell
                for kind, cell, link in zip(table._types, row, linked, strict=True)
            ]
            for row in rows
        ]
        return table


def _accept(kind: ColumnType, name: Column, cell: Any) -> ColumnType:
    try:
        return kind.accept(cell)
    except WrongTypeError as error:
        raise WrongTypeError(
            f"A cell must fit its column. Received: {cell!r:.200} for column {name!r}: {error}. "
            "Use Table(allow_mixed_types=True) for columns without a type."
        ) from None


def _same(mine: Any, theirs: Any) -> bool:
    if isinstance(mine, np.ndarray) or isinstance(theirs, np.ndarray):
        mine, theirs = np.asarray(mine), np.asarray(theirs)
        return bool(mine.shape == theirs.shape and np.array_equal(mine, theirs, equal_nan=mine.dtype.kind == "f"))
    if isinstance(mine, float) and isinstance(theirs, float) and mine != mine:
        return theirs != theirs
    return bool(mine == theirs)
