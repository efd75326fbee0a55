"""Appends the run's events, and tells of everything that could not be stored: on the terminal once, in the log as a notice.

Promises: never raises. The same refusal is recorded when it happens first, and its count at the end of the run.
Not for: rows (see `history.py`).
"""

from __future__ import annotations

import re
import threading
import time

from kerascope.events.types import Event, Notice
from kerascope.terminal import termerror, termwarn
from kerascope.tracking.sink import Sink

_MAX_KINDS = 1000
_STYLES = re.compile(r"\x1b\[[0-9;]*m")


class Recorder:
    """Events of one run other than rows.

    Args:
        run_name: names the run in messages.
    """

    def __init__(self, run_name: str) -> None:
        self.sink: Sink | None = None
        self._run_name = run_name
        self._counts: dict[tuple[str, str], int] = {}
        self._lock = threading.RLock()

    def append(self, event: Event) -> None:
        """Writes an event; one that cannot be encoded is told of instead."""
        if self.sink is None:
            return
        try:
            self.sink.append(event)
        except (TypeError, ValueError) as error:
            self.refuse(type(event).__name__.lower(), None, str(error))

    def refuse(self, key: str, step: int | None, reason: str) -> None:
        """Tells of a value that could not be stored."""
        where = "" if step is None else f" at step {step}"
        if self._is_first(key, reason):
            termwarn(f"run {self._run_name}: {key!r}{where} could not be stored: {reason}")
            self._note("error", f"could not be stored: {reason}", key, step)

    def warn(self, text: str, level: str = "warning") -> None:
        """Tells of something worth knowing."""
        if self._is_first("", text):
            termwarn(f"run {self._run_name}: {text}")
            self._note(level, text, None, None)

    def fail(self, what: str, error: Exception) -> None:
        """Tells of a failure inside kerascope; one that a disk repeats for other files is shown once, and recorded for each."""
        # Frameworks colour their messages and spread them over lines.
        reason = " ".join(_STYLES.sub("", str(error)).split())
        text = f"{what} failed: {type(error).__name__}: {reason:.1000}"
        kind = f"{what}, {error.errno}" if isinstance(error, OSError) and error.errno else ""
        if self._is_first("", text):
            if not kind or self._is_first("", kind):
                termwarn(f"run {self._run_name}: {text}")
            self._note("error", text, None, None)

    def disk_failed(self, error: OSError) -> None:
        """Tells that the log cannot be written. What was written before stays; the writer tries again by itself."""
        termerror(
            f"run {self._run_name} cannot write its log: {error}. Training goes on; what is logged until the disk takes writes "
            "again is lost. Free some space, or choose another folder with KERASCOPE_DIR or init(dir=...)."
        )

    def finish(self) -> None:
        """Records how often each value was refused."""
        with self._lock:
            repeated = {kind: count for kind, count in self._counts.items() if count > 1}
        for (key, reason), count in repeated.items():
            if key:
                self._note("error", f"could not be stored {count} times: {reason}", key, None)

    def forget_lock(self) -> None:
        """In a forked child: the lock may be held by a thread that does not exist here."""
        self._lock = threading.RLock()

    def _is_first(self, key: str, reason: str) -> bool:
        with self._lock:
            kind = (key, reason)
            if kind not in self._counts and len(self._counts) >= _MAX_KINDS:
                kind = (key, "further reasons")
            self._counts[kind] = self._counts.get(kind, 0) + 1
            return self._counts[kind] == 1

    def _note(self, level: str, text: str, key: str | None, step: int | None) -> None:
        if self.sink is not None:
            self.sink.append(Notice(level, text[:2000], key, step, time.time()))
