"""Batches from generators and Sequences, made ahead of time by threads or processes.

Promises: a Sequence gives every index exactly once per pass, in order unless shuffled, and its `on_epoch_end` runs
once per pass on the calling thread; no more than `max_queue_size` batches wait; an error in a worker is raised where
the batch is asked for, with the traceback of the worker; nothing waits for a worker that has died; `close` leaves no
thread busy and no process behind. Feeds belong to one calling thread.
"""

from __future__ import annotations

import queue
import random
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from types import TracebackType
from typing import Any, Protocol

from kerascope.keras.model.processes import GeneratorProcesses, IndexProcesses

END = object()
POLL_S = 0.2
JOIN_S = 5.0


class Feed(Protocol):
    """A source of raw batches."""

    def get(self) -> Any:
        """Returns the next batch, or `END`."""

    def end_epoch(self) -> None:
        """Says that an epoch is over."""

    def close(self) -> None:
        """Stops all workers; a second call does nothing."""


def sequence_length(sequence: Any) -> int | None:
    """Number of batches in one pass, or None for a PyDataset that says it has no end."""
    length = getattr(sequence, "num_batches", None)
    return int(length) if length is not None else (None if _is_endless(sequence) else len(sequence))


def is_sequence(value: Any) -> bool:
    """Whether a value is read by index: it has a length, items and no iterator protocol of its own."""
    import keras

    if isinstance(value, keras.utils.PyDataset):
        return True
    kind = type(value)
    return hasattr(kind, "__getitem__") and hasattr(kind, "__len__") and hasattr(kind, "on_epoch_end")


def make_feed(
    source: Any, *, workers: int, use_multiprocessing: bool, max_queue_size: int, shuffle: bool = False
) -> Feed:
    """Returns the feed of a generator or Sequence.

    Args:
        source: A Sequence (`keras.utils.Sequence`, `PyDataset`) or an iterator of batches.
        workers: Number of threads or processes; 0 makes batches on the calling thread.
        use_multiprocessing: Whether workers are processes.
        max_queue_size: Most batches that may wait.
        shuffle: Whether a Sequence gives its batches in another order on every pass. Ignored when `workers` is 0.
    """
    size = max(1, int(max_queue_size))
    if is_sequence(source):
        if workers <= 0:
            return SequenceFeed(source, _Inline(source), size=1, shuffle=False)
        pool = IndexProcesses(source, workers) if use_multiprocessing else _Threads(source, workers)
        return SequenceFeed(source, pool, size=size, shuffle=shuffle)
    if workers <= 0:
        return InlineFeed(source)
    if use_multiprocessing:
        return ProcessFeed(source, workers, size)
    return ThreadFeed(source, size)


class InlineFeed:
    """Takes batches from an iterator on the calling thread."""

    def __init__(self, iterator: Iterator[Any]) -> None:
        self._iterator = iterator

    def get(self) -> Any:
        """Returns the next batch, or `END`."""
        return next(self._iterator, END)

    def end_epoch(self) -> None:
        """Nothing to do: an iterator knows no epochs."""

    def close(self) -> None:
        """Nothing to stop."""


class ThreadFeed:
    """Takes batches from an iterator on one background thread.

    One thread is all an iterator can use: its `next` never runs twice at a time.
    """

    def __init__(self, iterator: Iterator[Any], size: int) -> None:
        self._iterator = iterator
        self._queue: queue.Queue[tuple[str, Any]] = queue.Queue(size)
        self._stop = threading.Event()
        self._ended: tuple[str, Any] | None = None
        self._thread = threading.Thread(target=self._run, name="kerascope-generator", daemon=True)
        self._thread.start()

    def get(self) -> Any:
        """Returns the next batch, or `END`; raises what the generator raised."""
        while self._ended is None:
            try:
                kind, value = self._queue.get(timeout=POLL_S)
            except queue.Empty:
                continue
            if kind == "item":
                return value
            self._ended = (kind, value)
        if self._ended[0] == "error":
            raise self._ended[1]
        return END

    def end_epoch(self) -> None:
        """Nothing to do: an iterator knows no epochs."""

    def close(self) -> None:
        """Stops the thread. One that is inside the generator ends when the generator comes back."""
        self._stop.set()
        while not self._queue.empty():
            self._queue.get_nowait()
        self._thread.join(JOIN_S)

    def _run(self) -> None:
        last: tuple[str, Any] = ("end", None)
        try:
            while not self._stop.is_set():
                item = next(self._iterator, END)
                if item is END:
                    break
                self._put(("item", item))
        except BaseException as error:
            last = ("error", error)
        self._put(last)

    def _put(self, entry: tuple[str, Any]) -> None:
        while not self._stop.is_set():
            try:
                self._queue.put(entry, timeout=POLL_S)
                return
            except queue.Full:
                continue


class ProcessFeed:
    """Takes batches from copies of a generator in several processes, in the order in which they come."""

    def __init__(self, generator: Iterator[Any], workers: int, size: int) -> None:
        self._processes = GeneratorProcesses(generator, workers, size)

    def get(self) -> Any:
        """Returns the next batch, or `END` when every copy has ended."""
        kind, value = self._processes.get()
        return value if kind == "item" else END

    def end_epoch(self) -> None:
        """Nothing to do: an iterator knows no epochs."""

    def close(self) -> None:
        """Ends the processes."""
        self._processes.close()


class IndexPool(Protocol):
    """Computes `sequence[index]` somewhere."""

    def submit(self, index: int) -> Future[Any]:
        """Asks for one batch."""

    def alive(self) -> None:
        """Raises RuntimeError if nobody is left to compute."""

    def close(self) -> None:
        """Stops the workers."""


class SequenceFeed:
    """Reads a Sequence by index, pass after pass."""

    def __init__(self, sequence: Any, pool: IndexPool, *, size: int, shuffle: bool) -> None:
        self._sequence = sequence
        self._pool = pool
        self._size = size
        self._shuffle = shuffle
        self._waiting: deque[Future[Any]] = deque()
        self._order: Iterator[int] = iter(())
        self._left = 0
        self._in_pass = False

    def get(self) -> Any:
        """Returns the batch of the next index; a new pass begins when the last one is over."""
        if self._left == 0:
            self.end_epoch()
            self._begin_pass()
        if self._left == 0:
            return END
        self._fill()
        future = self._waiting.popleft()
        batch = self._result(future)
        self._left -= 1
        self._fill()
        return batch

    def end_epoch(self) -> None:
        """Ends the pass if all of its indices are used; otherwise the pass goes on in the next epoch."""
        if self._in_pass and self._left == 0:
            self._in_pass = False
            self._sequence.on_epoch_end()

    def close(self) -> None:
        """Stops the workers."""
        self._waiting.clear()
        self._pool.close()

    def _begin_pass(self) -> None:
        length = sequence_length(self._sequence)
        indices = list(range(length)) if length is not None else None
        if indices is not None and self._shuffle:
            random.shuffle(indices)
        begin = getattr(self._sequence, "on_epoch_begin", None)
        if begin is not None:
            begin()
        self._order = iter(indices) if indices is not None else _count()
        self._left = len(indices) if indices is not None else -1
        self._in_pass = True

    def _fill(self) -> None:
        while len(self._waiting) < self._size:
            index = next(self._order, None)
            if index is None:
                return
            self._waiting.append(self._pool.submit(index))

    def _result(self, future: Future[Any]) -> Any:
        while True:
            try:
                return future.result(timeout=POLL_S)
            except FutureTimeout:
                if future.done():
                    raise
                self._pool.alive()


class _Inline:
    """Computes batches on the calling thread, when they are asked for."""

    def __init__(self, sequence: Any) -> None:
        self._sequence = sequence

    def submit(self, index: int) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(self._sequence[index])
        except Exception as error:
            future.set_exception(error)
        return future

    def alive(self) -> None:
        """Always alive."""

    def close(self) -> None:
        """Nothing to stop."""


class _Threads:
    """Computes batches on daemon threads, so that a stuck Sequence never keeps the interpreter from ending."""

    def __init__(self, sequence: Any, workers: int) -> None:
        self._sequence = sequence
        self._tasks: queue.SimpleQueue[tuple[int, Future[Any]] | None] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name=f"kerascope-sequence-{number}", daemon=True)
            for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, index: int) -> Future[Any]:
        future: Future[Any] = Future()
        self._tasks.put((index, future))
        return future

    def alive(self) -> None:
        """Threads do not die."""

    def close(self) -> None:
        """Stops the threads; one that is inside the Sequence ends when the Sequence comes back."""
        self._stop.set()
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join(JOIN_S)

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            if self._stop.is_set():
                continue
            index, future = task
            try:
                future.set_result(self._sequence[index])
            except BaseException as error:
                future.set_exception(error)


class closing_feed:
    """Closes a feed when the block ends, and keeps the error of the block if closing fails too."""

    def __init__(self, feed: Feed | None) -> None:
        self._feed = feed

    def __enter__(self) -> Feed | None:
        return self._feed

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._feed is not None:
            self._feed.close()


def _is_endless(sequence: Any) -> bool:
    """A PyDataset with `num_batches` None has no end."""
    return "num_batches" in vars(type(sequence)) and sequence.num_batches is None


def _count() -> Iterator[int]:
    number = 0
    while True:
        yield number
        number += 1
