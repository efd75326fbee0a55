"""A table in memory: columns of one length, and the row of the source that each row came from. Pure.

Promises: a frame never changes; taking rows or adding columns makes another. Not for: reading files (`read.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import numpy as np

from kerascope.errors import UsageError
from kerascope.query.tables.columns import Column, Integers, NumberColumn, TakenColumn

MAX_JOINED = 4_000_000
"""Rows of a join: a key that tells hardly any rows apart would pair millions with millions."""


class Frame:
    """Columns by name, in order.

    Args:
        columns: All of one length.
        row_numbers: Row of the source table of each row, -1 where it has none.
    """

    def __init__(self, columns: Iterable[Column], row_numbers: Integers) -> None:
        self.columns = {column.name: column for column in columns}
        self.row_numbers = row_numbers

    def __len__(self) -> int:
        return len(self.row_numbers)

    def column(self, name: str) -> Column:
        """Returns a column.

        Raises:
            UsageError: if there is none of that name.
        """
        found = self.columns.get(name)
        if found is None:
            close = get_close_matches(name, self.columns, 3, 0.5) or list(self.columns)[:8]
            raise UsageError(
                f"The table must have this column. Received: column={name!r}. It has for example {', '.join(close)}."
            )
        return found

    def take(self, rows: Integers) -> Frame:
        """Returns the frame of some rows; -1 gives a row of nulls."""
        numbers = np.where(rows < 0, -1, self.row_numbers[np.maximum(rows, 0)]) if len(self) else np.full(len(rows), -1)
        return Frame((TakenColumn(name, column, rows) for name, column in self.columns.items()), numbers)

    def sorted_rows(self, order: Sequence[str], rows: Integers) -> Integers:
        """Returns `rows` sorted by columns (`-` in front: descending); null and NaN come last, equal ones stay as they are.

        Raises:
            UsageError: if there is no such column.
        """
        keys = []
        for part in order:
            name = part if part in self.columns else part.removeprefix("-")
            ranks = self.column(name).ranks[rows]
            direction = -1 if name != part else 1
            keys.append(np.where(ranks < 0, np.iinfo(np.int64).max, direction * ranks))
        return rows[np.lexsort(keys[::-1])] if keys else rows

    def followed(self, name: str, linked: Frame) -> Frame:
        """Returns the frame with the columns of the table that the row numbers in column `name` lead to: `<name>.<column>`."""
        numbers = self.column(name).numbers
        with np.errstate(invalid="ignore"):
            inside = (numbers >= 0) & (numbers < len(linked))
        rows = np.where(inside, numbers, -1).astype(np.int64)
        more = [TakenColumn(f"{name}.{other}", column, rows) for other, column in linked.columns.items()]
        return Frame([*self.columns.values(), *more], self.row_numbers)


def joined(
    first: Frame,
    second: Frame,
    on: Sequence[tuple[str, str]],
    how: str,
    suffix: str,
    differences: Sequence[str] = (),
) -> Frame:
    """Returns two frames side by side where their keys are equal; a key that occurs several times pairs all with all.

    Args:
        first: Its rows come in its order.
        second: Its columns come behind, its key aside.
        on: The columns of the key, in both; without any, rows with the same number belong together.
        how: `inner`, `left`, or `outer`: rows of the second without a partner come last.
        suffix: Put behind names that the first has.
        differences: Columns of both, for each of which `<column>_diff` is added: second minus first.

    Raises:
        UsageError: if there is no such column, nothing in common to subtract, or more than `MAX_JOINED` pairs.
    """
    keys = [(first.column(one), second.column(other)) for one, other in on]
    left, right = _pairs(*_key_codes(keys, len(first), len(second)), how)
    whole = first.take(left)
    other = second.take(right)
    columns = dict(whole.columns)
    if how == "outer":
        columns |= {one.name: _key_column(one.name, one, twin, left, right) for one, twin in keys}
    renamed: dict[str, str] = {}
    for name in other.columns:
        if all(name != twin.name for _, twin in keys):
            free = name
            while free in columns:
                free += suffix or "_2"
            renamed[name] = free
            columns[free] = TakenColumn(free, second.columns[name], right)
    for name in differences:
        if name not in first.columns or name not in renamed:
            raise UsageError(f"`differences` must name columns that both tables have. Received: {name!r}.")
        columns[f"{name}_diff"] = NumberColumn(
            f"{name}_diff", other.columns[name].amounts - whole.columns[name].amounts
        )
    return Frame(columns.values(), whole.row_numbers)


def _pairs(codes: Integers, others: Integers, how: str) -> tuple[Integers, Integers]:
    """The rows of both that belong together; -1 for no partner. Null (-1) is no key."""
    by_code = np.argsort(others, kind="stable")
    ordered = others[by_code]
    starts = np.searchsorted(ordered, codes, "left")
    counts = np.where(codes < 0, 0, np.searchsorted(ordered, codes, "right") - starts)
    lines = np.maximum(counts, 0 if how == "inner" else 1)
    if lines.sum() > MAX_JOINED:
        raise UsageError(
            f"A join may have {MAX_JOINED:,} rows. Received: {lines.sum():,}, as many rows share a key. "
            "Add a column to `on` that tells them apart."
        )
    first = np.repeat(np.arange(len(codes)), lines)
    nth = np.arange(len(first)) - np.repeat(np.cumsum(lines) - lines, lines)
    at = np.minimum(np.repeat(starts, lines) + nth, max(0, len(by_code) - 1))
    second = np.where(np.repeat(counts, lines) > 0, by_code[at] if len(by_code) else -1, -1)
    if how == "outer":
        alone = np.setdiff1d(np.arange(len(others)), second)
        first = np.concatenate([first, np.full(len(alone), -1)])
        second = np.concatenate([second, alone])
    return first, second


def _key_codes(keys: Sequence[tuple[Column, Column]], count: int, other_count: int) -> tuple[Integers, Integers]:
    """Whole numbers for the rows of both, equal where all columns of their keys are; -1 where one is null."""
    if not keys:
        return np.arange(count), np.arange(other_count)
    codes = np.zeros(count + other_count, np.int64)
    for left, right in keys:
        more = np.concatenate(_codes(left, right))
        both = codes * (int(more.max(initial=0)) + 1) + more
        # Small again, whatever the number of columns.
        codes = np.where((codes < 0) | (more < 0), -1, np.unique(both, return_inverse=True)[1])
    return codes[:count], codes[count:]


def _codes(left: Column, right: Column) -> tuple[Integers, Integers]:
    """Whole numbers for the keys of both columns, equal where the keys are; -1 for null."""
    if left.is_text and right.is_text:
        words, places = left.vocabulary
        known = {word: place for place, word in enumerate(words)}
        others, other_places = right.vocabulary
        translated = np.array([*(known.get(word, len(words) + at) for at, word in enumerate(others)), -1])
        return places, translated[other_places]
    if left.is_numeric and right.is_numeric:
        both = np.concatenate([left.numbers, right.numbers])
        found = np.where(np.isnan(both), -1, np.unique(both, return_inverse=True)[1])
        return found[: len(left)], found[len(left) :]
    seen: dict[object, int] = {None: -1}
    cells = [[_hashable(column.cell(row)) for row in range(len(column))] for column in (left, right)]
    mine, others_ = ([seen.setdefault(key, len(seen)) for key in keys] for keys in cells)
    return np.array(mine, np.int64), np.array(others_, np.int64)


def _hashable(cell: object) -> object:
    """What equal cells have in common; media are equal by content."""
    if isinstance(cell, dict | list):
        return cell.get("sha256") if isinstance(cell, dict) else None
    return (bool, cell) if isinstance(cell, bool) else cell


def _key_column(name: str, left: Column, right: Column, first: Integers, second: Integers) -> Column:
    cells = [
        left.cell(one) if one >= 0 else right.cell(other)
        for one, other in zip(first.tolist(), second.tolist(), strict=True)
    ]
    return Column(name, left.described if left.kind == right.kind else {"kind": "any"}, cells)
