"""Where the events of a run go: its segment file, or nowhere.

Promises: a sink never raises for a failing disk; what cannot be written is counted by the writer and told once by `on_error`.
Not for: bytes and files (see `runlog/writer.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kerascope.events.types import Event, Value


class Sink(Protocol):
    """Takes the events of one segment in order; what it takes has left the process when the call returns."""

    def append(self, event: Event) -> bool:
        """Takes one event; False if it could not be written."""

    def append_row(
        self, step: int, time_s: float, runtime_s: float, names: tuple[str, ...], values: Sequence[Value]
    ) -> bool:
        """Takes a history row or a part of one; False if it could not be written."""

    def sync(self) -> None:
        """Makes durable what was taken so far."""

    def close(self) -> None:
        """Ends the segment; later calls do nothing."""


class NullSink:
    """Takes everything and keeps nothing: the sink of disabled runs."""

    def append(self, event: Event) -> bool:
        """Drops the event."""
        return True

    def append_row(
        self, step: int, time_s: float, runtime_s: float, names: tuple[str, ...], values: Sequence[Value]
    ) -> bool:
        """Drops the row."""
        return True

    def sync(self) -> None:
        """Does nothing."""

    def close(self) -> None:
        """Does nothing."""
