"""The run's ticker: one thread that hands on console lines, samples the machine and says that the process lives.

Promises: a task that fails is reported once and tried again; the thread is a daemon and ends with `stop`. Nothing here runs on the
thread that trains. Not for: what is measured (see `system/`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Task:
    """Something to be done every `interval_s` seconds, for the first time after `first_s`."""

    name: str
    call: Callable[[], None]
    interval_s: float
    first_s: float
    due_s: float = field(default=0.0, init=False)


class Ticker:
    """Runs tasks in turn on one thread.

    Args:
        tasks: what to do.
        on_error: called on the ticker's thread with a task's name and the exception of its first failure.
    """

    def __init__(self, tasks: list[Task], on_error: Callable[[str, Exception], None]) -> None:
        self._tasks = tasks
        self._on_error = on_error
        self._failed: set[str] = set()
        self._stop = threading.Event()
        started_s = time.monotonic()
        for task in tasks:
            task.due_s = started_s + task.first_s
        self._thread = threading.Thread(target=self._loop, name="kerascope-ticker", daemon=True)

    def start(self) -> None:
        """Starts the thread, if there is anything to do."""
        if self._tasks:
            self._thread.start()

    def stop(self) -> None:
        """Ends the thread after the task it is in. A second call does nothing."""
        self._stop.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def _loop(self) -> None:
        while not self._stop.wait(max(0.0, min(task.due_s for task in self._tasks) - time.monotonic())):
            for task in self._tasks:
                if task.due_s <= time.monotonic() and not self._stop.is_set():
                    self._run(task)

    def _run(self, task: Task) -> None:
        try:
            task.call()
        except Exception as error:  # border: the failure is recorded and shown, training goes on
            if task.name not in self._failed:
                self._failed.add(task.name)
                self._on_error(task.name, error)
        task.due_s = time.monotonic() + task.interval_s
