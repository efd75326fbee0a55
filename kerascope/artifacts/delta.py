"""Which bytes of a new file an earlier version of it has already: so that a checkpoint with a frozen backbone is stored once.

The two files are lined up by their named parts (`layout.py`: HDF5 datasets, zip members), and what has no name by its distance from
the start and from the end. Along these lines, blocks of 64 KiB (1 KiB between the parts) are compared byte by byte. What is equal becomes a
reference to the blobs of the earlier version; the rest goes, joined, into one new blob. Nothing is hashed for it, and no rolling hash
is needed: comparing memory is several times faster than either (docs/decisions).

Promises: the pieces, joined in order, are the new file. Not for: the blob store itself (see `ingest.py`).
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from kerascope.artifacts.layout import Part
from kerascope.artifacts.manifest import Piece

BLOCK = 64 * 1024
GAP_BLOCK = 1024
"""Between named parts lie headers, of which a checkpoint with hundreds of variables has hundreds of kilobytes."""
MIN_SIZE = 1 << 20
"""Files below 1 MiB are always stored whole."""
MIN_SHARED = 0.5
"""A file that shares less than this fraction with its predecessor is stored whole."""
MAX_PIECES = 20_000

Bytes = np.ndarray[Any, np.dtype[np.uint8]]


class Line(NamedTuple):
    """`size` bytes at `new` in the new file that may equal those at `old` in the earlier one, block by block."""

    new: int
    old: int
    size: int
    block: int = BLOCK


class Copied(NamedTuple):
    """Bytes of the new file that are new: `size` bytes from `offset`."""

    offset: int
    size: int


class EarlierFile:
    """The bytes of an earlier version, which may lie in pieces of several blobs.

    Args:
        pieces: the pieces in order, each with the path of its blob.
    """

    def __init__(self, pieces: Sequence[tuple[Piece, Path]]) -> None:
        self._open = ExitStack()
        maps: dict[str, Bytes] = {}
        self._starts: list[int] = []
        self._parts: list[tuple[Piece, Bytes]] = []
        self.size = 0
        for piece, path in pieces:
            if piece.sha256 not in maps:
                maps[piece.sha256] = map_file(path, self._open)
            content = maps[piece.sha256][piece.offset : piece.offset + piece.size]
            if len(content) == piece.size > 0:
                self._starts.append(self.size)
                self._parts.append((piece, content))
                self.size += piece.size

    def close(self) -> None:
        """Lets go of the blobs."""
        self._parts.clear()
        self._open.close()

    def slices(self, offset: int, size: int) -> Iterator[tuple[Piece, Bytes]]:
        """Yields the bytes from `offset` on, at most `size`, each stretch with the piece that stands for it."""
        index = int(np.searchsorted(self._starts, offset, side="right")) - 1
        while size > 0 and 0 <= index < len(self._parts):
            piece, content = self._parts[index]
            skip = offset - self._starts[index]
            count = min(size, piece.size - skip)
            yield Piece(piece.sha256, count, piece.offset + skip), content[skip : skip + count]
            offset, size, index = offset + count, size - count, index + 1


def map_file(path: Path, stack: ExitStack) -> Bytes:
    """Returns a file as a read-only array of bytes that lives as long as `stack`."""
    file = stack.enter_context(path.open("rb"))
    if file.seek(0, 2) == 0:
        return np.zeros(0, np.uint8)
    return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)


def line_up(new_size: int, new: Iterable[Part], old_size: int, old: Iterable[Part]) -> list[Line]:
    """Returns the lines along which two files should be compared, in the order of the new file, without overlap.

    Parts match by name; if their sizes differ, from their start. Files without matching parts are compared from the start, and behind
    that from the end.
    """
    known = {part.name: part for part in old}
    lines: list[Line] = []
    end = 0
    for part in sorted(new, key=lambda part: part.offset):
        same = known.get(part.name)
        if same is not None and part.offset >= end and part.offset + part.size <= new_size:
            is_alike = part.size == same.size
            lines.append(Line(part.offset, same.offset, min(part.size, same.size), BLOCK if is_alike else GAP_BLOCK))
            end = part.offset + part.size
    return _with_gaps(lines, new_size, old_size) if lines else [Line(0, 0, min(new_size, old_size))]


def _with_gaps(lines: list[Line], new_size: int, old_size: int) -> list[Line]:
    """The lines, and between them what lies in front of each, at the distance it has from it."""
    result: list[Line] = []
    end = 0
    for line in lines:
        gap = min(line.new - end, line.old)
        if gap > 0:
            result.append(Line(line.new - gap, line.old - gap, gap, GAP_BLOCK))
        result.append(line)
        end = line.new + line.size
    last = lines[-1]
    rest = min(new_size - end, old_size - last.old - last.size)
    return [*result, Line(end, last.old + last.size, rest, GAP_BLOCK)] if rest > 0 else result


def compare(new: Bytes, old: EarlierFile, lines: Iterable[Line], start: int = 0) -> list[Piece | Copied]:
    """Returns the new file, from `start` on, as pieces of the earlier one and stretches of new bytes, in order."""
    steps: list[Piece | Copied] = []
    position = start
    for line in lines:
        _add(steps, Copied(position, line.new - position))
        position = line.new
        for piece, content in old.slices(line.old, line.size):
            _compare_stretch(steps, new, position, piece, content, line.block)
            position += piece.size
        # The earlier file may end before the line does.
        _add(steps, Copied(position, line.new + line.size - position))
        position = line.new + line.size
    _add(steps, Copied(position, len(new) - position))
    return steps


def compare_tail(new: Bytes, old: EarlierFile, steps: list[Piece | Copied]) -> list[Piece | Copied]:
    """Returns `steps` with its last new stretch compared again, lined up at the end: finds what was inserted or removed."""
    if not steps or not isinstance(steps[-1], Copied):
        return steps
    last = steps[-1]
    size = min(last.size, old.size)
    return steps[:-1] + compare(new, old, [Line(len(new) - size, old.size - size, size)], start=last.offset)


def _compare_stretch(
    steps: list[Piece | Copied], new: Bytes, position: int, piece: Piece, content: Bytes, block: int
) -> None:
    for start in range(0, piece.size, block):
        size = min(block, piece.size - start)
        if np.array_equal(new[position + start : position + start + size], content[start : start + size]):
            _add(steps, Piece(piece.sha256, size, piece.offset + start))
        else:
            _add(steps, Copied(position + start, size))


def _add(steps: list[Piece | Copied], step: Piece | Copied) -> None:
    """Appends a step, joined to the one before where the two are neighbours."""
    if step.size <= 0:
        return
    last = steps[-1] if steps else None
    if isinstance(step, Copied) and isinstance(last, Copied) and last.offset + last.size == step.offset:
        steps[-1] = Copied(last.offset, last.size + step.size)
    elif (
        isinstance(step, Piece)
        and isinstance(last, Piece)
        and last.sha256 == step.sha256
        and last.offset + last.size == step.offset
    ):
        steps[-1] = Piece(last.sha256, last.size + step.size, last.offset)
    else:
        steps.append(step)


def is_same_file(steps: Sequence[Piece | Copied], pieces: Iterable[Piece]) -> bool:
    """Returns whether the steps spell the file that consists of `pieces`."""
    joined: list[Piece | Copied] = []
    for piece in pieces:
        _add(joined, piece)
    return list(steps) == joined


def is_worthwhile(steps: Sequence[Piece | Copied], size: int) -> bool:
    """Returns whether storing the file as these steps saves enough."""
    shared = sum(step.size for step in steps if isinstance(step, Piece))
    return len(steps) <= MAX_PIECES and shared >= MIN_SHARED * size
