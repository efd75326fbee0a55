"""Batches put together into chunks: arrays with one more axis in front, the step within the chunk.

Pure NumPy; no backend. A chunk may have room for more steps than it holds, so that a shorter chunk fits the same
compiled program.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from kerascope.keras.model.internals import tree
from kerascope.keras.model.sources import ArraySource, Source, batch_samples, take
from kerascope.keras.model.standardize import is_hdf5

# A generator is not waited for longer than this before what it has given is trained on.
PATIENCE_S = 0.02


class BatchReader:
    """Reads the batches of one pass in groups of equal shape.

    Args:
        source: The source of the pass.
        rows: Which rows of arrays make each batch, where the source is not to draw them itself.
    """

    def __init__(self, source: Source, rows: Iterator[Any] | None = None) -> None:
        self._source = source
        self._arrays = source if isinstance(source, ArraySource) else None
        self._items: Iterator[Any] = source.epoch() if self._arrays is None else rows or self._arrays.epoch_rows()
        self._ahead: list[Any] = []

    def peek(self) -> Any:
        """The next item, which stays the next one; None at the end."""
        if not self._ahead:
            item = next(self._items, None)
            if item is None:
                return None
            self._ahead.append(item)
        return self._ahead[0]

    def group(self, limit: int) -> list[Any]:
        """Takes up to `limit` next items of equal shape; an empty list at the end."""
        first = self.peek()
        if first is None:
            return []
        group: list[Any] = []
        shape, started = self._shape(first), time.perf_counter()
        while len(group) < limit:
            if group and self._arrays is None and time.perf_counter() - started > PATIENCE_S:
                break
            item = self.peek()
            if item is None or self._shape(item) != shape:
                break
            group.append(self._ahead.pop())
        return group

    def batch(self, item: Any) -> Any:
        """The batch of an item."""
        return self._arrays.cut(item) if self._arrays is not None else item

    def samples(self, item: Any) -> int:
        """Number of samples of an item."""
        if self._arrays is None:
            return batch_samples(item)
        return item.stop - item.start if isinstance(item, slice) else len(item)

    def chunk(self, group: list[Any], room: int) -> Any:
        """The batches of a group as one chunk with room for `room` of them."""
        if self._arrays is None:
            return tree.map_structure(lambda *parts: _stack(parts, room), *group) if group else None
        size = self.samples(group[0])
        return tree.map_structure(
            lambda array: None if array is None else _cut_chunk(array, group, size, room), self._arrays.data.batch
        )

    def _shape(self, item: Any) -> Any:
        if self._arrays is not None:
            return self.samples(item)
        return tuple(None if leaf is None else tuple(leaf.shape) for leaf in tree.flatten(item))


def _stack(parts: tuple[Any, ...], room: int) -> Any:
    if parts[0] is None:
        return None
    first = np.asarray(parts[0])
    made = np.empty((room, *first.shape), first.dtype)
    for place, part in enumerate(parts):
        made[place] = part
    return made


def _cut_chunk(array: Any, group: list[Any], size: int, room: int) -> Any:
    """Rows of a group of batches of `size` rows, (room, size, ...)."""
    count = len(group)
    contiguous = isinstance(group[0], slice) and group[-1].stop - group[0].start == size * count
    if not isinstance(array, np.ndarray) and not is_hdf5(array):
        rows = _rows(group) if not contiguous else slice(group[0].start, group[-1].stop)
        return _pad(take(array, rows), size, count, room)
    if contiguous and count == room:
        return np.asarray(array[group[0].start : group[-1].stop]).reshape(room, size, *array.shape[1:])
    made = np.empty((room * size, *array.shape[1:]), array.dtype if not is_hdf5(array) else _read_type(array))
    if contiguous:
        made[: count * size] = array[group[0].start : group[-1].stop]
    elif isinstance(group[0], slice):
        for place, rows in enumerate(group):
            made[place * size : (place + 1) * size] = array[rows]
    else:
        # mode="clip" writes straight into `made`; the rows are known to exist.
        np.take(array, _rows(group), axis=0, out=made[: count * size], mode="clip")
    return made.reshape(room, size, *array.shape[1:])


def _rows(group: list[Any]) -> Any:
    if isinstance(group[0], slice):
        return np.concatenate([np.arange(rows.start, rows.stop) for rows in group])
    return np.concatenate(group) if len(group) > 1 else group[0]


def _pad(rows: Any, size: int, count: int, room: int) -> Any:
    """Rows of a framework array with room for more batches, on the device they are on."""
    import keras

    if count < room:
        rows = keras.ops.pad(rows, [[0, (room - count) * size], *([[0, 0]] * (len(rows.shape) - 1))])
    return keras.ops.reshape(rows, (room, size, *rows.shape[1:]))


def _read_type(array: Any) -> Any:
    return np.float32 if array.dtype == np.float64 else array.dtype
