"""Reads segment files: whole, from an offset on, or piece by piece (`docs/formats/run_log.md`).

Promises: never raises for what a file holds; damage and torn tails are reported and stepped over; reading on from `next_offset`
as a file grows gives the same events as reading it at once. Not for: what events mean (see `events/`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from kerascope.events.codec import decode
from kerascope.events.types import Event
from kerascope.runlog.format import HEADER, HEADER_SIZE, MAX_PAYLOAD
from kerascope.runlog.frames import Damage, Frames, TornTail, split

__all__ = ["PIECE_BYTES", "Damage", "Frames", "Scan", "TornTail", "iter_events", "scan", "scan_raw"]

PIECE_BYTES: Final = 16 * 1024 * 1024


class Scan(NamedTuple):
    """Events of a segment and what stood between them.

    Attributes:
        events: offset of the frame in the file, and the event.
        next_offset: where to read on when the file has grown.
        damage: what could not be read. Entries at or after `next_offset` are seen again by the next scan.
        torn: the torn tail, if the file ends in one.
        unknown: frames of a newer writer that were skipped.
    """

    events: list[tuple[int, Event]]
    next_offset: int
    damage: tuple[Damage, ...]
    torn: TornTail | None
    unknown: int


def scan(path: Path, offset: int = 0, limit_bytes: int | None = None) -> Scan:
    """Returns the events of the segment at `path` from `offset` on.

    Args:
        path: the segment file.
        offset: 0, or `next_offset` of an earlier scan.
        limit_bytes: read about this many bytes only (at least one frame); None reads to the end.

    Raises:
        OSError: if the file cannot be read.
    """
    frames = scan_raw(path, offset, limit_bytes)
    events: list[tuple[int, Event]] = []
    damage = list(frames.damage)
    unknown = 0
    for position, payload in frames.payloads:
        try:
            event = decode(payload)
        except ValueError as error:
            damage.append(Damage(position, HEADER_SIZE + len(payload), str(error)))
            continue
        if event is None:
            unknown += 1
        else:
            events.append((position, event))
    damage.sort()
    return Scan(events, frames.next_offset, tuple(damage), frames.torn, unknown)


def scan_raw(path: Path, offset: int = 0, limit_bytes: int | None = None) -> Frames:
    """Returns the undecoded frames of the segment at `path`; arguments as for `scan`.

    A payload whose checksum holds is returned even if it is no event: decode it with `events.codec.decode`.

    Raises:
        OSError: if the file cannot be read.
    """
    with open(path, "rb", buffering=0) as file:
        fd = file.fileno()
        size = os.fstat(fd).st_size
        wanted = size - offset if limit_bytes is None else min(limit_bytes, size - offset)
        while True:
            data = _read(fd, offset, wanted)
            at_end = offset + len(data) >= size or len(data) < wanted
            frames = split(data, offset, at_end)
            if frames.payloads or frames.next_offset > offset or at_end:
                return frames
            wanted = _enough_for_one(data, offset, wanted)


def iter_events(path: Path, offset: int = 0) -> Iterator[tuple[int, Event]]:
    """Yields offset and event of a segment in turn, without holding more than a piece of the file in memory.

    Damage and unknown events are passed over in silence; use `scan` where they matter.

    Raises:
        OSError: if the file cannot be read.
    """
    while True:
        found = scan(path, offset, PIECE_BYTES)
        yield from found.events
        if found.next_offset == offset:
            return
        offset = found.next_offset


def _read(fd: int, offset: int, wanted: int) -> bytes:
    """Reads `wanted` bytes, or fewer if the file ends before; one read may return less than it was asked for."""
    pieces: list[bytes] = []
    while wanted > 0:
        piece = os.pread(fd, wanted, offset)
        if not piece:
            break
        pieces.append(piece)
        offset += len(piece)
        wanted -= len(piece)
    return b"".join(pieces)


def _enough_for_one(data: bytes, offset: int, wanted: int) -> int:
    """How much to read when `wanted` bytes held no whole frame: what the first one announces, else twice as much."""
    length = HEADER.unpack_from(data)[0] if offset > 0 and len(data) >= HEADER_SIZE else 0
    return max(2 * wanted, HEADER_SIZE + length if length <= MAX_PAYLOAD else 0, 4096)
