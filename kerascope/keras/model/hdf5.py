"""HDF5 data as training data: a range of rows of a data set, read slice by slice.

`HDF5Matrix` has the constructor of the class of that name in Keras 2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


class RowRange:
    """Rows `start` to `end` of a data set that is read in slices.

    Args:
        rows: The data set: has `shape` and `dtype` and can be sliced.
        start: First row.
        end: Row after the last; None means all.
        normalizer: Applied to every array that is read.
    """

    reads_slices = True

    def __init__(
        self, rows: Any, start: int = 0, end: int | None = None, normalizer: Callable[[Any], Any] | None = None
    ) -> None:
        self.data = rows
        self.start = start
        self.end = int(rows.shape[0]) if end is None else end
        self.normalizer = normalizer

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the range."""
        return (self.end - self.start, *self.data.shape[1:])

    @property
    def dtype(self) -> Any:
        """Type of what is read."""
        return self.data.dtype if self.normalizer is None else self[0:1].dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    def __len__(self) -> int:
        return self.end - self.start

    def __getitem__(self, key: Any) -> Any:
        read = self.data[self._moved(key)]
        return read if self.normalizer is None else self.normalizer(read)

    def _moved(self, key: Any) -> Any:
        if isinstance(key, slice):
            first, last, step = key.indices(len(self))
            return slice(first + self.start, last + self.start, step)
        if isinstance(key, int | np.integer):
            if not -len(self) <= key < len(self):
                raise IndexError(f"Row out of range. Received: {key} for {len(self)} rows.")
            return int(key) % len(self) + self.start
        return np.asarray(key) + self.start


class ExpandedRows(RowRange):
    """A range of rows with one more axis of length 1 at the end."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the range, with the added axis."""
        return (*super().shape, 1)

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(key)[..., np.newaxis]


class HDF5Matrix(RowRange):
    """A range of rows of a data set in an HDF5 file, as Keras 2 had it.

    Args:
        datapath: Path of the file.
        dataset: Name of the data set in the file.
        start: First row.
        end: Row after the last; None means all.
        normalizer: Applied to every array that is read.
    """

    def __init__(
        self,
        datapath: Any,
        dataset: str,
        start: int = 0,
        end: int | None = None,
        normalizer: Callable[[Any], Any] | None = None,
    ) -> None:
        import h5py

        self._file = h5py.File(datapath, "r")
        super().__init__(self._file[dataset], start, end, normalizer)
