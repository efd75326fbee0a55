"""Validation and training data as batches of numpy arrays, whatever form the user keeps them in.

Forms: `(x, y)` or `(x, y, sample_weight)` of arrays, lists or dicts of arrays (HDF5 data sets and sparse matrices among them, which are read
batch by batch and never as a whole); `tf.data.Dataset`, `PyDataset`/`Sequence`, torch `DataLoader` (walked anew each time); generators (pulled as far as needed; what was pulled is kept and is what later walks see).
Walking draws from random generators of its own, the same ones each time, so that the user's stay where they are and a shuffling
`DataLoader` gives one order. A backend is never imported: the forms are told apart by what they can do.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import keras
import numpy as np

from kerascope.keras import randomness

_END = object()
Structure = Any  # an array, or a list, tuple or dict of arrays


class Batch(NamedTuple):
    """Inputs, targets and sample weights of some rows; targets and weights may be None."""

    x: Structure
    y: Structure
    sample_weight: Structure = None

    @property
    def row_count(self) -> int:
        """How many rows the batch has."""
        return int(leaves(self.x)[0].shape[0])


class Source:
    """Data that can be walked again and again.

    Args:
        data: in one of the forms of this module.
        batch_size: rows per batch where `data` is arrays; may be changed between two walks.
        max_batches: most batches to take; needed to bound a stream that may be endless.
    """

    def __init__(self, data: Any, batch_size: int = 32, max_batches: int | None = None) -> None:
        self._data = data
        self.batch_size = batch_size
        self._max_batches = max_batches
        self._kept: list[Batch] = []
        self._random: randomness.State | None = None  # that every walk begins with

    @property
    def max_batches(self) -> int | None:
        """Most batches that a walk takes, None if the data alone says where it ends."""
        return self._max_batches

    @property
    def is_one_shot(self) -> bool:
        """Whether the data is a generator, which can be walked only once."""
        return hasattr(self._data, "__next__")

    @property
    def needs_bound(self) -> bool:
        """Whether nothing says where the data ends."""
        return self._max_batches is None and (self.is_one_shot or _is_endless(self._data))

    @property
    def has_length(self) -> bool:
        """Whether the data says how long it is; arrays, a `PyDataset` and most datasets do."""
        cardinality = getattr(self._data, "cardinality", None)
        if callable(cardinality):
            return int(cardinality()) >= 0
        try:
            len(self._data)
        except (TypeError, NotImplementedError):  # a DataLoader has a `__len__` even over data that has none
            return False
        return True

    def batches(self) -> Iterator[Batch]:
        """Yields the batches as numpy arrays, from the first one on."""
        if not self.is_one_shot:
            yield from itertools.islice(self._walk(), self._max_batches)
            return
        for index in itertools.count():
            if self._max_batches is not None and index >= self._max_batches:
                return
            if index >= len(self._kept):
                item = next(self._data, None)
                if item is None:
                    return
                self._kept.append(_as_batch(item))
            yield self._kept[index]

    def first_rows(self, count: int) -> Batch | None:
        """Returns the first `count` rows (fewer if there are no more), None if the data is empty."""
        taken: list[Batch] = []
        for batch in self.batches():
            taken.append(batch)
            if sum(b.row_count for b in taken) >= count:
                break
        return take_rows(join(taken), slice(0, count)) if taken else None

    @property
    def arrays(self) -> Batch | None:
        """The data as one batch to take rows of if it is arrays, else None; what is read row by row has not been read yet."""
        return Batch(*(to_numpy(part, reads=False) for part in self._data)) if isinstance(self._data, tuple) else None

    def _walk(self) -> Iterator[Batch]:
        whole = self.arrays
        if whole is not None:
            for start in range(0, whole.row_count, self.batch_size):
                yield take_rows(whole, slice(start, start + self.batch_size))
            return
        yield from self._walk_stream()

    def _walk_stream(self) -> Iterator[Batch]:
        own = self._random = self._random or randomness.capture()
        items: Any = None
        while True:
            users = randomness.capture()
            randomness.restore(own)
            try:
                items = iter(_items(self._data)) if items is None else items
                item = next(items, _END)
                own = randomness.capture()
            finally:
                randomness.restore(users)
            if item is _END:
                return
            yield _as_batch(item)


def _items(data: Any) -> Any:
    if hasattr(data, "as_numpy_iterator"):
        return data.as_numpy_iterator()
    if hasattr(data, "__getitem__") and hasattr(data, "__len__") and not hasattr(data, "batch_sampler"):
        return (data[index] for index in range(len(data)))
    return iter(data)


def _is_endless(data: Any) -> bool:
    cardinality = getattr(data, "cardinality", None)
    return callable(cardinality) and int(cardinality()) == -1


def _as_batch(item: Any) -> Batch:
    parts = tuple(item) if isinstance(item, tuple | list) else (item,)
    padded = (*parts, None, None)[:3]
    return Batch(*(to_numpy(part) for part in padded))


def to_numpy(structure: Structure, reads: bool = True) -> Structure:
    """Returns `structure` with each tensor or array as numpy array; None stays None.

    Args:
        structure: arrays of any package, in lists, tuples or dicts.
        reads: whether data that is read row by row is read now, as a whole; else it stays what it is.
    """
    if structure is None:
        return None
    if isinstance(structure, dict):
        return {name: to_numpy(part, reads) for name, part in structure.items()}
    if isinstance(structure, list | tuple) and any(_is_structure(part) for part in structure):
        return [to_numpy(part, reads) for part in structure]
    if _is_read_by_row(structure):
        return _rows_of(structure, slice(None)) if reads else structure
    return _array(structure)


def _is_structure(value: Any) -> bool:
    return value is None or isinstance(value, dict) or (hasattr(value, "shape") and len(value.shape) > 0)


def _is_read_by_row(value: Any) -> bool:
    """Whether a value is an HDF5 data set, a sparse matrix, or what a classic model makes of them."""
    return getattr(value, "reads_slices", False) or type(value).__module__.split(".")[0] in ("h5py", "scipy")


def _rows_of(array: Any, rows: Any) -> np.ndarray[Any, Any]:
    if not _is_read_by_row(array):
        return array[rows]  # type: ignore[no-any-return]
    if hasattr(array, "tocsr"):
        return array.tocsr()[rows].toarray()  # type: ignore[no-any-return]
    if isinstance(rows, slice):
        return np.asarray(array[rows])
    order = np.argsort(rows)  # HDF5 gives rows in their order only
    return np.asarray(array[rows[order]])[np.argsort(order)]


def _array(value: Any) -> np.ndarray[Any, Any]:
    if isinstance(value, np.ndarray):
        return value
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    return np.asarray(value)


def leaves(structure: Structure) -> list[np.ndarray[Any, Any]]:
    """Returns the arrays of `structure` in order."""
    return [leaf for leaf in keras.tree.flatten(structure) if leaf is not None]


def map_arrays(function: Any, *structures: Structure) -> Structure:
    """Returns the structure of `function(array, ...)` for corresponding arrays; None stays None."""
    if structures[0] is None:
        return None
    return keras.tree.map_structure(lambda *a: None if a[0] is None else function(*a), *structures)


def take_rows(batch: Batch, rows: Any) -> Batch:
    """Returns the rows that `rows` (a slice or indexes) selects."""
    return Batch(*(map_arrays(lambda a: _rows_of(a, rows), part) for part in batch))


def join(batches: list[Batch]) -> Batch:
    """Returns the rows of all `batches` as one."""
    if len(batches) == 1:
        return batches[0]
    return Batch(*(map_arrays(lambda *a: np.concatenate(a), *parts) for parts in zip(*batches, strict=True)))
