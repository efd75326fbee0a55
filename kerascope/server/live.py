"""Live changes: what the thread that folds reports, as server-sent events to every browser that listens.

Promises: a listener gets at most 4 events a second, each the merge of all that happened since the one before; one that comes back
with the cursor of its last event misses nothing or is told to read everything again. Memory is bounded by `RING` changes.
Not for: finding out what changed (see `store.py`).
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec

from kerascope.server.records import LiveChange, LiveRun

RING = 4096
MIN_PAUSE_S = 0.25
KEEP_ALIVE_S = 15.0


@dataclass(frozen=True)
class _Entry:
    number: int
    change: LiveChange


class Feed:
    """The newest changes, numbered; safe to use from any thread.

    Args:
        ring: How many changes are kept for listeners that come back.
    """

    def __init__(self, ring: int = RING) -> None:
        self._name = secrets.token_hex(4)  # numbers of an earlier server process mean nothing to this one
        self._entries: deque[_Entry] = deque(maxlen=ring)
        self._number = 0
        self._oldest = 0  # what came at or before this place is forgotten
        self._lock = threading.Lock()
        self._listeners: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self.closed = False

    def publish(self, change: LiveChange) -> None:
        """Adds a change and wakes all listeners."""
        with self._lock:
            if len(self._entries) == self._entries.maxlen:
                self._oldest = self._entries[0].number
            self._number += 1
            self._entries.append(_Entry(self._number, change))
        self._wake()

    def forget(self) -> None:
        """Makes all places unknown, so that every listener reads everything again."""
        with self._lock:
            self._number += 1
            self._oldest = self._number
            self._entries.clear()
        self._wake()

    def close(self) -> None:
        """Ends all streams."""
        self.closed = True
        self._wake()

    def cursor(self, number: int | None = None) -> str:
        """Returns the text that names a place in the feed, by default its end."""
        return f"{self._name}-{self._number if number is None else number}"

    def place(self, cursor: str | None) -> int | None:
        """Returns the place a cursor names, the end without one; None if changes after it are no longer known."""
        if not cursor:
            return self._number
        name, _, digits = cursor.rpartition("-")
        if name != self._name or not digits.isascii() or not digits.isdigit() or len(digits) > 18:
            return None
        with self._lock:
            return int(digits) if self._oldest <= int(digits) <= self._number else None

    def since(self, place: int, project: str | None, run: str | None) -> tuple[int, LiveChange | None]:
        """Returns the end of the feed and the merge of the changes after `place` that concern `project` and `run`.

        Raises:
            LookupError: if changes after `place` are no longer known.
        """
        with self._lock:
            if place < self._oldest:
                raise LookupError(place)
            number = self._number
            changes = [entry.change for entry in self._entries if entry.number > place]
        return number, _merge(changes, project, run)

    async def wait(self, timeout_s: float, place: int) -> None:
        """Returns when there is something after `place`, when the feed closes, or after `timeout_s`."""
        event = asyncio.Event()
        listener = (asyncio.get_running_loop(), event)
        with self._lock:
            self._listeners.add(listener)
            if self._number > place or self.closed:
                event.set()
        try:
            await asyncio.wait_for(event.wait(), timeout_s)
        except TimeoutError:
            pass
        finally:
            with self._lock:
                self._listeners.discard(listener)

    def _wake(self) -> None:
        with self._lock:
            for loop, event in self._listeners:
                loop.call_soon_threadsafe(event.set)


def _merge(changes: list[LiveChange], project: str | None, run: str | None) -> LiveChange | None:
    """Returns many changes as one: the newest word on each run, and whatever was new on the way."""
    runs: dict[tuple[str, str], LiveRun] = {}
    projects: dict[str, None] = {}
    for change in changes:
        for one in change.runs:
            if project in (None, one.project) and run in (None, one.run):
                before = runs.pop((one.project, one.run), one)
                runs[one.project, one.run] = msgspec.structs.replace(
                    one, new_keys=one.new_keys or before.new_keys, console=one.console or before.console
                )
        projects.update((name, None) for name in change.projects if project in (None, name))
    return LiveChange(tuple(runs.values()), tuple(projects)) if runs or projects else None


async def events(feed: Feed, cursor: str | None, project: str | None, run: str | None) -> AsyncIterator[bytes]:
    """Yields the bytes of an event stream until the feed closes.

    Args:
        feed: Where changes come from.
        cursor: The place after which to begin, such as the `Last-Event-ID` of a client that comes back; None for the end.
        project: Only changes of this project, None for all.
        run: Only changes of the run with this id, None for all.
    """
    place = feed.place(cursor)
    if place is None:
        place, text = _reset(feed)
        yield text
    else:
        yield f"retry: 1000\nid: {feed.cursor(place)}\n\n".encode()
    while not feed.closed:
        try:
            place, change = feed.since(place, project, run)
        except LookupError:
            place, text = _reset(feed)
            yield text
            continue
        if change is not None:
            yield b"id: %b\nevent: change\ndata: %b\n\n" % (feed.cursor(place).encode(), msgspec.json.encode(change))
            await asyncio.sleep(MIN_PAUSE_S)
            continue
        before = place
        await feed.wait(KEEP_ALIVE_S, place)
        if feed.place(None) == before and not feed.closed:
            yield f": alive\nid: {feed.cursor(place)}\n\n".encode()


def _reset(feed: Feed) -> tuple[int, bytes]:
    place = feed.place(None) or 0
    return place, f"id: {feed.cursor(place)}\nevent: reset\ndata: {{}}\n\n".encode()
