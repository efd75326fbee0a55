"""Finds blobs that nothing refers to, and temporary files that a dead writer left behind.

Promises: only looks, unless `remove` is called; a blob younger than the grace time is never called an orphan, since the record
that refers to it is written after it. Not for: finding out what is referred to (see `runlog/repair.py`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from kerascope.blobs.store import TEMPORARY_SUFFIX, is_digest

GRACE_S: Final = 24 * 3600.0


class Leftover(NamedTuple):
    """A file that could go, as it was when it was found.

    Attributes:
        path: the file.
        size_bytes: its size.
        modified_ns: when it was last written or touched, in the file system's own coarse time.
    """

    path: Path
    size_bytes: int
    modified_ns: int


def orphans(
    folder: Path, referenced: Container[str], *, grace_s: float = GRACE_S, now_s: float | None = None
) -> list[Leftover]:
    """Returns the blobs in `folder` that are older than `grace_s` seconds and not in `referenced`, by name."""
    return [leftover for leftover in _aged(_blob_files(folder), grace_s, now_s) if leftover.path.name not in referenced]


def temporaries(folder: Path, *, grace_s: float = GRACE_S, now_s: float | None = None) -> list[Leftover]:
    """Returns temporary files in `folder` that are older than `grace_s` seconds, by name."""
    return _aged((path for path in _files(folder) if path.name.endswith(TEMPORARY_SUFFIX)), grace_s, now_s)


def remove(leftovers: Iterable[Leftover]) -> int:
    """Deletes the files, but for those that were touched since they were found. Returns how many bytes that gave back."""
    freed = 0
    for leftover in leftovers:
        try:
            if leftover.path.stat().st_mtime_ns == leftover.modified_ns:
                leftover.path.unlink()
                freed += leftover.size_bytes
        except FileNotFoundError:
            continue
    return freed


def _aged(paths: Iterable[Path], grace_s: float, now_s: float | None) -> list[Leftover]:
    now_s = time.time() if now_s is None else now_s
    found = []
    for path in paths:
        try:
            state = path.stat()
        except FileNotFoundError:
            continue
        if now_s - state.st_mtime >= grace_s:
            found.append(Leftover(path, state.st_size, state.st_mtime_ns))
    return sorted(found)


def _blob_files(folder: Path) -> Iterator[Path]:
    try:
        shelves = [entry.path for entry in os.scandir(folder) if len(entry.name) == 2 and entry.is_dir()]
    except FileNotFoundError:
        return
    for shelf in shelves:
        yield from (path for path in _files(Path(shelf)) if is_digest(path.name))


def _files(folder: Path) -> list[Path]:
    try:
        return [Path(entry.path) for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False)]
    except (FileNotFoundError, NotADirectoryError):
        return []
