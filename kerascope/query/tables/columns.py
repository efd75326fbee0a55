"""Columns of tables, as the operations on whole columns need them: cells, numbers, texts and ranks, each made once and kept.

Promises: what a column says about its cells never changes. Cells are those of the table file (`docs/formats/tables.md`). Not for: rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, TypeVar, cast

import msgspec
import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
Integers = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]
A = TypeVar("A", Floats, Integers, Mask)
SPELLED = {"NaN": np.nan, "Infinity": np.inf, "-Infinity": -np.inf}
_NUMERIC = ("number", "foreignIndex")
_TEXTUAL = ("string", "timestamp", "foreignKey", "primaryKey")


class Column:
    """One column: its name, what the table file says of it, and its cells.

    Args:
        name: As text, whatever it is in the table.
        described: The entry of `column_types`.
        cells: One for each row.
    """

    def __init__(self, name: str, described: dict[str, Any], cells: Sequence[Any]) -> None:
        self.name, self.described, self._cells = name, described, cells

    @property
    def kind(self) -> str:
        """The kind of its cells, such as `number` or `media`."""
        return str(self.described.get("kind", "any"))

    def __len__(self) -> int:
        return len(self._cells)

    def cell(self, row: int) -> Any:
        """Returns the cell of a row."""
        return self._cells[row]

    @cached_property
    def missing(self) -> Mask:
        """Which cells are null."""
        if self.kind == "ndarray":
            return np.zeros(len(self), bool)
        return np.fromiter((cell is None for cell in self._cells), bool, len(self))

    @cached_property
    def is_number(self) -> Mask:
        """Which cells are numbers, NaN among them."""
        if self.kind in _NUMERIC:
            return ~self.missing
        if self.kind != "any":
            return np.zeros(len(self), bool)
        return np.fromiter((type(cell) in (int, float) for cell in self._cells), bool, len(self))

    @cached_property
    def numbers(self) -> Floats:
        """The numbers; NaN where there is none."""
        if self.kind in _NUMERIC:
            return np.array(
                [SPELLED.get(cell, cell) if type(cell) is str else cell for cell in self._cells], np.float64
            )
        found = np.full(len(self), np.nan)
        for row in np.flatnonzero(self.is_number).tolist():
            found[row] = self._cells[row]
        return found

    @cached_property
    def texts(self) -> list[str | None]:
        """The texts; None where there is none."""
        if self.kind not in (*_TEXTUAL, "any"):
            return [None] * len(self)
        return [cell if type(cell) is str else None for cell in self._cells]

    @cached_property
    def vocabulary(self) -> tuple[list[str], Integers]:
        """The different texts, sorted, and for each cell the place of its text among them, -1 where there is none."""
        texts = self.texts
        words = sorted({text for text in texts if text is not None})
        places = {word: place for place, word in enumerate(words)}
        return words, np.fromiter((-1 if text is None else places[text] for text in texts), np.int64, len(texts))

    @property
    def is_text(self) -> bool:
        """Whether all its cells are texts or null."""
        return self.kind in _TEXTUAL

    @property
    def is_numeric(self) -> bool:
        """Whether all its cells are numbers or null."""
        return self.kind in _NUMERIC

    @cached_property
    def truths(self) -> Integers:
        """1 for true, 0 for false, -1 for anything else."""
        if self.kind not in ("boolean", "any"):
            return np.full(len(self), -1)
        values = {True: 1, False: 0}
        return np.fromiter((values[cell] if type(cell) is bool else -1 for cell in self._cells), np.int64, len(self))

    @property
    def amounts(self) -> Floats:
        """The numbers, and of a column of true and false 1 and 0, so that a mean of it is a share; NaN where there is none."""
        return np.where(self.truths < 0, np.nan, self.truths) if self.kind == "boolean" else self.numbers

    @cached_property
    def ranks(self) -> Integers:
        """Whole numbers in the order of the cells, equal for equal cells, without gaps; -1 for null and NaN."""
        if self.kind in _NUMERIC:
            known = ~np.isnan(self.numbers)
            ranks = np.full(len(self), -1)
            ranks[known] = np.unique(self.numbers[known], return_inverse=True)[1]
            return ranks
        if self.is_text:
            return self.vocabulary[1]
        keys = [_sort_key(cell) for cell in self._cells] if self.kind != "ndarray" else [None] * len(self)
        order = {key: rank for rank, key in enumerate(sorted({key for key in keys if key is not None}))}
        return np.fromiter((-1 if key is None else order[key] for key in keys), np.int64, len(self))


class TakenColumn(Column):
    """The cells of another column at given rows; null where the row is -1. Nothing is copied before it is needed."""

    def __init__(self, name: str, base: Column, rows: Integers) -> None:
        super().__init__(name, base.described, ())
        self._base, self._rows = base, rows
        self._none = rows < 0

    def __len__(self) -> int:
        return len(self._rows)

    def cell(self, row: int) -> Any:
        """Returns the cell of a row."""
        taken = self._rows[row]
        return None if taken < 0 else self._base.cell(int(taken))

    @cached_property
    def missing(self) -> Mask:
        """Which cells are null."""
        return self._taken(self._base.missing, True)

    @cached_property
    def is_number(self) -> Mask:
        """Which cells are numbers, NaN among them."""
        return self._taken(self._base.is_number, False)

    @cached_property
    def numbers(self) -> Floats:
        """The numbers; NaN where there is none."""
        return self._taken(self._base.numbers, np.nan)

    @cached_property
    def texts(self) -> list[str | None]:
        """The texts; None where there is none."""
        texts = self._base.texts
        return [None if row < 0 else texts[row] for row in self._rows.tolist()]

    @cached_property
    def vocabulary(self) -> tuple[list[str], Integers]:
        """The different texts of the other column, sorted, and the place of each cell's text among them, -1 for none."""
        words, places = self._base.vocabulary
        return words, self._taken(places, -1)

    @cached_property
    def truths(self) -> Integers:
        """1 for true, 0 for false, -1 for anything else."""
        return self._taken(self._base.truths, -1)

    @cached_property
    def ranks(self) -> Integers:
        """Whole numbers in the order of the cells, equal for equal cells; -1 for null and NaN."""
        return self._taken(self._base.ranks, -1)

    def _taken(self, values: A, other: float) -> A:
        if len(values) == 0:
            return cast(A, np.full(len(self._rows), other, values.dtype))
        taken = values[np.maximum(self._rows, 0)]
        taken[self._none] = other
        return cast(A, taken)


class NumberColumn(Column):
    """Numbers that were computed; NaN is null, unless `whole` says that they are counts."""

    def __init__(self, name: str, numbers: Floats, whole: bool = False) -> None:
        cells = [int(one) if whole else one for one in numbers.tolist()]
        super().__init__(name, {"kind": "number"}, [None if one != one else one for one in cells])


def _sort_key(cell: Any) -> tuple[int, Any] | None:
    """Numbers, then true and false, then texts, then the rest; None for what has no place."""
    if cell is None or cell != cell:
        return None
    if isinstance(cell, bool):
        return 1, cell
    if isinstance(cell, int | float):
        return 0, cell
    if isinstance(cell, str):
        return 2, cell
    return 3, msgspec.json.encode(cell)
