"""Changes made after the fact, by the reading side: each is an event in this process's own edit segment.

Promises: an edit is on its way to the disk when the call returns and holds for every reader that refreshes; runs' own logs are not
touched. Not for: changes made by the training process itself (`tracking`).
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from kerascope.errors import StoreError, UsageError
from kerascope.events import types as ev
from kerascope.paths import StorePaths, check_project, check_run_id
from kerascope.runlog.files import segment_name
from kerascope.runlog.writer import SegmentWriter
from kerascope.version import __version__

EDITABLE = ("name", "notes", "tags", "group", "job_type", "archived")


class Editor:
    """Writes edits of one process; its segment file begins with the first edit. Any thread may call."""

    def __init__(self, paths: StorePaths) -> None:
        self._folder = paths.edits
        self._writer: SegmentWriter | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Editor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def edit(self, project: str, run_id: str, changes: dict[str, Any], remove_tags: tuple[str, ...] = ()) -> None:
        """Sets attributes of a run.

        Args:
            project: The run's home: the project whose folder holds its log.
            run_id: The run.
            changes: Any of name, notes, tags, group, job_type (texts; tags a list of them) and archived (a bool).
            remove_tags: Tags to take away.

        Raises:
            UsageError: if a change is not of that form.
            StoreError: if it cannot be written.
        """
        checked = {name: check_change(name, value) for name, value in changes.items()}
        where = (check_project(project), check_run_id(run_id))
        self._write(ev.EditRun(*where, checked, tuple(remove_tags), time.time()))

    def move(self, home: str, run_id: str, project: str) -> None:
        """Shows a run in another project; its files stay in its home. Raises as `edit` does."""
        changes = {"project": check_project(project)}
        self._write(ev.EditRun(check_project(home), check_run_id(run_id), changes, (), time.time()))

    def delete(self, project: str, run_id: str) -> None:
        """Hides a run from every list; its files stay. Raises as `edit` does."""
        self._write(ev.DeleteRun(check_project(project), check_run_id(run_id), time.time()))

    def restore(self, project: str, run_id: str) -> None:
        """Shows a deleted run again. Raises as `edit` does."""
        self._write(ev.RestoreRun(check_project(project), check_run_id(run_id), time.time()))

    def save_view(self, project: str, kind: str, name: str, data: Any) -> None:
        """Saves a view, panel layout or report; `data` None deletes it. Raises as `edit` does."""
        for field, value in (("kind", kind), ("name", name)):
            if not isinstance(value, str) or not 0 < len(value) <= 256:
                raise UsageError(f"`{field}` of a view must be 1 to 256 characters. Received: {field}={value!r}.")
        self._write(ev.SaveView(check_project(project), kind, name, data, time.time()))

    def close(self) -> None:
        """Waits until the edits are on the disk. A later edit begins a new segment."""
        with self._lock:
            writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def _write(self, event: ev.EditEvent) -> None:
        with self._lock:
            if self._writer is None or self._writer.closed:
                self._writer = self._begin()
            done = self._writer.append(event)
            failed = self._writer.failed
        if not done:
            raise StoreError(
                f"The store must be writable for an edit. Received: {self._folder} ({failed}). "
                "Check the folder's owner and the free space."
            )

    def _begin(self) -> SegmentWriter:
        now_ns = time.time_ns()
        first = ev.EditSegment(ev.FORMAT_VERSION, now_ns / 1e9, socket.gethostname(), os.getpid(), __version__)
        return SegmentWriter(Path(self._folder, segment_name(now_ns, 0, secrets.token_hex(4))), first)


def check_change(name: str, value: Any) -> Any:
    """Returns the value that an attribute of a run may be set to.

    Raises:
        UsageError: if there is no such attribute or the value does not fit it.
    """
    if name not in EDITABLE:
        raise UsageError(f"Only {', '.join(EDITABLE)} of a run can be changed. Received: {name}={value!r}.")
    if name == "archived":
        fits = isinstance(value, bool)
    elif name == "tags":
        fits = isinstance(value, list | tuple) and all(isinstance(tag, str) and 0 < len(tag) <= 256 for tag in value)
        value = list(dict.fromkeys(value)) if fits else value
    elif name == "name":
        fits = isinstance(value, str) and 0 < len(value.strip()) <= 256
    else:
        fits = value is None or isinstance(value, str)
    if not fits:
        wanted = {"archived": "true or false", "tags": "a list of texts", "name": "1 to 256 characters"}
        raise UsageError(f"`{name}` must be {wanted.get(name, 'a text or null')}. Received: {name}={value!r}.")
    return value
