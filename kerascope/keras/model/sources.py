"""Where batches come from: arrays, HDF5 files, generators and Sequences, data sets of a framework.

A source is asked for the batches of one epoch after the other. Batches are (x, y, weights) in the containers that
Keras' training steps take. Sources draw random numbers exactly as Keras does on JAX, so that the same seed gives the
same order: one NumPy permutation per pass over shuffled arrays. TensorFlow and PyTorch have ways of their own to shuffle
arrays; their steppers go by those.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import keras
import numpy as np

from kerascope.keras.model.generators import END, Feed, sequence_length
from kerascope.keras.model.internals import ArrayDataAdapter, DataAdapter, tree
from kerascope.keras.model.prepare import Batch, Prepared
from kerascope.keras.model.standardize import is_hdf5


class Source(Protocol):
    """Batches, epoch after epoch."""

    @property
    def steps(self) -> int | None:
        """Batches per epoch, or None while not known."""

    @property
    def samples(self) -> int | None:
        """Samples per epoch, or None if not known."""

    @property
    def batch_size(self) -> int | None:
        """Samples per full batch, or None if batches differ."""

    @property
    def rows_shown(self) -> int | None:
        """Samples of one pass over arrays, which progress counts; None where it counts batches."""

    def epoch(self) -> Iterator[Any]:
        """Returns the batches of the next epoch."""

    def first(self) -> Any:
        """Returns a batch to build the model with, without using up the batches of the first epoch."""

    def end_epoch(self) -> None:
        """Says that an epoch is over."""

    def close(self) -> None:
        """Stops workers, if there are any."""


class ArraySource:
    """Batches cut from arrays or HDF5 data sets.

    Args:
        data: The whole data.
        batch_size: Samples per batch; None gives the whole data in each of `steps` steps.
        shuffle: False, True, or "batch" for contiguous batches in random order.
        steps: Batches per epoch; None means one pass.
    """

    def __init__(self, data: Prepared, batch_size: int | None, shuffle: bool | str, steps: int | None) -> None:
        self.data = data
        self.count = data.samples
        self.size = batch_size or data.samples
        self.shuffle = shuffle
        self.per_pass = math.ceil(self.count / self.size)
        self.steps = steps or self.per_pass
        self.endless = steps is not None
        self.samples = self.count if steps is None else min(self.size, self.count) * self.steps
        self.rows_shown = self.count if steps is None else None
        self.batch_size = self.size
        self._going: Iterator[Any] | None = None

    def epoch(self) -> Iterator[Batch]:
        """Returns the batches of the next epoch; with `steps` the data is read round and round."""
        return (self.cut(rows) for rows in self.epoch_rows())

    def epoch_rows(self) -> Iterator[slice | np.ndarray[Any, Any]]:
        """Returns which rows make each batch of the next epoch."""
        if not self.endless:
            return self.rows()
        if self._going is None:
            self._going = itertools.chain.from_iterable(iter(self.rows, None))
        return itertools.islice(self._going, self.steps)

    def first(self) -> Batch:
        """Returns a first batch; on JAX it draws a permutation of its own, as Keras does there."""
        if keras.config.backend() == "jax":
            return self.cut(next(self.rows()))
        return self.cut(self._slice(0))

    def rows(self) -> Iterator[slice | np.ndarray[Any, Any]]:
        """Yields which rows make each batch of one pass."""
        if self.shuffle == "batch":
            full = self.count // self.size
            for place in [*np.random.permutation(full).tolist(), *range(full, self.per_pass)]:
                yield self._slice(place)
            return
        if not self.shuffle:
            yield from (self._slice(place) for place in range(self.per_pass))
            return
        order = np.random.permutation(self.count)
        for place in range(self.per_pass):
            yield order[self._slice(place)]

    def cut(self, rows: slice | np.ndarray[Any, Any]) -> Batch:
        """Returns the batch of these rows."""
        x, y, weights = tree.map_structure(lambda array: None if array is None else take(array, rows), self.data.batch)
        return (x, y, weights)

    def end_epoch(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to stop."""

    def adapter(self) -> DataAdapter | None:
        """Keras' own reader of the same arrays in the same order, where there is one."""
        if self.endless or self.shuffle == "batch" or any(is_hdf5(a) for a in tree.flatten(self.data.batch)):
            return None
        return ArrayDataAdapter(
            self.data.x,
            self.data.y,
            sample_weight=self.data.weights,
            batch_size=self.size,
            shuffle=bool(self.shuffle),
        )

    def _slice(self, place: int) -> slice:
        return slice(place * self.size, min((place + 1) * self.size, self.count))


class FeedSource:
    """Batches made by a generator or Sequence.

    Args:
        feed: The raw batches.
        convert: Turns a raw batch into one for the model.
        steps: Batches per epoch; None asks `sequence` for its length before every epoch.
        sequence: The Sequence, if it is one.
    """

    def __init__(
        self, feed: Feed, convert: Callable[[Any], Batch], steps: int | None, sequence: Any | None = None
    ) -> None:
        self.feed = feed
        self.convert = convert
        self.sequence = sequence
        self._fixed = steps
        self.samples: int | None = None
        self.batch_size: int | None = None
        self.rows_shown: int | None = None
        #: How many batches there were, once the generator ended before the last epoch was over.
        self.ended_after: int | None = None
        self._kept: list[Any] = []

    @property
    def steps(self) -> int | None:
        """Batches per epoch; a Sequence may change its length between epochs."""
        return self._fixed if self._fixed is not None else sequence_length(self.sequence)

    def epoch(self) -> Iterator[Batch]:
        """Yields the batches of the next epoch; fewer if the generator ends early."""
        steps = self.steps
        for done in range(steps) if steps is not None else itertools.count():
            raw = self._kept.pop() if self._kept else self.feed.get()
            if raw is END:
                self.ended_after = done
                return
            yield self.convert(raw)

    def first(self) -> Batch:
        """Returns the first batch and keeps it for the first epoch."""
        raw = self.feed.get()
        if raw is END:
            raise ValueError("The generator ended before its first batch.")
        self._kept.append(raw)
        return self.convert(raw)

    def end_epoch(self) -> None:
        """Lets a Sequence end its pass."""
        self.feed.end_epoch()

    def close(self) -> None:
        """Stops the workers."""
        self.feed.close()


class FrameworkSource:
    """Batches of a `tf.data.Dataset`, a torch `DataLoader` or a grain data set, read by Keras' own adapter.

    Args:
        adapter: Keras' adapter.
        backend: Name of the running backend.
        steps: Batches per epoch; None means one pass.
    """

    def __init__(self, adapter: DataAdapter, backend: str, steps: int | None) -> None:
        self.data_adapter = adapter
        self.backend = backend
        self.steps = steps or adapter.num_batches
        self.endless = steps is not None
        self.samples: int | None = None
        self.batch_size: int | None = None
        self.rows_shown: int | None = None
        self._going: Iterator[Any] | None = None

    def epoch(self) -> Iterator[Any]:
        """Returns the batches of the next epoch."""
        if not self.endless:
            return self._open()
        return self._on()

    def first(self) -> Any:
        """Returns a first batch, read in a pass of its own."""
        return next(self._open())

    def end_epoch(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Forgets the pass that is open."""
        self._going = None

    def _open(self) -> Iterator[Any]:
        if self.backend == "torch":
            return iter(self.data_adapter.get_torch_dataloader())
        if self.backend == "tensorflow":
            return iter(self.data_adapter.get_tf_dataset())
        return iter(self.data_adapter.get_jax_iterator())

    def _on(self) -> Iterator[Any]:
        """Goes on where the last epoch stopped; starts again once when the data is at its end."""
        for _ in range(self.steps or 0):
            if self._going is None:
                self._going = self._open()
            batch = next(self._going, END)
            if batch is END:
                self._going = self._open()
                batch = next(self._going, END)
            if batch is END:
                return
            yield batch


def take(array: Any, rows: slice | np.ndarray[Any, Any]) -> Any:
    """Rows of an array of any framework; HDF5 data sets are read in slices only."""
    if isinstance(array, np.ndarray):
        if isinstance(rows, slice):
            return array[rows]
        return array.take(rows, axis=0)
    if isinstance(rows, slice) or not type(array).__module__.startswith("tensorflow"):
        return _narrow(array[rows])
    return keras.ops.take(array, rows, axis=0)


def _narrow(array: Any) -> Any:
    if isinstance(array, np.ndarray) and array.dtype == np.float64:
        return array.astype(np.float32)
    return array


def batch_samples(batch: Any) -> int:
    """Number of samples of a batch."""
    for leaf in tree.flatten(batch):
        if leaf is not None and getattr(leaf, "shape", None):
            return int(leaf.shape[0])
    return 1
