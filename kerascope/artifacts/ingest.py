"""Files on their way into the store: whole, or as pieces of what an earlier version has already.

Promises: the entry that is returned describes exactly the bytes the file had during the call; a file that changes meanwhile is stored
whole instead. All blobs are durable on return. Not for: names and versions (see `store.py`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import BinaryIO, Literal, cast

from kerascope.artifacts import delta
from kerascope.artifacts.content import EntryFile
from kerascope.artifacts.layout import Part, parts_of, parts_of_stream
from kerascope.artifacts.manifest import Entry, Piece
from kerascope.blobs.ingest import link_file, move_file, renew
from kerascope.blobs.store import BlobRef, BlobStore

Mode = Literal["copy", "link", "move"]


def ingest(blobs: BlobStore, path: Path, name: str, mode: Mode, earlier: Sequence[Entry] = ()) -> Entry:
    """Stores the file at `path` and returns its entry.

    Args:
        blobs: where to.
        path: the file.
        name: the entry's path.
        mode: "copy" leaves the file alone; "link" shares it (nobody will write to it again); "move" takes it away.
        earlier: the entries of the version before; the best match is taken as the base to compare with.

    Raises:
        OSError: if the file cannot be read or a blob not be written.
    """
    base = _find_base(name, path.stat().st_size, earlier)
    entry = _ingest_delta(blobs, path, name, base) if base is not None else None
    if entry is not None:
        if mode == "move":
            path.unlink()
        return entry
    put: dict[Mode, Callable[[BlobStore, Path], BlobRef]] = {
        "copy": lambda blobs, path: blobs.put_file(path),
        "link": link_file,
        "move": move_file,
    }
    ref = put[mode](blobs, path)
    return Entry(path=name, sha256=ref.sha256, size=ref.size_bytes)


def _find_base(name: str, size: int, earlier: Sequence[Entry]) -> Entry | None:
    """The entry of the same name, else the one of the same extension that is nearest in size."""
    large = [entry for entry in earlier if entry.pieces and (entry.size or 0) >= delta.MIN_SIZE]
    if size < delta.MIN_SIZE or not large:
        return None
    same = [entry for entry in large if entry.path == name]
    extension = os.path.splitext(name)[1]
    like = same or [entry for entry in large if os.path.splitext(entry.path)[1] == extension]
    return min(like, key=lambda entry: abs((entry.size or 0) - size), default=None)


def _ingest_delta(blobs: BlobStore, path: Path, name: str, base: Entry) -> Entry | None:
    """The file as pieces of `base` and one new blob; None if that does not pay, a blob is gone, or the file changed meanwhile."""
    if not all(renew(blobs, piece.sha256) for piece in base.pieces):
        return None
    before = _state(path)
    with ExitStack() as stack:
        old = stack.enter_context(closing(delta.EarlierFile([(p, blobs.path(p.sha256)) for p in base.pieces])))
        new = delta.map_file(path, stack)
        lines = delta.line_up(len(new), parts_of(path), old.size, _earlier_parts(blobs, base))
        steps = delta.compare_tail(new, old, delta.compare(new, old, lines))
        if not delta.is_worthwhile(steps, len(new)):
            return None
        is_equal = delta.is_same_file(steps, base.pieces)
        pieces = base.chunks if is_equal else tuple(_store_new_bytes(blobs, new, steps))
        sha256 = base.sha256 if is_equal else hashlib.sha256(new.data).hexdigest()
    if _state(path) != before:
        return None
    return Entry(path=name, sha256=sha256, size=before[0], chunks=pieces)


def _state(path: Path) -> tuple[int, int, int]:
    state = path.stat()
    return state.st_size, state.st_mtime_ns, state.st_ino


def _store_new_bytes(blobs: BlobStore, new: delta.Bytes, steps: Sequence[Piece | delta.Copied]) -> Iterator[Piece]:
    """Puts all new stretches into one blob; yields the pieces of the file in order."""
    copied = [step for step in steps if isinstance(step, delta.Copied)]
    if copied:
        ref = blobs.put_chunks(new[step.offset : step.offset + step.size].tobytes() for step in copied)
    position = 0
    for step in steps:
        if isinstance(step, Piece):
            yield step
        else:
            yield Piece(ref.sha256, step.size, position)
            position += step.size


def _earlier_parts(blobs: BlobStore, base: Entry) -> list[Part]:
    if not base.chunks:
        return parts_of(blobs.path(base.pieces[0].sha256))
    with ExitStack() as stack:
        return parts_of_stream(cast(BinaryIO, stack.enter_context(EntryFile(blobs, base))))
