"""What users give to a Table: lists, arrays and DataFrames as columns and rows. pandas is touched only by what comes from it."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerascope.errors import WrongTypeError, WrongValueError
from kerascope.media.arrays import is_array, package_of, to_numpy

Column = str | int


class ColumnTypeError(WrongTypeError, AssertionError):
    """Cells of a new column that are no list or array; also an AssertionError, which scripts of the original may catch."""


class ColumnValueError(WrongValueError, AssertionError):
    """A new column whose name is taken, or with another number of cells than there are rows; also an AssertionError."""


def table_content(columns: Any, data: Any, dataframe: Any) -> tuple[Any, list[list[Any]]]:
    """Returns the columns and rows that the arguments of `Table` name.

    Raises:
        WrongTypeError: if `data` are no rows or `dataframe` is none.
    """
    if dataframe is None and data is not None and package_of(data) == "pandas":
        dataframe, data = data, None
    if dataframe is not None:
        if not hasattr(dataframe, "itertuples"):
            raise WrongTypeError(f"`dataframe` must be a pandas DataFrame. Received: {type(dataframe).__name__}.")
        names = [name if isinstance(name, str | int) else str(name) for name in dataframe.columns]
        return (columns or names), _frame_rows(dataframe)
    if data is None:
        return (["Input", "Output", "Expected"] if columns is None else columns), []
    rows = list(to_numpy(data)) if is_array(data) else data
    if not isinstance(rows, list | tuple) or not all(isinstance(row, list | tuple | np.ndarray) for row in rows):
        raise WrongTypeError(f"`data` must be a list of rows. Received: {type(data).__name__}.")
    default = ["Input", "Output", "Expected"] if not rows or len(rows[0]) == 3 else list(range(len(rows[0])))
    return (default if columns is None else columns), [list(row) for row in rows]


def _frame_rows(frame: Any) -> list[list[Any]]:
    """The rows of a DataFrame; what pandas calls missing is None, but for NaN in columns of floats, which may be a result."""
    floats = [getattr(dtype, "kind", "O") == "f" for dtype in frame.dtypes]
    return [
        [cell if keep or not _is_missing(cell) else None for cell, keep in zip(row, floats, strict=True)]
        for row in frame.itertuples(index=False, name=None)
    ]


def _is_missing(cell: Any) -> bool:
    return (isinstance(cell, float) and cell != cell) or type(cell).__name__ in ("NAType", "NaTType")


def check_columns(columns: Any) -> list[Column]:
    """Returns `columns` as a list if they may name columns.

    Raises:
        WrongTypeError: if they are no list of text or int.
        WrongValueError: if a name occurs twice.
    """
    if not isinstance(columns, list | tuple) or not all(
        isinstance(name, str | int) and not isinstance(name, bool) for name in columns
    ):
        raise WrongTypeError(f"`columns` must be a list of text or int. Received: columns={columns!r}.")
    if len(set(columns)) != len(columns):
        raise WrongValueError(f"Each column name may occur once. Received: columns={list(columns)!r}.")
    return list(columns)


def as_cells(name: Column, data: Any) -> list[Any]:
    """Returns the cells of the column `name` as a list.

    Raises:
        ColumnTypeError: if `data` is no list, array, tensor or pandas Series.
    """
    if is_array(data):
        return list(to_numpy(data))
    if package_of(data) == "pandas" and hasattr(data, "tolist"):
        return list(data.tolist())
    if not isinstance(data, list | tuple):
        raise ColumnTypeError(
            f"A column's cells must be a list or array. Received: {type(data).__name__} for {name!r}."
        )
    return list(data)
