"""Worker processes that make batches, each on a pipe of its own.

A pipe per worker, not a shared queue: a worker that dies in the middle of a message then breaks only its own pipe,
and its end is seen at once. A reader thread in the parent takes finished batches off the pipes. Workers ignore Ctrl-C
(the parent ends them) and end by themselves when the parent is gone.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import queue
import signal
import threading
import traceback
import warnings
import zlib
from collections.abc import Iterator
from concurrent.futures import Future
from multiprocessing.connection import Connection, wait
from typing import Any

import numpy as np

from kerascope.keras.model.messages import short, user_level

POLL_S = 0.2
END_S = 2.0


class WorkerTraceback(Exception):
    """The traceback of an error in a worker process, shown as the cause of the error."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"\n{self.text}"


class _Pool:
    """Processes that run one function each, with a pipe to the parent."""

    def __init__(self, target: Any, source: Any, workers: int) -> None:
        context = multiprocessing.get_context()
        self._connections: list[Connection] = []
        self._processes: list[Any] = []
        self._closed = False
        try:
            for number in range(workers):
                self._start(context, target, source, number)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            self.close()
            raise ValueError(
                "With `use_multiprocessing=True` the generator must be one that can be sent to another process "
                f"(start method {context.get_start_method()!r}). Received: {short(source)}. "
                "Use a Sequence defined in an importable module, or threads (`use_multiprocessing=False`)."
            ) from error

    def _start(self, context: Any, target: Any, source: Any, number: int) -> None:
        ours, theirs = context.Pipe()
        inherited = [*self._connections, ours] if context.get_start_method() == "fork" else []
        seed = zlib.crc32(np.random.get_state()[1].tobytes()) + number  # type: ignore[union-attr, index]
        arguments = (theirs, inherited, os.getpid(), source, seed)
        process = context.Process(target=target, args=arguments, name=f"kerascope-batch-{number}", daemon=True)
        with warnings.catch_warnings():
            # JAX and Python 3.12 warn of forking beside threads; these children touch neither JAX nor our threads.
            warnings.filterwarnings("ignore", message=".*fork.*")
            process.start()
        theirs.close()
        self._connections.append(ours)
        self._processes.append(process)

    def close(self) -> None:
        """Ends all processes and waits for them."""
        if self._closed:
            return
        self._closed = True
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(END_S)
            if process.is_alive():
                process.kill()
                process.join()
        for connection in self._connections:
            connection.close()

    def died(self) -> str:
        """What is known of processes that are gone."""
        codes = {process.name: process.exitcode for process in self._processes if process.exitcode is not None}
        return f"A worker process ended before its batch was made. Exit codes: {codes}."


class IndexProcesses(_Pool):
    """Computes `sequence[index]` in processes; results come as futures."""

    def __init__(self, sequence: Any, workers: int) -> None:
        self._lock = threading.Lock()
        self._pending: list[dict[int, Future[Any]]] = [{} for _ in range(workers)]
        self._gone: str | None = None
        super().__init__(serve_indices, sequence, workers)
        self._reader = threading.Thread(target=self._read, name="kerascope-batch-reader", daemon=True)
        self._reader.start()

    def submit(self, index: int) -> Future[Any]:
        """Asks the worker with the least to do for one batch."""
        future: Future[Any] = Future()
        with self._lock:
            worker = min(range(len(self._pending)), key=lambda number: len(self._pending[number]))
            self._pending[worker][id(future)] = future
        try:
            self._connections[worker].send((id(future), index))
        except OSError:
            self._fail(worker)
        return future

    def alive(self) -> None:
        """Raises RuntimeError if a worker is gone."""
        if self._gone is not None:
            raise RuntimeError(self._gone)

    def close(self) -> None:
        """Ends the processes and the reader."""
        super().close()
        reader = getattr(self, "_reader", None)
        if reader is not None:
            reader.join(END_S)

    def _read(self) -> None:
        open_ends = dict(enumerate(self._connections))
        while open_ends and not self._closed:
            try:
                ready = wait(list(open_ends.values()), POLL_S)
            except (OSError, ValueError):
                return
            for number, connection in list(open_ends.items()):
                if connection in ready and not self._receive(number, connection):
                    del open_ends[number]

    def _receive(self, number: int, connection: Connection) -> bool:
        try:
            ticket, kind, value = connection.recv()
        except (EOFError, OSError, pickle.UnpicklingError):
            self._fail(number)
            return False
        with self._lock:
            future = self._pending[number].pop(ticket)
        if kind == "item":
            future.set_result(value)
        else:
            future.set_exception(restore_error(*value))
        return True

    def _fail(self, number: int) -> None:
        if self._closed:
            return
        self._processes[number].join(END_S)
        self._gone = self.died()
        with self._lock:
            futures = list(self._pending[number].values())
            self._pending[number].clear()
        for future in futures:
            future.set_exception(RuntimeError(self._gone))


class GeneratorProcesses(_Pool):
    """Runs a copy of a generator in each process."""

    def __init__(self, generator: Iterator[Any], workers: int, size: int) -> None:
        if workers > 1:
            warnings.warn(
                "A generator with several worker processes gives every batch once per process. "
                "A `keras.utils.Sequence` gives each batch exactly once.",
                UserWarning,
                stacklevel=user_level(),
            )
        self._queue: queue.Queue[tuple[str, Any]] = queue.Queue(size)
        self._ended: tuple[str, Any] | None = None
        super().__init__(serve_generator, generator, workers)
        self._reader = threading.Thread(target=self._read, name="kerascope-batch-reader", daemon=True)
        self._reader.start()

    def get(self) -> tuple[str, Any]:
        """Returns ("item", batch) or ("end", None); raises what a worker raised."""
        while self._ended is None:
            try:
                kind, value = self._queue.get(timeout=POLL_S)
            except queue.Empty:
                if not self._reader.is_alive() and self._queue.empty():
                    raise RuntimeError(self.died()) from None
                continue
            if kind == "item":
                return kind, value
            self._ended = (kind, value)
        if self._ended[0] == "error":
            raise self._ended[1]
        return self._ended

    def close(self) -> None:
        """Ends the processes and the reader."""
        super().close()
        while not self._queue.empty():
            self._queue.get_nowait()
        reader = getattr(self, "_reader", None)
        if reader is not None:
            reader.join(END_S)

    def _read(self) -> None:
        open_ends = list(self._connections)
        while open_ends and not self._closed:
            try:
                ready = wait(open_ends, POLL_S)
            except (OSError, ValueError):
                return
            for connection in ready:
                kind, value = self._receive(connection)  # type: ignore[arg-type]
                if kind == "item":
                    self._put((kind, value))
                    continue
                open_ends.remove(connection)  # type: ignore[arg-type]
                if kind == "error":
                    self._put((kind, value))
                    return
        self._put(("end", None))

    def _receive(self, connection: Connection) -> tuple[str, Any]:
        try:
            kind, value = connection.recv()
        except (EOFError, OSError, pickle.UnpicklingError):
            for process in self._processes:
                process.join(0.05)
            return "error", RuntimeError(self.died())
        return (kind, restore_error(*value)) if kind == "error" else (kind, value)

    def _put(self, entry: tuple[str, Any]) -> None:
        while not self._closed:
            try:
                self._queue.put(entry, timeout=POLL_S)
                return
            except queue.Full:
                continue


def serve_indices(connection: Connection, inherited: list[Connection], parent: int, sequence: Any, seed: int) -> None:
    """Runs in a worker: answers (ticket, index) with (ticket, kind, value) until the parent is gone."""
    _begin_worker(inherited)
    try:
        while True:
            while not connection.poll(1.0):
                if os.getppid() != parent:
                    return
            ticket, index = connection.recv()
            try:
                answer = (ticket, "item", sequence[index])
                payload = pickle.dumps(answer, protocol=pickle.HIGHEST_PROTOCOL)
            except BaseException as error:
                payload = pickle.dumps((ticket, "error", keep_error(error)))
            connection.send_bytes(payload)
    except (EOFError, OSError, KeyboardInterrupt):
        return


def serve_generator(
    connection: Connection, inherited: list[Connection], parent: int, generator: Iterator[Any], seed: int
) -> None:
    """Runs in a worker: sends ("item", batch) for every batch, then ("end", None)."""
    _begin_worker(inherited)
    np.random.seed(seed % 2**32)
    try:
        while True:
            try:
                message: tuple[str, Any] = ("item", next(generator))
                payload = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
            except StopIteration:
                connection.send(("end", None))
                return
            except BaseException as error:
                connection.send(("error", keep_error(error)))
                return
            connection.send_bytes(payload)
            if os.getppid() != parent:
                return
    except (OSError, KeyboardInterrupt):
        return


def keep_error(error: BaseException) -> tuple[bytes | None, str]:
    """An error as (its pickle or None, its traceback as text)."""
    text = "".join(traceback.format_exception(error))
    try:
        return pickle.dumps(error), text
    except Exception:
        return None, text


def restore_error(pickled: bytes | None, text: str) -> BaseException:
    """The error of a worker, with its traceback as the cause."""
    error: BaseException
    try:
        error = pickle.loads(pickled) if pickled is not None else RuntimeError("A worker process failed.")
    except Exception:
        error = RuntimeError("A worker process failed.")
    error.__cause__ = WorkerTraceback(text)
    return error


def _begin_worker(inherited: list[Connection]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for connection in inherited:
        connection.close()
