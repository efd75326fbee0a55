"""History rows per batch: which batches get one, in which order they are written, and how batches are counted from epoch to epoch.

Keras may call batch hooks from a pool of threads and out of order (callbacks that are `async_safe`, on backends that dispatch
asynchronously). Batches are therefore put back in order here; what still waits at the end of an epoch is written then.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

_MAX_WAITING = 256


class BatchRows:
    """Chooses, orders and counts the batches of a training; several `fit` calls in a row are one training.

    Args:
        frequency: a batch gets a row if its index is a multiple of it; with several steps per call, if the call contains such a step.
        write: called with (index of the last batch the logs cover, logs), in the order of batches, by one thread at a time.
        first_step: index of the first batch; None: where the first epoch starts.
    """

    def __init__(
        self, frequency: int, write: Callable[[int, Mapping[str, Any]], None], first_step: int | None = None
    ) -> None:
        self._frequency = frequency
        self._write = write
        self._first_step = first_step
        self._seen = 0
        self._block_size = 1
        self._last_step: int | None = None
        self._next_block = 0
        self._waiting: dict[int, tuple[int, Mapping[str, Any]]] = {}
        self._lock = threading.Lock()

    @property
    def first_step(self) -> int:
        """Index of the epoch's first batch in the whole training."""
        return self._first_step or 0

    def begin_epoch(self, epoch: int, block_size: int, step_count: int | None) -> None:
        """Starts epoch `epoch` of `step_count` steps, if known, whose calls cover `block_size` steps each (`steps_per_execution`)."""
        self.flush()
        self._first_step = epoch * (step_count or 0) if self._first_step is None else self._first_step + self._seen
        self._seen = 0
        self._block_size = block_size
        self._last_step = None if step_count is None else step_count - 1
        self._next_block = 0

    def add(self, batch: int, logs: Mapping[str, Any]) -> None:
        """Takes the logs of the call that ended with step `batch`; the index and size that a classic `Model` adds to them are left out."""
        if logs.get("batch") == batch:
            logs = {name: value for name, value in logs.items() if name not in ("batch", "size")}
        block = batch // self._block_size
        with self._lock:
            self._seen = max(self._seen, self._in_epoch(batch) + 1)
            if block == self._next_block and not self._waiting:
                self._emit(batch, logs)
                self._next_block += 1
                return
            self._waiting[block] = (batch, logs)
            while (ready := self._waiting.pop(self._next_block, None)) is not None:
                self._emit(*ready)
                self._next_block += 1
            if len(self._waiting) > _MAX_WAITING:
                self._flush()

    def flush(self) -> None:
        """Writes what waits for a batch that did not come."""
        with self._lock:
            self._flush()

    def _flush(self) -> None:
        for block in sorted(self._waiting):
            self._emit(*self._waiting[block])
            self._next_block = block + 1
        self._waiting.clear()

    def _emit(self, batch: int, logs: Mapping[str, Any]) -> None:
        first = batch - batch % self._block_size
        if batch - batch % self._frequency >= first:
            self._write(self._in_epoch(batch), logs)

    def _in_epoch(self, batch: int) -> int:
        """The last step of a call: Keras names the end of a full call even if the data ended before."""
        return batch if self._last_step is None else min(batch, self._last_step)
