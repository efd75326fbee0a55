"""The store behind an `Api`: an index that is brought up to date before each question, and edits.

Promises: any thread may ask; reading works while trainings write and while a server folds. Not for: users.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from kerascope.index import db
from kerascope.index.build import open_index
from kerascope.index.folders import RunKey
from kerascope.paths import StorePaths
from kerascope.query.edits import Editor


class Store:
    """What all objects of one `Api` share."""

    def __init__(self, paths: StorePaths, timeout_s: float) -> None:
        self.paths = paths
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._index = open_index(paths)

    @contextmanager
    def reading(self, only: RunKey | None = None) -> Iterator[Connection]:
        """Opens the index for reading, as up to date as the logs; of one run alone if only that one is asked about."""
        with self._lock:
            self._index.refresh(self._timeout_s, only=only)
        with db.read(self.paths) as connection:
            yield connection

    def edit(self, project: str, run_id: str, changes: dict[str, Any]) -> None:
        """Changes attributes of a run."""
        with Editor(self.paths) as editor:
            editor.edit(project, run_id, changes)

    def delete(self, project: str, run_id: str, restore: bool = False) -> None:
        """Hides a run, or shows it again."""
        with Editor(self.paths) as editor:
            (editor.restore if restore else editor.delete)(project, run_id)
