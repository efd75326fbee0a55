"""What can be added to an artifact, a file, an object or a reference, and how each becomes entries at commit.

Promises: files are taken at commit; a file that changed since it was added is refused by name, never stored half old, half new.
Not for: which names are taken (see `draft.py`), and versions (see `store.py`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from kerascope.artifacts.content import hash_file
from kerascope.artifacts.ingest import Mode, ingest
from kerascope.artifacts.manifest import Entry
from kerascope.blobs.refs import all_references
from kerascope.blobs.store import BlobStore
from kerascope.errors import UsageError, WrongValueError
from kerascope.media.base import Media, dump_json

Policy = Literal["mutable", "immutable"]


@dataclass(frozen=True)
class FileSource:
    """A file to be taken at commit."""

    path: Path
    size: int
    time_ns: int
    mode: Mode

    @classmethod
    def of(cls, path: Path, mode: Mode) -> FileSource:
        """Returns the source for the file as it is now.

        Raises:
            WrongValueError: if it is no regular file that can be read.
        """
        if not path.is_file() or not os.access(path, os.R_OK):
            raise WrongValueError(f"Only an existing, readable file can be added. Received: path={str(path)!r}.")
        state = path.stat()
        return cls(path.absolute(), state.st_size, state.st_mtime_ns, mode)

    def to_entries(self, blobs: BlobStore, name: str, earlier: Sequence[Entry]) -> list[Entry]:
        """Stores the file and returns its entry.

        Raises:
            UsageError: if the file is gone or has changed since it was added.
        """
        try:
            state = self.path.stat()
        except FileNotFoundError:
            raise UsageError(
                f"A file was removed before its artifact was logged. Received: {self.path}. Log the artifact first."
            ) from None
        if (state.st_size, state.st_mtime_ns) != (self.size, self.time_ns):
            raise UsageError(
                f"A file changed after it was added to an artifact. Received: {self.path}. Log the artifact before the file is "
                "written again, or write it with `artifact.new_file(name)`."
            )
        return [ingest(blobs, self.path, name, self.mode, earlier)]


@dataclass(frozen=True)
class ObjectSource:
    """A table, image or other media value."""

    media: Media

    @property
    def size(self) -> int:
        """About its size; the exact one is known after the commit."""
        return self.media.size_bytes

    def to_entries(self, blobs: BlobStore, name: str, earlier: Sequence[Entry]) -> list[Entry]:
        """Stores the object and returns its entry and those of all files it refers to."""
        content = self.media.to_content(blobs)
        ref = blobs.put_bytes(dump_json(content))
        entries = [Entry(path=name, sha256=ref.sha256, size=ref.size_bytes)]
        for inner in all_references(content, blobs.read):
            entries.append(Entry(path=inner["path"], sha256=inner["sha256"], size=inner["size"]))
        return entries


@dataclass(frozen=True)
class ReferenceSource:
    """A place elsewhere whose content is not copied."""

    entry: Entry

    @property
    def size(self) -> int:
        """Its size, 0 if unknown."""
        return self.entry.size or 0

    def to_entries(self, blobs: BlobStore, name: str, earlier: Sequence[Entry]) -> list[Entry]:
        """Returns the entry."""
        return [self.entry]


Source = FileSource | ObjectSource | ReferenceSource


def file_of_uri(uri: str) -> Path | None:
    """Returns the path that a `file://` address names, None for other schemes."""
    parts = urlsplit(uri)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def reference_sources(uri: str, name: str | None, checksum: bool) -> dict[str, ReferenceSource]:
    """Returns the sources, by entry path, for a reference: one, or for a local folder one per file in it.

    Raises:
        WrongValueError: if `uri` has no scheme or names no file.
    """
    if not isinstance(uri, str) or not urlsplit(uri).scheme:
        raise WrongValueError(
            f"A reference must be an address such as file:///data/a.csv or s3://bucket/key. Received: uri={uri!r}."
        )
    local = file_of_uri(uri)
    if local is None:
        path = name or Path(unquote(urlsplit(uri).path)).name or hashlib.sha256(uri.encode()).hexdigest()[:20]
        return {path: ReferenceSource(Entry(path=path, reference=uri))}
    if local.is_dir():
        prefix = f"{name}/" if name else ""
        return {
            prefix + relative: ReferenceSource(_file_reference(path, prefix + relative, checksum))
            for relative, path in walk_files(local)
        }
    if not local.is_file():
        raise WrongValueError(f"A file reference must name an existing file or folder. Received: uri={uri!r}.")
    path = name or local.name
    return {path: ReferenceSource(_file_reference(local, path, checksum))}


def _file_reference(path: Path, name: str, checksum: bool) -> Entry:
    return Entry(
        path=name,
        sha256=hash_file(path) if checksum else None,
        size=path.stat().st_size,
        reference=path.absolute().as_uri(),
    )


def walk_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yields (path relative to `folder` with `/`, path) of all files below it, by name; symbolic links are followed.

    Raises:
        WrongValueError: if a link leads nowhere or into a folder it lies in, or something is neither file nor folder.
    """
    yield from _walk(folder, "", frozenset({os.path.realpath(folder)}))


def _walk(folder: Path, prefix: str, above: frozenset[str]) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            real = os.path.realpath(path)
            if real in above:
                raise WrongValueError(f"A link leads into a folder it lies in. Received: {path}. Remove the link.")
            yield from _walk(path, f"{prefix}{path.name}/", above | {real})
        elif path.is_file():
            yield prefix + path.name, path
        else:
            raise WrongValueError(
                f"Only files and folders can be added. Received: {path}. Remove it or add files one by one."
            )
