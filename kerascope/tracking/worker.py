"""One bounded background thread for heavy values: encoding images, writing files, listing packages.

Promises: jobs run one at a time in the order they came; a job that fails never stops the others; `submit` blocks while more than
the allowed bytes or jobs wait, so memory stays bounded and nothing is dropped. Not for: anything that must have happened before
`log()` returns.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

MAX_JOBS = 1024
_BLOCKED_NOTE_S = 1.0


class _Job(NamedTuple):
    """Work to do and how much memory it holds until it is done."""

    call: Callable[[], None]
    size_bytes: int


class Worker:
    """Runs jobs on a daemon thread that starts with the first one.

    Args:
        max_bytes: how much waiting jobs may hold together; a single larger job is let in when nothing else waits.
        on_error: called on the worker's thread with the exception of a job that failed.
        on_blocked: called once, on the submitting thread, when it had to wait for more than a second.
    """

    def __init__(
        self, max_bytes: float, on_error: Callable[[Exception], None], on_blocked: Callable[[float], None]
    ) -> None:
        self._max_bytes = max_bytes
        self._on_error = on_error
        self._on_blocked: Callable[[float], None] | None = on_blocked
        self._jobs: deque[_Job] = deque()
        self._waiting_bytes = 0
        self._pending = 0  # waiting or running
        self._closed = False
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()

    @property
    def pending(self) -> int:
        """How many jobs are not done yet."""
        return self._pending

    def submit(self, call: Callable[[], None], size_bytes: int = 0) -> None:
        """Queues `call`; waits while the queue is full. Runs it at once if the worker is closed or this is its own thread."""
        started = time.monotonic()
        if threading.current_thread() is self._thread or not self._queue(call, size_bytes):
            self._run(call)
            return
        waited_s = time.monotonic() - started
        if waited_s > _BLOCKED_NOTE_S and self._on_blocked is not None:
            note, self._on_blocked = self._on_blocked, None
            note(waited_s)

    def drain(self, timeout_s: float | None = None) -> bool:
        """Waits until every job is done; False if `timeout_s` seconds passed before that."""
        if threading.current_thread() is self._thread:
            return True
        with self._changed:
            return self._changed.wait_for(lambda: self._pending == 0 or self._thread is None, timeout_s)

    def close(self) -> None:
        """Waits for all jobs and ends the thread. A second call does nothing."""
        self.drain()
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def forget(self) -> None:
        """In a forked child: the thread and its jobs belong to the parent."""
        self._changed = threading.Condition()
        self._jobs.clear()
        self._waiting_bytes = self._pending = 0
        self._thread = None
        self._closed = True

    def _queue(self, call: Callable[[], None], size_bytes: int) -> bool:
        """Queues `call` once there is room for it; False where nobody would ever run it."""
        with self._changed:
            if self._closed or not self._start():
                return False
            while self._is_full(size_bytes) and not self._closed:
                self._changed.wait(0.5)
            if self._closed:  # meanwhile, by another thread
                return False
            self._jobs.append(_Job(call, size_bytes))
            self._waiting_bytes += size_bytes
            self._pending += 1
            self._changed.notify_all()
            return True

    def _is_full(self, size_bytes: int) -> bool:
        if not self._jobs:
            return False
        return len(self._jobs) >= MAX_JOBS or self._waiting_bytes + size_bytes > self._max_bytes

    def _start(self) -> bool:
        """Starts the thread if it is not there; False where the interpreter is ending and takes no new threads."""
        if self._thread is None:
            thread = threading.Thread(target=self._loop, name="kerascope-worker", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                return False
            self._thread = thread
        return True

    def _loop(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._jobs) or self._closed)
                if not self._jobs:
                    return
                job = self._jobs.popleft()
            self._run(job.call)
            with self._changed:
                self._waiting_bytes -= job.size_bytes
                self._pending -= 1
                self._changed.notify_all()

    def _run(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as error:  # border: the failure is recorded and shown, training goes on
            self._on_error(error)
