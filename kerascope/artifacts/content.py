"""The bytes of artifact entries: read, written out and checked.

Promises: a file that is written out is whole and has the digest that the manifest names, or it is not there at all; nothing is written
outside the folder asked for, whatever symbolic links lie in it. Not for: putting contents into the store (see `ingest.py`).
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from kerascope.artifacts.manifest import Entry
from kerascope.blobs.store import BlobStore
from kerascope.errors import StoreError

_BLOCK = 1 << 20


def read_entry(blobs: BlobStore, entry: Entry) -> Iterator[bytes]:
    """Yields the content of an entry in blocks of at most 1 MiB.

    Raises:
        NotFoundError: if a blob is missing.
        StoreError: if a blob is shorter than the manifest says.
    """
    for piece in entry.pieces:
        with blobs.open(piece.sha256) as file:
            file.seek(piece.offset)
            left = piece.size
            while left > 0:
                block = file.read(min(_BLOCK, left))
                if not block:
                    raise StoreError(f"A blob is too short. Received: blob {piece.sha256} in entry {entry.path!r}.")
                left -= len(block)
                yield block


class EntryFile(io.RawIOBase):
    """The content of an entry as a seekable, read-only file; blobs are opened one at a time."""

    def __init__(self, blobs: BlobStore, entry: Entry) -> None:
        super().__init__()
        self._blobs, self._entry, self._position = blobs, entry, 0
        self._current: tuple[str, BinaryIO] | None = None

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves the position, as in any file."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._entry.size or 0}[whence]
        self._position = max(0, start + offset)
        return self._position

    def tell(self) -> int:
        """Returns the position."""
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Fills `buffer` from the position on, as far as the content goes."""
        view = memoryview(buffer).cast("B")
        done, start = 0, 0
        for piece in self._entry.pieces:
            skip = self._position - start
            start += piece.size
            if not 0 <= skip < piece.size:
                continue
            file = self._open(piece.sha256)
            file.seek(piece.offset + skip)
            data = file.read(min(len(view) - done, piece.size - skip))
            view[done : done + len(data)] = data
            done += len(data)
            self._position += len(data)
            if done == len(view):
                break
        return done

    def _open(self, sha256: str) -> BinaryIO:
        if self._current is None or self._current[0] != sha256:
            self._release()
            self._current = (sha256, self._blobs.open(sha256))
        return self._current[1]

    def _release(self) -> None:
        if self._current is not None:
            self._current[1].close()
            self._current = None

    def close(self) -> None:
        """Lets go of the blobs."""
        self._release()
        super().close()


def hash_entry(blobs: BlobStore, entry: Entry) -> str:
    """Returns the sha256 of the content as it is in the store now."""
    digest = hashlib.sha256()
    for block in read_entry(blobs, entry):
        digest.update(block)
    return digest.hexdigest()


def hash_file(path: Path) -> str:
    """Returns the sha256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def safe_target(root: Path, relative: str) -> Path:
    """Returns where the entry `relative` goes below `root`; makes its folders.

    Raises:
        StoreError: if a symbolic link in the way leads out of `root`, or a folder stands where the file should.
    """
    target = root / relative
    inside = root.resolve()
    folder = root
    for part in Path(relative).parts[:-1]:
        folder = folder / part
        if not folder.resolve().is_relative_to(inside):
            raise StoreError(
                f"A symbolic link leads out of the folder. Received: {folder} for entry {relative!r}. Remove the link."
            )
        folder.mkdir(exist_ok=True)
    if target.is_dir() and not target.is_symlink():
        raise StoreError(f"A folder stands where a file should be written. Received: {target}. Remove it.")
    return target


def write_entry(blobs: BlobStore, entry: Entry, root: Path) -> Path:
    """Writes an entry below `root` and returns its path; a file that is there with the same content is left alone.

    Raises:
        NotFoundError: if a blob is missing.
        StoreError: if the content is not what the manifest says; nothing is written then.
        OSError: if it cannot be written.
    """
    return _write_checked(read_entry(blobs, entry), entry, safe_target(root, entry.path))


def copy_checked(source: Path, entry: Entry, target: Path) -> Path:
    """Copies the file that a reference names to `target`; if its sha256 is known, it must still be the same.

    Raises:
        StoreError: if the file is gone or has changed.
    """
    try:
        with open(source, "rb") as file:
            return _write_checked(iter(lambda: file.read(_BLOCK), b""), entry, target)
    except FileNotFoundError:
        raise StoreError(f"A referenced file is gone. Received: {entry.reference}.") from None


def _write_checked(blocks: Iterator[bytes], entry: Entry, target: Path) -> Path:
    if _is_same(target, entry):
        return target
    temporary = target.parent / f".{secrets.token_hex(8)}.part"
    digest = hashlib.sha256()
    try:
        with open(temporary, "xb") as file:
            for block in blocks:
                digest.update(block)
                file.write(block)
        if entry.sha256 not in (None, digest.hexdigest()):
            raise StoreError(
                f"The content is not what it was. Received: entry {entry.path!r} with sha256 {digest.hexdigest()}, expected "
                f"{entry.sha256}. `kerascope artifacts verify` lists all damage."
            )
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
    return target


def _is_same(target: Path, entry: Entry) -> bool:
    if target.is_symlink() or not target.is_file() or target.stat().st_size != entry.size:
        return False
    return hash_file(target) == entry.sha256
