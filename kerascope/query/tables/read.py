"""Reads stored tables into frames: by digest, or as an entry of an artifact; joined and partitioned ones too.

Promises: only files that say they are tables are read, at most `MAX_BYTES` long; arrays are loaded when a cell of them is asked for.
Not for: keeping them in memory (`__init__.py`).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any, overload

import msgspec
import numpy as np

from kerascope.artifacts.content import read_entry
from kerascope.artifacts.manifest import Entry, Manifest
from kerascope.blobs.store import BlobStore
from kerascope.errors import NotFoundError, UsageError
from kerascope.query.tables.columns import Column
from kerascope.query.tables.frame import Frame, joined

MAX_BYTES = 1 << 30
MAX_SHOWN = 1024
"""Arrays of more numbers are told by their shape alone."""
MAX_ARRAY_BYTES = 256 << 20
Linked = Callable[[dict[str, Any]], Frame]


def read_blob(blobs: BlobStore, sha256: str) -> bytes:
    """Returns the bytes of a table file.

    Raises:
        NotFoundError: if the store does not hold it.
        UsageError: if it is too long for a table.
    """
    file = blobs.path(sha256)
    if not file.is_file():
        raise NotFoundError(f"The store must hold this table. Received: sha256={sha256}.")
    if file.stat().st_size > MAX_BYTES:
        raise UsageError(f"A table may have {MAX_BYTES} bytes. Received: {file.stat().st_size}, sha256={sha256}.")
    return file.read_bytes()


def read_bytes(blobs: BlobStore, entry: Entry) -> bytes:
    """Returns the bytes of a table that is an entry of an artifact."""
    if entry.reference is not None or (entry.size or 0) > MAX_BYTES:
        raise UsageError(f"A table must be a stored file of at most {MAX_BYTES} bytes. Received: {entry.path!r}.")
    return b"".join(read_entry(blobs, entry))


def decode(data: bytes, blobs: BlobStore, linked: Linked, manifest: Manifest | None = None) -> Frame:
    """Returns the frame that the content of a table file describes.

    Args:
        data: The content.
        blobs: Where arrays are.
        linked: Gives the frame of a `table-file` map.
        manifest: Of the artifact that it is an entry of: the parts of a partitioned table are other entries.

    Raises:
        UsageError: if it is no table.
    """
    try:
        content = msgspec.json.decode(data)
        kind = content["_type"]
        if kind == "joined-table":
            on = (str(content["join_key"][0]), str(content["join_key"][1]))
            return joined(linked(content["table"]), linked(content["other_table"]), [on], "outer", "_2")
        if kind == "partitioned-table" and manifest is not None:
            return _partitioned(content, blobs, manifest)
        if kind != "table":
            raise KeyError(kind)
        return _frame(content, blobs)
    except (msgspec.DecodeError, KeyError, TypeError, IndexError, ValueError) as error:
        raise UsageError(
            f"The file must be a table. Received: another one ({type(error).__name__}: {error})."
        ) from None


def _frame(content: dict[str, Any], blobs: BlobStore) -> Frame:
    rows = content["data"]
    names = [str(name) for name in content["columns"]]
    cells: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    columns = [
        Column(name, described, _Arrays(described, len(rows), blobs) if "file" in described else own)
        for name, described, own in zip(names, content["column_types"], cells, strict=True)
    ]
    return Frame(columns, np.arange(len(rows)))


def _partitioned(content: dict[str, Any], blobs: BlobStore, manifest: Manifest) -> Frame:
    prefix = f"{str(content['parts_path']).strip('/')}/"
    parts = [
        _frame(msgspec.json.decode(read_bytes(blobs, entry)), blobs)
        for entry in sorted(manifest.entries, key=lambda entry: entry.path)
        if entry.path.startswith(prefix) and entry.path.endswith(".table.json")
    ]
    if not parts or any(list(part.columns) != list(parts[0].columns) for part in parts):
        raise UsageError(f"The parts of a partitioned table must have the same columns. Received: {len(parts)} parts.")
    columns = [
        Column(name, first.described, [cell for part in parts for cell in _cells(part.columns[name])])
        for name, first in parts[0].columns.items()
    ]
    return Frame(columns, np.arange(sum(map(len, parts))))


def _cells(column: Column) -> list[Any]:
    return [column.cell(row) for row in range(len(column))]


class _Arrays(Sequence[Any]):
    """The cells of a column whose arrays lie in an npz file, which is read when the first is asked for."""

    def __init__(self, described: dict[str, Any], count: int, blobs: BlobStore) -> None:
        self._described, self._count, self._blobs = described, count, blobs
        self._found: dict[int, Any] | None = None

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Any: ...

    @overload
    def __getitem__(self, at: slice) -> list[Any]: ...

    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            return [self[row] for row in range(*at.indices(self._count))]
        if not 0 <= at < self._count:
            raise IndexError(at)
        shape = self._described.get("shape", [])
        size = int(np.prod(shape))
        if size > MAX_SHOWN or size * self._count * np.dtype(self._described["dtype"]).itemsize > MAX_ARRAY_BYTES:
            return {"_type": "ndarray", "shape": shape}
        if self._found is None:
            self._found = self._load()
        return self._found.get(at)

    def _load(self) -> dict[int, Any]:
        data = self._blobs.read(self._described["file"]["sha256"])
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            return dict(zip(archive["rows"].tolist(), archive["data"].tolist(), strict=True))
