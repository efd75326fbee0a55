"""What a run records by itself: console, machine, heartbeat, source.

Promises: everything here runs on the run's own threads; each part can be switched off in the settings; a part that fails is told
of once and leaves training alone. Not for: what the user logs.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kerascope.blobs.store import BlobStore
from kerascope.events.types import Console as ConsoleEvent
from kerascope.events.types import Environment, Heartbeat, System
from kerascope.settings import Settings
from kerascope.tracking import source
from kerascope.tracking.console import Console
from kerascope.tracking.recorder import Recorder
from kerascope.tracking.ticker import Task, Ticker
from kerascope.tracking.worker import Worker

CONSOLE_INTERVAL_S = 1.0
FILES_INTERVAL_S = 10.0
_FIRST_SAMPLE_S = 1.0


class Capture:
    """Starts with the run and stops with it.

    Args:
        settings: what to capture, and how often.
        recorder: takes the events.
        worker: finds out what takes a while.
        blobs: where the program and the diff go.
        folder: the disk that this folder lies on is measured.
        host: name of this machine.
        runtime_s: tells the run time.
        refresh_files: copies live files that have changed.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        recorder: Recorder,
        worker: Worker,
        blobs: BlobStore,
        folder: Path,
        host: str,
        runtime_s: Callable[[], float],
        refresh_files: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._recorder = recorder
        self._worker = worker
        self._blobs = blobs
        self._folder = folder
        self._host = host
        self._runtime_s = runtime_s
        self._probe: Any = None
        self._console = Console(self._emit) if settings.console == "wrap" else None
        self._ticker = Ticker(self._tasks(refresh_files), recorder.fail)

    def start(self) -> None:
        """Records what is known at once, and starts the threads for the rest."""
        basics = source.basics(self._settings, self._host)
        self._recorder.append(Environment(basics))
        self._worker.submit(lambda: self._environment(basics))
        self._ticker.start()

    def stop(self) -> None:
        """Hands on the last console lines and ends the threads."""
        self._ticker.stop()
        if self._console is not None:
            self._console.stop()
        if self._probe is not None:
            self._probe.close()

    def forget(self) -> None:
        """In a forked child: captures no more."""
        if self._console is not None:
            self._console.forget()

    def _tasks(self, refresh_files: Callable[[], None]) -> list[Task]:
        settings = self._settings
        heartbeat_s = settings.heartbeat_interval_s
        tasks = [
            Task("the heartbeat", self._heartbeat, heartbeat_s, heartbeat_s),
            Task("copying live files", refresh_files, FILES_INTERVAL_S, FILES_INTERVAL_S),
        ]
        if self._console is not None:
            tasks.append(Task("console capture", self._console.flush, CONSOLE_INTERVAL_S, CONSOLE_INTERVAL_S))
        if settings.system_metrics:
            interval_s = settings.system_interval_s
            first_s = min(_FIRST_SAMPLE_S, interval_s)
            # Shares and rates are over the time since the counters were read last.
            tasks.append(Task("reading the machine's counters", self._open_probe, math.inf, first_s / 2))
            tasks.append(Task("sampling the machine", self._sample, interval_s, first_s))
        return tasks

    def _emit(self, stream: str, time_s: float, text: str) -> None:
        self._recorder.append(ConsoleEvent(stream, time_s, text.encode("utf-8", "replace").decode("utf-8")))

    def _heartbeat(self) -> None:
        self._recorder.append(Heartbeat(time.time()))

    def _open_probe(self) -> None:
        from kerascope.tracking.system.probe import SystemProbe  # psutil and drivers: not on the user's thread

        self._probe = SystemProbe(self._folder)

    def _sample(self) -> None:
        if self._probe is None:
            self._open_probe()
        values = {name: value for name, value in self._probe.sample().items() if math.isfinite(value)}
        self._recorder.append(System(time.time(), self._runtime_s(), values))

    def _environment(self, basics: dict[str, Any]) -> None:
        self._recorder.append(Environment(source.details(self._settings, basics, self._blobs)))
