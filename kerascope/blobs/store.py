"""Content-addressed files: `blobs/<first two hex digits>/<sha256 hex>` (`docs/formats/store.md`).

Promises: a blob that was returned is whole, named by its own content and survives a power cut; equal contents are stored once; a
blob never changes, whatever happens to the file it was made from. Any thread and process may put at the same time.
Not for: names and versions (see `artifacts`), or for deciding what may be deleted (see `blobs/sweep.py`).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from kerascope.disk import sync_folder
from kerascope.errors import NotFoundError, UsageError

CHUNK_BYTES: Final = 1 << 20
TEMPORARY_SUFFIX: Final = ".tmp"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}\Z")
_FICLONE: Final = 0x40049409  # Linux: share the blocks of another file, copy on write


class BlobRef(NamedTuple):
    """What a blob is called, and how long it is."""

    sha256: str
    size_bytes: int


def is_digest(text: object) -> bool:
    """Returns whether `text` is a SHA-256 in lower-case hex, as blobs are named."""
    return isinstance(text, str) and _DIGEST.match(text) is not None


class BlobStore:
    """The blobs in one folder, which is made when the first blob is put.

    Args:
        folder: `StorePaths.blobs`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    def path(self, sha256: str) -> Path:
        """Returns where the blob lies, or would lie.

        Raises:
            UsageError: if `sha256` is not 64 lower-case hex digits.
        """
        if not is_digest(sha256):
            raise UsageError(f"A blob is named by 64 lower-case hex digits. Received: sha256={sha256!r}.")
        return self.folder / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Returns whether the blob is here."""
        return self.path(sha256).is_file()

    def open(self, sha256: str) -> BinaryIO:
        """Returns the blob as a binary file, opened for reading.

        Raises:
            NotFoundError: if there is no such blob.
        """
        try:
            return open(self.path(sha256), "rb")
        except FileNotFoundError:
            raise NotFoundError(
                f"The blob is not in this store. Received: sha256={sha256}, folder={self.folder}. "
                "`kerascope doctor` lists what is missing."
            ) from None

    def read(self, sha256: str) -> bytes:
        """Returns the contents of the blob.

        Raises:
            NotFoundError: if there is no such blob.
        """
        with self.open(sha256) as file:
            return file.read()

    def put_bytes(self, data: bytes) -> BlobRef:
        """Stores `data`.

        Raises:
            OSError: if it cannot be written.
        """
        ref = BlobRef(hashlib.sha256(data).hexdigest(), len(data))
        if not self.touch(ref):
            with self._temporary() as (file, keep):
                file.write(data)
                keep(ref)
        return ref

    def put_chunks(self, chunks: Iterable[bytes]) -> BlobRef:
        """Stores the concatenation of `chunks`, holding only one of them in memory.

        Raises:
            OSError: if it cannot be written.
        """
        digest, size = hashlib.sha256(), 0
        with self._temporary() as (file, keep):
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
            ref = BlobRef(digest.hexdigest(), size)
            if not self.touch(ref):
                keep(ref)
        return ref

    def put_file(self, path: Path | str, *, link: bool = True) -> BlobRef:
        """Stores the contents that the file at `path` has now; later changes of the file do not reach the blob.

        Args:
            path: the file to read.
            link: share the blocks of the file where the file system can (copy on write); else the bytes are copied. A hard link
                is never made, since writing to the original would change the blob.

        Raises:
            OSError: if the file cannot be read or the blob not be written.
        """
        with open(path, "rb") as source:
            if link:
                with self._temporary() as (file, keep):
                    if _clone(source, file):
                        # The clone is hashed, not the original, which may change meanwhile.
                        file.seek(0)
                        ref = describe(file)
                        if not self.touch(ref):
                            keep(ref)
                        return ref
            return self.put_chunks(_chunks(source))

    def touch(self, ref: BlobRef) -> bool:
        """Returns whether the blob is here whole. Its time is renewed, so that no sweep takes it for an orphan."""
        target = self.path(ref.sha256)
        try:
            if target.stat().st_size != ref.size_bytes:
                return False
            os.utime(target)
        except FileNotFoundError:
            return False
        except PermissionError:  # a shared store: the file belongs to another user
            return True
        return True

    @contextlib.contextmanager
    def _temporary(self) -> Iterator[tuple[BinaryIO, Callable[[BlobRef], None]]]:
        """A new file, and the function that makes it a blob. Without that call the file is removed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{os.getpid()}-{secrets.token_hex(8)}{TEMPORARY_SUFFIX}"
        with open(path, "xb+") as file:
            try:
                yield file, lambda ref: self._keep(path, file, ref)
            finally:
                path.unlink(missing_ok=True)

    def _keep(self, temporary: Path, file: BinaryIO, ref: BlobRef) -> None:
        file.flush()
        os.fchmod(file.fileno(), os.fstat(file.fileno()).st_mode & ~0o222)  # read-only: a blob never changes
        os.fsync(file.fileno())
        target = self.path(ref.sha256)
        if not target.parent.is_dir():
            target.parent.mkdir(exist_ok=True)
            sync_folder(self.folder)
        os.replace(temporary, target)
        sync_folder(target.parent)


def _clone(source: BinaryIO, target: BinaryIO) -> bool:
    """Makes `target` share the blocks of `source`; False where the system or the file system cannot."""
    try:
        import fcntl

        fcntl.ioctl(target.fileno(), _FICLONE, source.fileno())
    except (ImportError, OSError):
        return False
    return True


def describe(file: BinaryIO) -> BlobRef:
    """Returns the sha256 and the size of an open file, which is at its beginning, and leaves it at its end."""
    digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]
    return BlobRef(digest.hexdigest(), file.tell())


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK_BYTES):
        yield chunk
