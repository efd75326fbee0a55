"""Writes one segment file: one framed record per event, handed to the system before the call returns.

Promises (`docs/formats/run_log.md`): a record whose `append` returned True survives the death of the process; a write that fails
never harms what was written before, is reported once, never raises, and is made up for as soon as the disk takes writes again,
with a record that says how much was lost. Any thread may call. A forked child never touches its parent's file.
Not for: reading, or for writing to a segment that exists.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from kerascope.events.codec import encode, encode_parts, tag_of
from kerascope.events.types import EditSegment, Event, Keys, Notice, Row, Segment, Value
from kerascope.runlog.format import KEYS_REPEAT, MAGIC, frame

_ROW_TAG: Final = tag_of(Row)
_REOPEN_INTERVAL_S: Final = 1.0
_fdatasync: Final[Callable[[int], None]] = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync
_live: Final[weakref.WeakSet[SegmentWriter]] = weakref.WeakSet()


class SegmentWriter:
    """The one writer of a new segment file.

    Args:
        path: the file to create; its folder is made if missing. A file of that name must not exist.
        first_event: the record that opens the segment, written together with the magic bytes.
        sync_interval_s: seconds between two `fdatasync` calls while there is something to sync.
        on_error: called once, with the first `OSError`; the thread that logs or syncs calls it.

    Attributes:
        path: the segment file.
        size_bytes: bytes written so far.
        failed: the first `OSError`, or None while everything was written.
        lost_count: records that could not be written.
    """

    def __init__(
        self,
        path: Path,
        first_event: Segment | EditSegment,
        sync_interval_s: float = 1.0,
        on_error: Callable[[OSError], None] | None = None,
    ) -> None:
        self.path = Path(path)
        self.size_bytes = 0
        self.failed: OSError | None = None
        self.lost_count = 0
        self._on_error = on_error
        self._opening = MAGIC + frame(encode(first_event))
        self._fd = -1
        self._closed = False
        self._next_open_s = 0.0
        self._unreported = 0
        self._dirty = False
        self._folder_synced = False
        # Re-entrant: a signal handler may log while its own thread is inside `append`.
        self._lock = threading.RLock()
        self._sync_lock = threading.RLock()
        self._ids: dict[tuple[str, ...], int] = {}
        self._id_count = 0
        self._announced: set[tuple[str, ...]] = set()
        self._rows_since_reset = 0
        self._last_names: tuple[str, ...] | None = None
        self._last_id = 0
        self._stop = threading.Event()
        _live.add(self)
        with self._lock:
            self._open()
        self._thread = threading.Thread(
            target=_sync_until_stopped,
            args=(weakref.ref(self), self._stop, sync_interval_s),
            name="kerascope-sync",
            daemon=True,
        )
        self._thread.start()

    @property
    def closed(self) -> bool:
        """Whether nothing is written any more: after `close`, or in a forked child."""
        return self._closed

    def append(self, event: Event) -> bool:
        """Writes one event; for history rows see `append_row`.

        Returns:
            Whether the record was handed to the system. False after a failed write, after `close` and in a forked child.

        Raises:
            TypeError: if a value cannot be encoded.
            ValueError: if the event is a row or key set (`append_row` numbers these), or is longer than 64 MiB.
        """
        if isinstance(event, Row | Keys):
            raise ValueError(f"Rows are written with `append_row`. Received: event={type(event).__name__}.")
        data = frame(encode(event))
        with self._lock:
            return self._write(data)

    def append_row(
        self, step: int, time_s: float, runtime_s: float, names: tuple[str, ...], values: Sequence[Value]
    ) -> bool:
        """Writes one history row, or a part of one: `values[i]` belongs to `names[i]`.

        Returns:
            As `append` does.

        Raises:
            TypeError: if a value cannot be encoded.
            ValueError: if there are not as many values as names, or the row is longer than 64 MiB.
        """
        if len(names) != len(values):
            raise ValueError(
                f"A row needs one value per name. Received: {len(names)} names and {len(values)} values ({names!r})."
            )
        with self._lock:
            if self._rows_since_reset >= KEYS_REPEAT:
                self._forget_announced()
            if names is self._last_names:
                data = frame(encode_parts((_ROW_TAG, self._last_id, step, time_s, runtime_s, values)))
                if not self._write(data):
                    return False
            else:
                key_id = self._id(names)
                data = frame(encode_parts((_ROW_TAG, key_id, step, time_s, runtime_s, values)))
                if names not in self._announced:
                    data = frame(encode(Keys(key_id, names))) + data
                if not self._write(data):
                    return False
                # Only now: a failed write may have lost the key set too.
                self._announced.add(names)
                self._last_names, self._last_id = names, key_id
            self._rows_since_reset += 1
            return True

    def sync(self) -> None:
        """Waits until everything appended so far is on the disk, so that it survives a power cut."""
        with self._sync_lock:
            if not self._dirty or self._fd < 0:
                return
            self._dirty = False
            try:
                _fdatasync(self._fd)
                if not self._folder_synced:
                    _sync_folder(self.path.parent)
                    self._folder_synced = True
            except OSError as error:
                self._dirty = True
                self._report(error)

    def close(self) -> None:
        """Syncs and closes the file; a second call, or one in a forked child, does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._stop.set()
        if self._thread is not threading.current_thread():
            self._thread.join()
        self.sync()
        with self._lock, self._sync_lock:
            _live.discard(self)
            if self._fd >= 0:
                os.close(self._fd)
                self._fd = -1

    def _id(self, names: tuple[str, ...]) -> int:
        """The number of a key set. One number never stands for two sets, so a damaged key set cannot mislabel rows."""
        key_id = self._ids.get(names)
        if key_id is None:
            if len(self._ids) >= KEYS_REPEAT:  # bounds the memory of a run that never uses a key set twice
                self._ids.clear()
                self._forget_announced()
            key_id = self._ids[names] = self._id_count
            self._id_count += 1
        return key_id

    def _forget_announced(self) -> None:
        self._announced.clear()
        self._rows_since_reset = 0
        self._last_names = None

    def _write(self, data: bytes) -> bool:
        if self._fd < 0 and not self._open():
            self._lose()
            return False
        try:
            written = os.write(self._fd, data)
            if written != len(data):
                self._write_rest(data, written)
        except OSError as error:
            self._report(error)
            self._lose()
            return False
        self.size_bytes += len(data)
        self._dirty = True
        if self._unreported:
            self._tell_loss()
        return True

    def _write_rest(self, data: bytes, written: int) -> None:
        """Completes a frame that the system took only a part of, or takes that part back."""
        try:
            while written < len(data):
                written += os.write(self._fd, data[written:])
        except OSError:
            # The size is asked for, not remembered: an interrupt between a write and our counting it must not cost a record.
            # Should this fail too, readers skip the torn frame.
            os.ftruncate(self._fd, os.fstat(self._fd).st_size - written)
            raise

    def _open(self) -> bool:
        now = time.monotonic()
        if self._closed or now < self._next_open_s:
            return False
        self._next_open_s = now + _REOPEN_INTERVAL_S
        created = False
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o666)
            created = True
            self._write_rest(self._opening, 0)
        except OSError as error:
            if created:
                self._abandon()
            self._report(error)
            return False
        self.size_bytes = len(self._opening)
        self._dirty = True
        return True

    def _abandon(self) -> None:
        """Removes the file that was created but could not be begun."""
        fd, self._fd = self._fd, -1
        with contextlib.suppress(OSError):  # the error that is reported is the one that led here
            self.path.unlink(missing_ok=True)
            os.close(fd)

    def _report(self, error: OSError) -> None:
        if self.failed is None:
            self.failed = error
            if self._on_error is not None:
                self._on_error(error)

    def _lose(self) -> None:
        self._forget_announced()
        if not self._closed:
            self.lost_count += 1
            self._unreported += 1

    def _tell_loss(self) -> None:
        lost, self._unreported = self._unreported, 0
        text = f"{lost} records could not be written to {self.path.name} and are lost: {self.failed}"
        if not self._write(frame(encode(Notice("error", text, None, None, time.time())))):
            self._unreported = lost
            self.lost_count -= 1  # the message itself is no record of the user's

    def _disown(self) -> None:
        """In a forked child: lets go of the parent's file. Locks may be held by threads that do not exist here."""
        self._lock = threading.RLock()
        self._sync_lock = threading.RLock()
        self._closed = True
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _sync_until_stopped(writer: weakref.ref[SegmentWriter], stop: threading.Event, interval_s: float) -> None:
    while not stop.wait(interval_s):
        target = writer()
        if target is None:
            return
        target.sync()
        del target  # or the writer would live as long as this thread


def _sync_folder(folder: Path) -> None:
    """Makes the name of a new file survive a power cut."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _disown_all() -> None:
    for writer in list(_live):
        writer._disown()
    _live.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_disown_all)
