"""Follows segments while they are written: the events that are there, then those that come.

Promises: every event once, in file order per segment; new segments in a folder are found; a file that is deleted is forgotten.
Not for: many runs at once, which is the job of the index.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kerascope.events.types import Event
from kerascope.runlog.files import list_segments
from kerascope.runlog.reader import PIECE_BYTES, scan


class Followed(NamedTuple):
    """An event, and where it stands."""

    path: Path
    offset: int
    event: Event


def follow(path: Path, poll_s: float = 0.2, stop: threading.Event | None = None) -> Iterator[Followed]:
    """Yields the events of a segment, or of all segments in a folder, as they are written.

    Args:
        path: a segment file, or a folder of them; it may not exist yet.
        poll_s: seconds between two looks at the files.
        stop: ends the iteration when set, after what was already there. None follows for ever.
    """
    stop = threading.Event() if stop is None else stop
    offsets: dict[Path, int] = {}
    sizes: dict[Path, int] = {}
    while True:
        stopping = stop.is_set()
        for segment in [path] if path.is_file() else list_segments(path):
            yield from _read_on(segment, offsets, sizes)
        if stopping:
            return
        stop.wait(poll_s)


def _read_on(segment: Path, offsets: dict[Path, int], sizes: dict[Path, int]) -> Iterator[Followed]:
    """Yields what came to one segment since the last look."""
    try:
        size = segment.stat().st_size
        while size != sizes.get(segment):
            found = scan(segment, offsets.get(segment, 0), PIECE_BYTES)
            for offset, event in found.events:
                yield Followed(segment, offset, event)
            if found.next_offset == offsets.get(segment, 0):
                sizes[segment] = size
            offsets[segment] = found.next_offset
    except FileNotFoundError:
        offsets.pop(segment, None)
        sizes.pop(segment, None)
