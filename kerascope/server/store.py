"""The store that a server serves: the thread that keeps its index up to date, and connections for the threads that answer.

Promises: one thread alone folds, up to four times a second, as long as this process holds the writer's lock; while another holds
it, that one's folds are watched and the lock is taken over when it frees. A store that cannot be folded is reported in the log once
and tried again. Not for: what requests ask (`routes/`).
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import AbstractContextManager
from types import TracebackType

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from kerascope.blobs.store import BlobStore
from kerascope.errors import Error, StoreError
from kerascope.index.build import open_index
from kerascope.index.db import read
from kerascope.paths import StorePaths
from kerascope.query.edits import Editor
from kerascope.query.tables import Tables
from kerascope.server.live import Feed
from kerascope.server.watch import Watcher

POLL_S = 0.25
MAX_PAUSE_S = 2.0
_PAUSE_PER_WORK = 14
FOLD_WAIT_S = 5.0
logger = logging.getLogger("kerascope.server")


class Store:
    """A store being served. Enter it to start folding, leave it to stop.

    Args:
        paths: Where the store lies; it may be empty or not exist yet.

    Attributes:
        feed: What changed, for live listeners.
        editor: Writes the changes that users make.
        blobs: The content-addressed files.
        tables: Logged tables, the last few of them in memory.
    """

    def __init__(self, paths: StorePaths) -> None:
        self.paths = paths
        self.feed = Feed()
        self.editor = Editor(paths)
        self.blobs = BlobStore(paths.blobs)
        self.tables = Tables(paths)
        self._asked = 0
        self._done = 0
        self._turn = threading.Condition()
        self._stopped = False
        self._problem = ""
        self._lag_bytes = 0
        self._looked = threading.Event()
        self._thread = threading.Thread(target=self._fold_until_stopped, name="kerascope-fold", daemon=True)

    def __enter__(self) -> Store:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.feed.close()
        with self._turn:
            self._stopped = True
            self._turn.notify_all()
        self._thread.join()
        self.editor.close()

    def read(self) -> AbstractContextManager[Connection]:
        """Opens the index for one request: a snapshot, for one thread."""
        return read(self.paths)

    def lag_bytes(self) -> int:
        """Returns how many bytes of log were not in the index at the last look; waits up to 5 s for the first one."""
        self._looked.wait(FOLD_WAIT_S)
        return self._lag_bytes

    def catch_up(self) -> None:
        """Waits until all that is in the logs now is in the index, so that an edit shows in the answer to it.

        Raises:
            StoreError: if that takes longer than 5 s.
        """
        deadline = time.monotonic() + FOLD_WAIT_S
        with self._turn:
            self._asked += 1
            mine = self._asked
            self._turn.notify_all()
            while self._done < mine:
                in_time = not self._stopped and self._turn.wait(deadline - time.monotonic())
                if not in_time and self._done < mine:
                    raise StoreError(
                        "The change is kept, but the index could not follow within 5 s. "
                        f"Received: {self._problem or 'no error'}. Reload in a moment."
                    )

    def _fold_until_stopped(self) -> None:
        watcher = Watcher()
        with open_index(self.paths) as index:
            while not self._stopped:
                asked = self._asked
                caught_up = False
                began_s = time.monotonic()
                try:
                    index.hold()
                    wait_s = FOLD_WAIT_S if asked > self._done else 0.0
                    caught_up = index.refresh(wait_s, progress=self._folded, quick=asked <= self._done)
                    self._note_lag(0 if caught_up else index.lag_bytes())
                    self._report(watcher)
                    self._problem = ""
                except (Error, OSError, SQLAlchemyError) as error:
                    self._note(str(error))
                except Exception as error:  # border: whatever nobody foresaw, the one thread that folds goes on
                    self._note(f"the index could not be brought up to date: {type(error).__name__}: {error}", error)
                self._end_turn(asked, caught_up, time.monotonic() - began_s)

    def _end_turn(self, asked: int, caught_up: bool, took_s: float) -> None:
        # Folding many live runs, or looking at very many runs, takes a while: about a fifteenth of a core goes into it.
        pause_s = min(max(POLL_S, _PAUSE_PER_WORK * took_s), MAX_PAUSE_S)
        with self._turn:
            if caught_up:
                self._done = max(self._done, asked)
                self._turn.notify_all()
            if self._asked <= asked and not self._stopped:
                self._turn.wait(pause_s)

    def _folded(self, done: int, total: int) -> None:
        self._note_lag(total - done)

    def _note_lag(self, lag_bytes: int) -> None:
        self._lag_bytes = lag_bytes
        self._looked.set()

    def _report(self, watcher: Watcher) -> None:
        """Tells the listeners what changed since the last look."""
        with read(self.paths) as db:
            change = watcher.look(db)
        if change is None:
            self.feed.forget()
        elif change.runs or change.projects:
            self.feed.publish(change)

    def _note(self, problem: str, unforeseen: Exception | None = None) -> None:
        self._looked.set()
        if problem != self._problem:
            logger.error("%s", problem, exc_info=unforeseen)
            self._problem = problem
