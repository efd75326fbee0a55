"""Sparse matrices as training data: rows become dense arrays when their batch is made, never all at once."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np


class SparseRows:
    """The rows of a `scipy.sparse` matrix, read as dense arrays.

    Args:
        matrix: Any two-dimensional sparse matrix or array of scipy.
    """

    reads_slices = True

    def __init__(self, matrix: Any) -> None:
        self.matrix = matrix.tocsr()

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the matrix."""
        return tuple(self.matrix.shape)

    @property
    def dtype(self) -> Any:
        """Type of what is read."""
        kind = self.matrix.dtype
        return np.dtype(keras.config.floatx()) if kind.kind == "f" else kind

    def __len__(self) -> int:
        return int(self.matrix.shape[0])

    def __getitem__(self, rows: Any) -> Any:
        return self.matrix[rows].toarray().astype(self.dtype, copy=False)

    def take(self, rows: Any, axis: int = 0, out: Any = None, mode: str = "raise") -> Any:
        """Returns the rows of these numbers as one dense array, or writes them into `out`; `np.take` calls this."""
        read = self[rows]
        if out is None:
            return read
        out[...] = read
        return out

    def part(self, start: int, stop: int) -> SparseRows:
        """The rows from `start` to `stop`, still sparse."""
        return SparseRows(self.matrix[start:stop])


def is_sparse_matrix(value: Any) -> bool:
    """Whether a value is a matrix of `scipy.sparse`; scipy need not be installed to ask."""
    return type(value).__module__.startswith("scipy.sparse") and hasattr(value, "tocsr")
