"""Tables as bytes (`docs/formats/tables.md`): a JSON file; arrays in one npz file a column; media and linked tables as blobs.

Promises: equal tables give equal bytes; what was written is read back with the same types. Not for: what may go into a table.
"""

from __future__ import annotations

import datetime
import io
import json
import math
import tempfile
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from kerascope.errors import StoreError, WrongValueError
from kerascope.media.base import Media, Value, media_path, store_ahead
from kerascope.media.load import is_media_value, load_media
from kerascope.media.table_types import ColumnType

if TYPE_CHECKING:
    from kerascope.blobs.store import BlobStore
    from kerascope.media.table import Table
    from kerascope.media.table_input import Column

FORMAT = 1
MAX_INLINE = 150
"""1-D arrays of up to this many numbers are lists in the JSON; all others go to an npz file."""

_SPELLED = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def encode_table(table: Table, types: list[ColumnType], blobs: BlobStore) -> dict[str, Value]:
    """Returns the content of the table file and writes the blobs it refers to.

    Raises:
        WrongValueError: if tables link to each other in a circle.
    """
    columns, rows = table.columns, table.data
    encoded = [
        _encode_column(table, name, kind, [row[at] for row in rows], blobs)
        for at, (name, kind) in enumerate(zip(columns, types, strict=True))
    ]
    return {
        "_type": "table",
        "format": FORMAT,
        "ncols": len(columns),
        "nrows": len(rows),
        "columns": columns,
        "column_types": [kind for kind, _ in encoded],
        "data": [list(row) for row in zip(*(cells for _, cells in encoded), strict=True)]
        if columns
        else [[] for _ in rows],
    }


def _encode_column(
    owner: Table, name: Column, kind: ColumnType, cells: list[Any], blobs: BlobStore
) -> tuple[dict[str, Value], list[Value]]:
    described: dict[str, Value] = {"kind": kind.kind or "none", "optional": kind.optional}
    if kind.kind == "ndarray":
        return _encode_arrays(described, kind, cells, blobs)
    if kind.kind == "media":
        described["media"] = kind.media
        store_ahead((cell for cell in cells if cell is not None), blobs)
    if kind.kind in ("foreignIndex", "foreignKey") and kind.table is not None:
        described["table"] = "self" if kind.table is owner else _encode_linked(kind.table, name, blobs)
        described |= {} if kind.key is None else {"key": kind.key}
    return described, [_encode_cell(cell, blobs) for cell in cells]


def _encode_linked(table: Table, name: Column, blobs: BlobStore) -> dict[str, Value]:
    try:
        return table.to_value(blobs, "", None)
    except RecursionError:
        raise WrongValueError(
            f"Tables must not link to each other in a circle. Received: column {name!r}, which leads back to its own table."
        ) from None


def _encode_cell(cell: Any, blobs: BlobStore) -> Value:
    if cell is None or isinstance(cell, bool):
        return cell
    if isinstance(cell, int):
        return int(cell)
    if isinstance(cell, float):
        return (
            float(cell) if math.isfinite(cell) else "NaN" if math.isnan(cell) else f"{'-' if cell < 0 else ''}Infinity"
        )
    if isinstance(cell, str):
        return str(cell)
    if isinstance(cell, Media):
        return cell.to_value(blobs, "", None)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat()
    if isinstance(cell, np.ndarray):
        return _encode_cell(cell.tolist(), blobs)
    if isinstance(cell, dict):
        return {key: _encode_cell(item, blobs) for key, item in cell.items()}
    if isinstance(cell, list):
        return [_encode_cell(item, blobs) for item in cell]
    return str(cell)


def _encode_arrays(
    described: dict[str, Value], kind: ColumnType, cells: list[Any], blobs: BlobStore
) -> tuple[dict[str, Value], list[Value]]:
    given = [(at, cell) for at, cell in enumerate(cells) if cell is not None]
    dtype = np.result_type(*{cell.dtype for _, cell in given}) if given else np.dtype(np.float64)
    described |= {"shape": list(kind.shape or ()), "dtype": dtype.str}
    if dtype.kind not in "biuf" or (len(kind.shape or ()) == 1 and (kind.shape or (0,))[0] <= MAX_INLINE):
        return described, [_encode_cell(cell, blobs) for cell in cells]
    described["file"] = _store_arrays(given, kind.shape or (), dtype, blobs)
    return described, [None] * len(cells)


def _store_arrays(
    given: list[tuple[int, np.ndarray[Any, Any]]], shape: tuple[int, ...], dtype: np.dtype[Any], blobs: BlobStore
) -> dict[str, Value]:
    """Writes the npz of a column through a file, array by array: the column may be larger than memory."""
    blobs.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=blobs.folder) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            with archive.open("rows.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.array([at for at, _ in given], np.int64), allow_pickle=False)
            with archive.open("data.npy", "w", force_zip64=True) as entry:
                head = {"descr": dtype.str, "fortran_order": False, "shape": (len(given), *shape)}
                np.lib.format.write_array_header_1_0(entry, head)
                for _, array in given:
                    entry.write(array.astype(dtype).tobytes())
        file.seek(0)
        ref = blobs.put_chunks(iter(lambda: file.read(1 << 20), b""))
    path = media_path("serialized_data", "", None, ref.sha256, "npz")
    return {"sha256": ref.sha256, "size": ref.size_bytes, "path": path}


def read_table(reference: dict[str, Value], blobs: BlobStore, seen: dict[str, Table] | None = None) -> Table:
    """Returns the table that a `table-file` map refers to.

    Args:
        reference: a map with `sha256`.
        blobs: where the files are.
        seen: tables read already, by sha256: two columns that link to one table link to one object.

    Raises:
        NotFoundError: if a blob is missing.
        StoreError: if it is no table file.
    """
    seen = {} if seen is None else seen
    digest = reference["sha256"]
    if digest not in seen:
        try:
            content = json.loads(blobs.read(digest))
        except ValueError as error:
            raise StoreError(f"The blob is no table. Received: sha256={digest}. {error}") from error
        seen[digest] = decode_table(content, blobs, seen)
    return seen[digest]


def decode_table(content: dict[str, Value], blobs: BlobStore, seen: dict[str, Table]) -> Table:
    """Returns the table that the content of a table file describes.

    Args:
        content: as `docs/formats/tables.md` says.
        blobs: the store with the files of its cells.
        seen: tables by digest that are read already; those that this one links to are added.

    Raises:
        StoreError: if it is no table, or of a newer format.
    """
    from kerascope.media.table import Table

    if content.get("_type") != "table" or int(content.get("format", 1)) > FORMAT:
        raise StoreError(
            f"This is no table file of a known format. Received: _type={content.get('_type')!r}, "
            f"format={content.get('format')!r}."
        )
    described, rows = content["column_types"], content["data"]
    types = [_decode_type(kind, blobs, seen) for kind in described]
    cells = [
        _decode_column(kind, typed, [row[at] for row in rows], blobs)
        for at, (kind, typed) in enumerate(zip(described, types, strict=True))
    ]
    data = [list(row) for row in zip(*cells, strict=True)] if cells else [[] for _ in rows]
    return Table.of_parts(list(content["columns"]), types, data)


def _decode_type(described: dict[str, Value], blobs: BlobStore, seen: dict[str, Table]) -> ColumnType:
    kind = described["kind"]
    return ColumnType(
        kind=None if kind == "none" else kind,
        optional=described.get("optional", True),
        shape=tuple(described["shape"]) if "shape" in described else None,
        media=described.get("media"),
        table=read_table(described["table"], blobs, seen) if isinstance(described.get("table"), dict) else None,
        key=described.get("key"),
    )


def _decode_column(described: dict[str, Value], typed: ColumnType, cells: list[Value], blobs: BlobStore) -> list[Any]:
    if typed.kind == "ndarray":
        return _decode_arrays(described, cells, blobs)
    if typed.kind == "number":
        return [_SPELLED.get(cell, cell) if isinstance(cell, str) else cell for cell in cells]
    if typed.kind == "timestamp":
        return [None if cell is None else datetime.datetime.fromisoformat(cell) for cell in cells]
    if typed.kind in ("media", "any", "list"):
        return [_decode_cell(cell, blobs) for cell in cells]
    return cells


def _decode_cell(cell: Value, blobs: BlobStore) -> Any:
    if is_media_value(cell):
        return load_media(cell, blobs)
    return [_decode_cell(item, blobs) for item in cell] if isinstance(cell, list) else cell


def _decode_arrays(described: dict[str, Value], cells: list[Value], blobs: BlobStore) -> list[Any]:
    dtype = np.dtype(described["dtype"])
    if "file" not in described:
        return [None if cell is None else np.array(_numbers(cell), dtype) for cell in cells]
    with np.load(io.BytesIO(blobs.read(described["file"]["sha256"])), allow_pickle=False) as archive:
        rows, data = archive["rows"], archive["data"]
    arrays: list[Any] = [None] * len(cells)
    for row, array in zip(rows.tolist(), data, strict=True):
        arrays[row] = array
    return arrays


def _numbers(cell: Value) -> Value:
    if isinstance(cell, list):
        return [_numbers(item) for item in cell]
    return _SPELLED.get(cell, cell) if isinstance(cell, str) else cell
