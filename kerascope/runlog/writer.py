"""Writes one segment file: one framed record per event, handed to the system before the call returns.

Promises (`docs/formats/run_log.md`): a record whose `append` returned True survives the death of the process; a write that fails
never harms what was written before, is reported once, never raises, and is made up for as soon as the disk takes writes again,
with a record that says how much was lost. Any thread may call. A forked child never touches its parent's file.
Not for: reading, or for writing to a segment that exists.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import threading
import time
import weakref
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from kerascope.disk import sync_folder
from kerascope.events.codec import encode, encode_fast, encode_parts, tag_of
from kerascope.events.types import EditSegment, Event, Keys, Notice, Row, Segment, Value
from kerascope.runlog.format import HEADER, HEADER_SIZE, KEYS_REPEAT, MAGIC, MAX_PAYLOAD, frame

_ROW_TAG: Final = tag_of(Row)
_encode: Final = encode_fast
_os_write: Final = os.write
_pack: Final = HEADER.pack
_crc32: Final = zlib.crc32
_REOPEN_INTERVAL_S: Final = 1.0
_fdatasync: Final[Callable[[int], None]] = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync
_live: Final[weakref.WeakSet[SegmentWriter]] = weakref.WeakSet()


class SegmentWriter:
    """The one writer of a new segment file.

    Appending takes no lock: one `write()` on an `O_APPEND` descriptor is already atomic between threads, and a lock costs as much
    as the encoding. Only opening, announcing a key set and closing are guarded.

    Args:
        path: the file to create; its folder is made if missing. A file of that name must not exist.
        first_event: the record that opens the segment, written together with the magic bytes.
        sync_interval_s: seconds between two `fdatasync` calls while there is something to sync.
        on_error: called once, with the first `OSError`; the thread that logs or syncs calls it.

    Attributes:
        path: the segment file.
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
        self._announced: dict[tuple[str, ...], int] = {}
        self._last: tuple[tuple[str, ...], int] = ((), -1)  # one object, so that threads see names and id of one set
        self._count_row = itertools.count(1).__next__  # atomic between threads
        self._forget_at = KEYS_REPEAT
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

    def __del__(self) -> None:
        # Not in `close`: only here can no thread be about to write to this number, which the system gives to the next file.
        fd = getattr(self, "_fd", -1)
        if fd >= 0:
            with contextlib.suppress(OSError):
                os.close(fd)

    @property
    def closed(self) -> bool:
        """Whether nothing is written any more: after `close`, or in a forked child."""
        return self._closed

    @property
    def size_bytes(self) -> int:
        """Length of the segment file."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

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
        return self._write(frame(encode(event)))

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
        # The hot path of training: every call counts, see benchmarks/log_call.py.
        if self._count_row() >= self._forget_at:
            self._forget_announced()
        last_names, key_id = self._last
        if names is not last_names:
            found = self._announced.get(names)
            if found is None:
                return self._append_first_row(step, time_s, runtime_s, names, values)
            key_id = found
            self._last = (names, key_id)
        if len(names) != len(values):
            raise _wrong_count(names, values)
        parts = (_ROW_TAG, key_id, step, time_s, runtime_s, values)
        try:
            payload = _encode(parts)
        except (OverflowError, UnicodeEncodeError):
            payload = encode_parts(parts)
        size = len(payload)
        if size > MAX_PAYLOAD:
            frame(payload)  # raises
        data = _pack(size, _crc32(payload, size)) + payload
        if not self._unreported:
            try:
                if _os_write(self._fd, data) == size + HEADER_SIZE and not self._closed:
                    self._dirty = True
                    return True
            except OSError:
                pass
        return self._write(data)

    def sync(self) -> None:
        """Waits until everything appended so far is on the disk, so that it survives a power cut."""
        with self._sync_lock:
            if not self._dirty or self._fd < 0 or self._stop.is_set():
                return
            self._sync()

    def close(self) -> None:
        """Syncs and closes the file; a second call, or one in a forked child, does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._stop.set()
        if self._thread is not threading.current_thread():
            self._thread.join()
        with self._sync_lock:
            _live.discard(self)
            if self._fd >= 0:
                self._sync()
                # A thread may be about to write: what comes late goes nowhere, instead of into the next file that gets this number.
                _point_at_nothing(self._fd)

    def _append_first_row(
        self, step: int, time_s: float, runtime_s: float, names: tuple[str, ...], values: Sequence[Value]
    ) -> bool:
        """Writes a key set and its first row in one go."""
        if len(names) != len(values):
            raise _wrong_count(names, values)
        with self._lock:
            key_id = self._id(names)
            row = frame(encode_parts((_ROW_TAG, key_id, step, time_s, runtime_s, values)))
            if not self._write(frame(encode(Keys(key_id, names))) + row):
                return False
            # Only now: a failed write loses the key set too.
            self._announced[names] = key_id
            self._last = (names, key_id)
            return True

    def _id(self, names: tuple[str, ...]) -> int:
        """The number of a key set. One number never stands for two sets, so a damaged key set cannot mislabel rows."""
        key_id = self._ids.get(names)
        if key_id is None:
            if len(self._ids) >= KEYS_REPEAT:  # bounds the memory of a run that never uses a key set twice
                self._ids = {}
                self._forget_announced()
            key_id = self._ids[names] = self._id_count
            self._id_count += 1
        return key_id

    def _forget_announced(self) -> None:
        """Makes every key set be written again before it is used next."""
        self._forget_at = self._count_row() + KEYS_REPEAT
        self._announced = {}
        self._last = ((), -1)

    def _write(self, data: bytes) -> bool:
        """Writes whole frames, or reports why it could not."""
        if self._closed:
            return False
        if self._fd < 0:
            with self._lock:
                if self._fd < 0 and not self._open():
                    self._lose()
                    return False
        try:
            _write_whole(self._fd, data)
        except OSError as error:
            self._report(error)
            self._lose()
            return False
        self._dirty = True
        if self._unreported:
            self._tell_loss()
        return not self._closed

    def _open(self) -> bool:
        now = time.monotonic()
        if self._closed or now < self._next_open_s:
            return False
        self._next_open_s = now + _REOPEN_INTERVAL_S
        fd = -1
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o666)
            _write_whole(fd, self._opening)
        except OSError as error:
            if fd >= 0:
                with contextlib.suppress(OSError):  # the error that is reported is the one that led here
                    self.path.unlink(missing_ok=True)
                    os.close(fd)
            self._report(error)
            return False
        self._fd = fd
        self._dirty = True
        return True

    def _sync(self) -> None:
        self._dirty = False
        try:
            _fdatasync(self._fd)
            if not self._folder_synced:
                sync_folder(self.path.parent)
                self._folder_synced = True
        except OSError as error:
            self._dirty = True
            self._report(error)

    def _report(self, error: OSError) -> None:
        if self.failed is None:
            self.failed = error
            if self._on_error is not None:
                self._on_error(error)

    def _lose(self) -> None:
        with self._lock:
            self.lost_count += 1
            self._unreported += 1

    def _tell_loss(self) -> None:
        """Writes, once the disk takes records again, how many were lost."""
        with self._lock:
            lost, self._unreported = self._unreported, 0
        if not lost:
            return
        text = f"{lost} records could not be written to {self.path.name} and are lost: {self.failed}"
        try:
            _write_whole(self._fd, frame(encode(Notice("error", text, None, None, time.time()))))
        except OSError:
            with self._lock:
                self._unreported += lost

    def _disown(self) -> None:
        """In a forked child: lets go of the parent's file. Locks may be held by threads that do not exist here."""
        self._lock = threading.RLock()
        self._sync_lock = threading.RLock()
        self._closed = True
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _wrong_count(names: tuple[str, ...], values: Sequence[Value]) -> ValueError:
    return ValueError(
        f"A row needs one value per name. Received: {len(names)} names and {len(values)} values ({names!r})."
    )


def _write_whole(fd: int, data: bytes) -> None:
    """Hands `data` to the system in one piece.

    When the system takes only a part (the disk is nearly full), all of it is written again rather than the rest: another thread may
    have appended in between, and readers step over the torn frame.
    """
    while (written := _os_write(fd, data)) != len(data):
        if not written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _point_at_nothing(fd: int) -> None:
    """Makes a descriptor lead to /dev/null, in one step."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, fd, inheritable=False)
    finally:
        os.close(nothing)


def _sync_until_stopped(writer: weakref.ref[SegmentWriter], stop: threading.Event, interval_s: float) -> None:
    while not stop.wait(interval_s):
        target = writer()
        if target is None:
            return
        target.sync()
        del target  # or the writer would live as long as this thread


def _disown_all() -> None:
    for writer in list(_live):
        writer._disown()
    _live.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_disown_all)
