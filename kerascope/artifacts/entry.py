"""The files of a committed artifact, as users see them.

Promises: what is written out was checked by its digest; references to other machines are never fetched.
Not for: the records in the manifest (see `manifest.py`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kerascope.artifacts.content import copy_checked, hash_file, read_entry, safe_target, write_entry
from kerascope.artifacts.manifest import Entry
from kerascope.artifacts.sources import file_of_uri
from kerascope.errors import UsageError
from kerascope.terminal import termwarn

if TYPE_CHECKING:
    from kerascope.blobs.store import BlobStore


class ArtifactManifest(NamedTuple):
    """The contents of an artifact: `entries` by path."""

    entries: dict[str, ArtifactEntry]


class ArtifactEntry:
    """One file of a committed artifact.

    Attributes:
        path: its name in the artifact.
        size: bytes, None if unknown.
        digest: sha256 of its content, or the address of a reference without checksum.
        ref: the address, None for stored files.
    """

    def __init__(self, entry: Entry, blobs: BlobStore | None, root: Path) -> None:
        self._entry, self._blobs, self._root = entry, blobs, root
        self.path = self.name = entry.path
        self.size = entry.size
        self.digest = entry.digest
        self.ref = entry.reference

    def ref_target(self) -> str:
        """Returns the address of a reference.

        Raises:
            UsageError: if the entry is a stored file.
        """
        if self.ref is None:
            raise UsageError(f"Only references have a target. Received: entry {self.path!r}, which is a stored file.")
        return self.ref

    def download(self, root: str | os.PathLike[str] | None = None) -> str:
        """Writes the file below `root` (default: as `Artifact.download`), checked by its digest, and returns its path.

        Raises:
            UsageError: if the artifact was not logged.
            NotFoundError: if the content is gone.
            StoreError: if it is damaged or a link leads out of the folder.
        """
        folder = self._root if root is None else Path(root)
        folder.mkdir(parents=True, exist_ok=True)
        return str(write_out(self._blobs, self._entry, folder))

    def read_bytes(self) -> bytes:
        """Returns the content; of a stored file or a local reference.

        Raises:
            UsageError: if the artifact was not logged, or the reference is to another machine.
            NotFoundError: if the content is gone.
            StoreError: if it is too short; other damage shows at `download`.
        """
        if self.ref is not None:
            return _local_reference(self._entry).read_bytes()
        if self._blobs is None:
            raise UsageError(f"Only an artifact that was logged can be read. Received: entry {self.path!r}.")
        return b"".join(read_entry(self._blobs, self._entry))

    def __repr__(self) -> str:
        return f"ArtifactEntry({self.path!r}, {self.size} bytes)"


def write_out(blobs: BlobStore | None, entry: Entry, folder: Path) -> Path:
    """Writes one entry below `folder` and returns its path.

    A local reference is copied; any other is left where it is, and that is said.

    Raises:
        UsageError: if the artifact was not logged.
        NotFoundError: if the content is gone.
        StoreError: if it is damaged, or a link leads out of the folder.
    """
    if entry.reference is not None:
        return _copy_reference(entry, folder)
    if blobs is None:
        raise UsageError(f"Only an artifact that was logged can be written out. Received: entry {entry.path!r}.")
    return write_entry(blobs, entry, folder)


def remove_others(folder: Path, entries: Iterable[Entry]) -> None:
    """Removes every file below `folder` that is no entry, and the folders that are empty then; links are not followed."""
    wanted = {entry.path for entry in entries}
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(folder).as_posix() not in wanted:
            path.unlink()


def folder_differences(folder: Path, entries: Iterable[Entry]) -> list[str]:
    """Returns what keeps the files below `folder` from being exactly the entries, one sentence each; empty if nothing does."""
    wanted = {entry.path: entry for entry in entries}
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    wrong = [f"missing {path}" for path in sorted(set(wanted) - present) if _can_be_fetched(wanted[path])]
    wrong += [f"not part of it: {path}" for path in sorted(present - set(wanted))]
    wrong += [
        f"different {path}"
        for path in sorted(present & set(wanted))
        if wanted[path].sha256 is not None and hash_file(folder / path) != wanted[path].sha256
    ]
    return wrong


def _can_be_fetched(entry: Entry) -> bool:
    return entry.reference is None or file_of_uri(entry.reference) is not None


def _local_reference(entry: Entry) -> Path:
    path = file_of_uri(entry.reference or "")
    if path is None:
        raise UsageError(
            f"Only local references can be read here. Received: {entry.reference}. Fetch it with the tools of that place."
        )
    return path


def _copy_reference(entry: Entry, folder: Path) -> Path:
    """Copies a local reference, checked by its digest; any other is left where it is, and that is said."""
    source = file_of_uri(entry.reference or "")
    if source is None:
        termwarn(
            f"The reference {entry.reference} is not downloaded; kerascope opens no network connection.", repeat=False
        )
        return folder / entry.path
    return copy_checked(source, entry, safe_target(folder, entry.path))
