"""The index of a store, kept up to date: who may fold when, and what happens to a broken index.

Promises (`docs/formats/index.md`): an index that grew equals one that was rebuilt; one that is damaged or of another version is made
anew without being asked; training processes are never touched. One `Index` belongs to one thread. Not for: asking questions (`query/`).
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from types import TracebackType

from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from kerascope.errors import StoreError
from kerascope.index import db, migrate
from kerascope.index.folders import Found, KnownRun, RunKey, look
from kerascope.index.folding import Folding, Progress, known_runs
from kerascope.paths import StorePaths
from kerascope.runlog.files import list_segments

_POLL_S = 0.05


def open_index(paths: StorePaths) -> Index:
    """Returns the index of the store at `paths`; nothing is read or made before the first `refresh`."""
    return Index(paths)


class Index:
    """Keeps `index/index.sqlite` up to date with the logs.

    Attributes:
        problems: segment files and folders that could not be read at the last fold, with the reason.
    """

    def __init__(self, paths: StorePaths) -> None:
        self.problems: dict[Path, str] = {}
        self._paths = paths
        self._lock = db.FileLock(paths.index_lock)
        self._holds = False
        self._engine: Engine | None = None
        self._folding: Folding | None = None

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def hold(self) -> bool:
        """Keeps the writer's lock from now on if it is free, as a server does; returns whether it is held.

        Raises:
            StoreError: if the lock cannot be taken at all.
        """
        self._holds = self._take_lock()
        return self._holds

    def refresh(
        self,
        timeout_s: float = 5.0,
        progress: Progress | None = None,
        only: RunKey | None = None,
        quick: bool = False,
    ) -> bool:
        """Folds what is new; if another process holds the lock, waits until that one has.

        Args:
            timeout_s: How long to wait for the other process, in seconds.
            progress: Called with the bytes done and the bytes to do.
            only: Look at the log of this run alone, which costs the same however many runs there are.
            quick: For a loop: notice a run that was resumed after it had ended within two seconds instead of at once, which costs
                a fraction where thousands of runs have ended.

        Returns:
            Whether the index holds all that was in the logs when the call was made.

        Raises:
            StoreError: if the index cannot be written.
        """
        if not self._paths.projects.exists() and not self._paths.edits.exists() and not self._paths.index.exists():
            return True
        if self._try_fold(progress, only, quick):
            return True
        return self._wait(time.monotonic() + timeout_s, progress, only)

    def rebuild(self, timeout_s: float = 5.0, progress: Progress | None = None) -> None:
        """Makes the index anew from the logs.

        Args:
            timeout_s: How long to wait for the lock, in seconds.
            progress: Called with the bytes done and the bytes to do.

        Raises:
            StoreError: if another process holds the lock, or the index cannot be written.
        """
        deadline = time.monotonic() + timeout_s
        while not self._take_lock():
            if time.monotonic() > deadline:
                raise StoreError(
                    "Only one process may write the index. "
                    f"Received: {self._paths.index_lock} is held by process {self._lock.holder() or 'unknown'}. "
                    "Stop that process (a `kerascope ui`, most likely), then try again."
                )
            time.sleep(_POLL_S)
        try:
            self._discard()
            self._fold(progress)
        finally:
            self._let_go()

    def lag_bytes(self) -> int:
        """Returns how many bytes of log are not in the index yet."""
        known, _ = self._read_known()
        return sum(
            size - _seen(known, one.key, name) for one in look(self._paths, known) for name, size in one.grown.items()
        )

    def close(self) -> None:
        """Lets go of lock and database; a later `refresh` opens them again."""
        self._close_engine()
        self._holds = False
        self._lock.release()

    def _try_fold(self, progress: Progress | None, only: RunKey | None, quick: bool = False) -> bool:
        if not self._take_lock():
            return False
        try:
            self._fold(progress, only, quick)
        finally:
            self._let_go()
        return True

    def _take_lock(self) -> bool:
        try:
            return self._lock.try_take()
        except OSError as error:
            raise self._unwritable(error) from error

    def _let_go(self) -> None:
        if not self._holds:
            self._lock.release()

    def _fold(self, progress: Progress | None, only: RunKey | None = None, quick: bool = False) -> None:
        """Folds; a database that turns out to be broken, or to hold what cannot be read back, is made anew, once."""
        try:
            self._open().fold(progress, only, quick)
        except (DatabaseError, ValueError) as error:
            if isinstance(error, DatabaseError) and not _is_broken(error):
                raise self._unwritable(error.orig) from error
            self._discard()
            try:
                self._open().fold(progress)
            except DatabaseError as again:
                raise self._unwritable(again.orig) from again
        self.problems = self._open().problems

    def _open(self) -> Folding:
        if self._engine is not None and not self._paths.index.exists():
            self._close_engine()
        if self._folding is None:
            self._engine = db.writer(self._paths.index)
            if not db.is_sound(self._engine) and not _is_upgraded(self._engine):
                self._discard()
                self._engine = db.writer(self._paths.index)
                db.create(self._engine)
            self._folding = Folding(self._paths, self._engine)
        return self._folding

    def _discard(self) -> None:
        self._close_engine()
        for suffix in ("", "-wal", "-shm"):
            self._paths.index.with_name(self._paths.index.name + suffix).unlink(missing_ok=True)

    def _close_engine(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
        self._engine = self._folding = None

    def _unwritable(self, error: BaseException | None) -> StoreError:
        return StoreError(
            "The index of the store must be writable. "
            f"Received: {self._paths.index} ({error}). Check the folder's owner and the free space."
        )

    def _wait(self, deadline: float, progress: Progress | None, only: RunKey | None) -> bool:
        """Waits for the process that holds the lock; folds itself if that one lets go."""
        known, edits = self._read_known()
        wanted = list(look(self._paths, known, only))
        edits_wanted = {path.name: path.stat().st_size for path in list_segments(self._paths.edits)}
        while not _has_all(known, edits, wanted, edits_wanted):
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_S)
            if self._try_fold(progress, only):
                return True
            known, edits = self._read_known()
        return True

    def _read_known(self) -> tuple[dict[RunKey, KnownRun], dict[str, int]]:
        with db.read(self._paths) as connection:
            rows = connection.execute(text("SELECT name, seen_bytes FROM edit_segment"))
            return known_runs(connection), {str(row[0]): int(row[1]) for row in rows}


def _seen(known: dict[RunKey, KnownRun], key: RunKey, name: str) -> int:
    segments = known[key].segments if key in known else {}
    return segments[name].seen_bytes if name in segments else 0


def _has_all(
    known: dict[RunKey, KnownRun], edits: dict[str, int], wanted: list[Found], edits_wanted: dict[str, int]
) -> bool:
    grown = all(_seen(known, one.key, name) >= size for one in wanted for name, size in one.grown.items())
    gone = all(one.key not in known or name not in known[one.key].segments for one in wanted for name in one.gone)
    return grown and gone and all(edits.get(name, -1) >= size for name, size in edits_wanted.items())


def _is_upgraded(engine: Engine) -> bool:
    """Whether an index of another version could be brought to this one."""
    try:
        return migrate.upgrade(engine)
    except DatabaseError:
        return False


def _is_broken(error: DatabaseError) -> bool:
    """Whether the file itself is at fault, not the disk or another process."""
    return type(error.orig) is sqlite3.DatabaseError or isinstance(error, IntegrityError)
