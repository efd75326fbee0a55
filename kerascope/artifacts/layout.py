"""What a file consists of: its named parts and where in the file they lie, so that two versions can be compared part by part.

    .h5, .hdf5        one part per HDF5 dataset (or per chunk of it)
    .keras, .npz, .zip, .pt, ...   one part per uncompressed member; an HDF5 member is taken apart further
    anything else     no named parts

Promises: reads headers only, never raises for a damaged or strange file (it then has no named parts); h5py is loaded only for HDF5.
Not for: deciding what is shared (see `delta.py`).
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

_HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
_ZIP_MAGIC = b"PK\x03\x04"


class Part(NamedTuple):
    """Named bytes of a file."""

    name: str
    offset: int
    size: int


def parts_of(path: Path) -> list[Part]:
    """Returns the named parts of the file at `path`, in no order; empty if it has none."""
    with open(path, "rb") as file:
        return parts_of_stream(file)


def parts_of_stream(file: BinaryIO) -> list[Part]:
    """Returns the named parts of an open, seekable file."""
    file.seek(0)
    magic = file.read(8)
    try:
        if magic == _HDF5_MAGIC:
            return list(_hdf5_parts(file, "", 0))
        if magic[:4] == _ZIP_MAGIC:
            return list(_zip_parts(file))
    except (OSError, ValueError, KeyError, RuntimeError, ImportError, zipfile.BadZipFile, struct.error):
        return []  # strange or damaged: it is stored as it is
    return []


def _zip_parts(file: BinaryIO) -> Iterator[Part]:
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
    for member in members:
        offset = _member_offset(file, member)
        if member.compress_type == zipfile.ZIP_STORED and member.file_size > 0:
            file.seek(offset)
            if file.read(8) == _HDF5_MAGIC:
                window = Window(file, offset, member.file_size)
                yield from _hdf5_parts(io.BufferedReader(window, 1 << 16), f"{member.filename}!", offset)
                continue
        yield Part(member.filename, offset, member.compress_size)


def _member_offset(file: BinaryIO, member: zipfile.ZipInfo) -> int:
    """Where the data of a member begin: behind its local header, whose name and extra field may differ from the directory's."""
    file.seek(member.header_offset)
    header = file.read(30)
    name_size, extra_size = struct.unpack("<HH", header[26:30])
    return member.header_offset + 30 + int(name_size) + int(extra_size)


def _hdf5_parts(file: Any, prefix: str, base: int) -> Iterator[Part]:
    import h5py

    found: list[Part] = []

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found.extend(Part(f"{prefix}{name}{key}", base + offset, size) for key, offset, size in _extents(item))

    with h5py.File(file, "r") as archive:
        archive.visititems(visit)
    yield from found


def _extents(dataset: Any) -> Iterator[tuple[str, int, int]]:
    if dataset.chunks is None:
        offset, size = dataset.id.get_offset(), int(dataset.id.get_storage_size())
        if offset is not None and size > 0:
            yield "", int(offset), size
        return
    for index in range(dataset.id.get_num_chunks()):
        chunk = dataset.id.get_chunk_info(index)
        yield f"@{chunk.chunk_offset}", int(chunk.byte_offset), int(chunk.size)


class Window(io.RawIOBase):
    """Part of an open file as a read-only file of its own."""

    def __init__(self, file: BinaryIO, offset: int, size: int) -> None:
        super().__init__()
        self._file, self._offset, self._size, self._position = file, offset, size, 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves the position, as in any file."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Fills `buffer` from the position on."""
        view = memoryview(buffer).cast("B")
        wanted = max(0, min(len(view), self._size - self._position))
        self._file.seek(self._offset + self._position)
        data = self._file.read(wanted)
        view[: len(data)] = data
        self._position += len(data)
        return len(data)
