"""Files that become blobs without a second copy: by hard link or by moving them.

Promises: as `BlobStore`; the file must not be written to from now on, which the caller vouches for. It is made read-only (its blob
is the same file). Where a link is impossible (another file system) the bytes are copied.
Not for: files that someone may still change; `BlobStore.put_file` copies those.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from kerascope.blobs.store import BlobRef, BlobStore


def link_file(blobs: BlobStore, path: Path) -> BlobRef:
    """Stores the file at `path`, which will never be written to again, as a hard link to it.

    Raises:
        OSError: if the file cannot be read or the blob not be written.
    """
    ref = _hash_file(path)
    target = blobs.path(ref.sha256)
    if _renew(target, ref.size_bytes):
        return ref
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _seal(path)
        os.link(path, target)
    except FileExistsError:
        _renew(target, ref.size_bytes)
    except OSError:
        return blobs.put_file(path)
    _sync_folders(target.parent)
    return ref


def move_file(blobs: BlobStore, path: Path) -> BlobRef:
    """Stores the file at `path` and removes it there.

    Raises:
        OSError: if the file cannot be read or the blob not be written.
    """
    ref = link_file(blobs, path)
    path.unlink(missing_ok=True)
    return ref


def renew(blobs: BlobStore, sha256: str) -> bool:
    """Returns whether the blob is here, and marks it as in use again, so that no sweep takes it for an orphan."""
    target = blobs.path(sha256)
    try:
        return _renew(target, target.stat().st_size)
    except FileNotFoundError:
        return False


def _hash_file(path: Path) -> BlobRef:
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return BlobRef(digest.hexdigest(), file.tell())


def _renew(target: Path, size_bytes: int) -> bool:
    try:
        if target.stat().st_size != size_bytes:
            return False
        with contextlib.suppress(PermissionError):  # a shared store: the file belongs to another user
            os.utime(target)
    except FileNotFoundError:
        return False
    return True


def _seal(path: Path) -> None:
    """Makes the file read-only and durable; its time becomes now, since the blob is as young as this call."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fchmod(fd, os.fstat(fd).st_mode & ~0o222)
        os.utime(fd)
        os.fsync(fd)
    finally:
        os.close(fd)


def _sync_folders(*folders: Path) -> None:
    for folder in folders:
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
