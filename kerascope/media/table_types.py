"""Column types of a Table: fixed by the first value, then held.

    number      int or float (NaN and infinities are numbers), not bool
    string boolean timestamp list dict
    ndarray     arrays of one shape
    media       one class of media values
    foreignIndex  a row of another table · foreignKey  a key value of another table · primaryKey  a key of this one
    any         no rule

None fits every column that is optional. Pure. Not for: how cells are stored (see `table_file.py`).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from kerascope.errors import WrongTypeError
from kerascope.media.arrays import is_array, package_of, to_numpy
from kerascope.media.base import Media
from kerascope.media.table_links import KeyLink, RowLink

if TYPE_CHECKING:
    from kerascope.media.table import Table

KINDS = (
    "number", "string", "boolean", "timestamp", "list", "dict", "ndarray", "media",
    "foreignIndex", "foreignKey", "primaryKey", "any",
)  # fmt: skip
_OF_PYTHON = {
    int: "number", float: "number", bool: "boolean", str: "string", list: "list", tuple: "list", dict: "dict",
    datetime.datetime: "timestamp", np.ndarray: "ndarray", object: "any",
}  # fmt: skip
_PLAIN = {int: "number", float: "number", bool: "boolean", str: "string"}
"""The usual cells, whose kind is known without a closer look."""


@dataclass(frozen=True)
class ColumnType:
    """What a column may hold.

    Attributes:
        kind: one of `KINDS`; None until the first value other than None.
        optional: whether None fits.
        shape: of `ndarray` columns.
        media: the `_type` of `media` columns.
        table: the table that links lead to.
        key: the column of that table, for keys.
    """

    kind: str | None = None
    optional: bool = True
    shape: tuple[int, ...] | None = None
    media: str | None = None
    table: Table | None = None
    key: str | int | None = None

    def accept(self, value: Any) -> ColumnType:
        """Returns the type of the column once it holds `value`.

        Raises:
            WrongTypeError: if `value` does not fit; the message has no column name, which the caller adds.
        """
        if value is None:
            if not self.optional or self.kind == "foreignIndex":
                raise WrongTypeError("None does not fit this column")
            return self
        if self.kind == "any" or (self.kind is not None and _PLAIN.get(type(value)) == self.kind):
            return self
        found = type_of(value)
        if self.kind is None:
            return replace(found, optional=self.optional)
        if self._fits(found, value):
            shape, media = self.shape or found.shape, self.media or found.media
            return self if (shape, media) == (self.shape, self.media) else replace(self, shape=shape, media=media)
        raise WrongTypeError(f"expected {self.describe()}, got {found.describe()}")

    def _fits(self, found: ColumnType, value: Any) -> bool:
        if self.kind == "foreignIndex":
            is_index = found.kind == "number" and isinstance(value, int)
            return is_index if found.table is None else found.table is self.table
        if self.kind in ("foreignKey", "primaryKey"):
            return isinstance(value, str) and (found.table is None or found.table is self.table)
        return (found.kind, found.shape, found.media) == (
            self.kind,
            self.shape or found.shape,
            self.media or found.media,
        )

    def describe(self) -> str:
        """Returns the type in words."""
        detail = f" of shape {self.shape}" if self.shape is not None else f" {self.media}" if self.media else ""
        return f"{self.kind or 'none'}{detail}"


def type_of(value: Any) -> ColumnType:
    """Returns the type of one (normalised) cell other than None."""
    if isinstance(value, RowLink):
        return ColumnType("foreignIndex", table=value.table)
    if isinstance(value, KeyLink):
        return ColumnType("foreignKey", table=value.table, key=value.column)
    if isinstance(value, bool):
        return ColumnType("boolean")
    if isinstance(value, int | float):
        return ColumnType("number")
    if isinstance(value, np.ndarray):
        return ColumnType("ndarray", shape=value.shape)
    if isinstance(value, Media):
        return ColumnType("media", media=value.kind)
    for kind, name in ((str, "string"), (datetime.datetime, "timestamp"), (list, "list"), (dict, "dict")):
        if isinstance(value, kind):
            return ColumnType(name)
    return ColumnType("any")


def declared(dtype: Any, optional: bool) -> ColumnType:
    """Returns the type that a `dtype` argument names: a Python type, a media class, or the name of a kind; None: undecided.

    Raises:
        WrongTypeError: if it names none.
    """
    if dtype is None:
        return ColumnType(optional=optional)
    if isinstance(dtype, ColumnType):
        return replace(dtype, optional=optional)
    if dtype in _OF_PYTHON:
        return ColumnType(_OF_PYTHON[dtype], optional)
    if isinstance(dtype, type) and issubclass(dtype, Media):
        return ColumnType("media", optional, media=dtype.kind)
    if isinstance(dtype, type) and issubclass(dtype, np.generic):
        return ColumnType("boolean" if issubclass(dtype, np.bool_) else "number", optional)
    if isinstance(dtype, str) and dtype in KINDS:
        return ColumnType(dtype, optional)
    raise WrongTypeError(
        f"A column's type must be a Python type, a media class or one of {', '.join(KINDS)}. Received: dtype={dtype!r}."
    )


def normalise(value: Any) -> Any:
    """Returns a cell as the table keeps it: numpy scalars as Python numbers, tensors as arrays of its own, pictures as Image."""
    if value is None or type(value) in (bool, int, float, str, RowLink, KeyLink) or isinstance(value, Media):
        return value
    if is_array(value):
        array = to_numpy(value)
        if array.ndim == 0:
            return normalise_object(array.item())
        return array.copy()
    if isinstance(value, Mapping):
        return {str(key): _plain(normalise(item)) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(normalise(item)) for item in value]
    return normalise_object(value)


def _plain(value: Any) -> Any:
    """Inside lists and maps, arrays become lists."""
    return value.tolist() if isinstance(value, np.ndarray) else value


def normalise_object(value: Any) -> Any:
    """Returns an object that is no array and no container as a cell."""
    if package_of(value) == "pandas" and type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, datetime.datetime | int | float | str):
        return value
    from kerascope.media.convert import convert

    return convert(value)
