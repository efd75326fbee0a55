"""Files that become blobs without a second copy, by hard link or by moving them; and many small contents at once.

Promises: as `BlobStore`. A file that is linked must not be written to from now on, which the caller vouches for. It is made read-only
(its blob is the same file). Where a link is impossible (another file system) the bytes are copied.
Not for: files that someone may still change; `BlobStore.put_file` copies those.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from kerascope.blobs.store import TEMPORARY_SUFFIX, BlobRef, BlobStore, describe
from kerascope.disk import sync_folder


def link_file(blobs: BlobStore, path: Path) -> BlobRef:
    """Stores the file at `path`, which will never be written to again, as a hard link to it.

    Raises:
        OSError: if the file cannot be read or the blob not be written.
    """
    with open(path, "rb") as file:
        ref = describe(file)
    if blobs.touch(ref):
        return ref
    target = blobs.path(ref.sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _seal(path)
        os.link(path, target)
    except FileExistsError:  # another process was quicker, or what is there is not whole
        return ref if blobs.touch(ref) else blobs.put_file(path)
    except OSError:
        return blobs.put_file(path)
    sync_folder(target.parent)
    return ref


def move_file(blobs: BlobStore, path: Path) -> BlobRef:
    """Stores the file at `path` and removes it there.

    Raises:
        OSError: if the file cannot be read or the blob not be written.
    """
    ref = link_file(blobs, path)
    path.unlink(missing_ok=True)
    return ref


def put_many(blobs: BlobStore, contents: Iterable[bytes]) -> list[BlobRef]:
    """Stores several contents and returns their names, in order.

    Durable on return like `put_bytes`, but the disk is waited for once for all of them (some thousand a second instead of 300).

    Raises:
        OSError: if they cannot be written.
    """
    refs: list[BlobRef] = []
    waiting: dict[BlobRef, Path] = {}
    try:
        for data in contents:
            ref = BlobRef(hashlib.sha256(data).hexdigest(), len(data))
            refs.append(ref)
            if ref not in waiting and not blobs.touch(ref):
                waiting[ref] = _write_temporary(blobs, data)
        if waiting:
            _sync_file_system(blobs.folder)
            for ref, temporary in waiting.items():
                blobs.path(ref.sha256).parent.mkdir(exist_ok=True)
                os.replace(temporary, blobs.path(ref.sha256))
            _sync_file_system(blobs.folder)
    finally:
        for temporary in waiting.values():
            temporary.unlink(missing_ok=True)
    return refs


def _write_temporary(blobs: BlobStore, data: bytes) -> Path:
    blobs.folder.mkdir(parents=True, exist_ok=True)
    path = blobs.folder / f"{os.getpid()}-{secrets.token_hex(8)}{TEMPORARY_SUFFIX}"
    with open(path, "xb") as file:
        file.write(data)
        os.fchmod(file.fileno(), os.fstat(file.fileno()).st_mode & ~0o222)
    return path


def _sync_file_system(folder: Path) -> None:
    """Makes everything written so far on the folder's file system survive a power cut; on all of them where that cannot be told."""
    try:
        sync = ctypes.CDLL(None, use_errno=True).syncfs
    except (OSError, AttributeError):
        os.sync()
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        if sync(fd) != 0:
            raise OSError(ctypes.get_errno(), "the file system could not be synced", str(folder))
    finally:
        os.close(fd)


def renew(blobs: BlobStore, sha256: str) -> bool:
    """Returns whether the blob is here, and marks it as in use again, so that no sweep takes it for an orphan."""
    try:
        return blobs.touch(BlobRef(sha256, blobs.path(sha256).stat().st_size))
    except FileNotFoundError:
        return False


def _seal(path: Path) -> None:
    """Makes the file read-only and durable; its time becomes now, since the blob is as young as this call."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fchmod(fd, os.fstat(fd).st_mode & ~0o222)
        os.utime(fd)
        os.fsync(fd)
    finally:
        os.close(fd)
