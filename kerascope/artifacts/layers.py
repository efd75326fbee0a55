"""How far each weight moved between two checkpoints: `.h5`, `.keras` and `.npz` files, dataset by dataset.

Promises: the two datasets that are compared are in memory, and only the numbers about them are kept. h5py is loaded only for HDF5.
Not for: which bytes two files share (`delta.py`).
"""

from __future__ import annotations

import io
import math
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, BinaryIO, Literal, NamedTuple

import msgspec
import numpy as np

from kerascope.artifacts.content import EntryFile
from kerascope.artifacts.layout import Window
from kerascope.artifacts.manifest import Entry, Manifest
from kerascope.blobs.store import BlobStore
from kerascope.errors import StoreError

SUFFIXES = (".h5", ".hdf5", ".keras", ".npz")
_BLOCK = 1 << 16
"""Numbers at a time: what the caches of a processor hold."""
_DIGITS = re.compile(r"(\d+)")
Array = np.ndarray[Any, Any]
Kind = Literal["weight", "optimizer", "state"]


class LayerChange(msgspec.Struct, frozen=True, kw_only=True):
    """One dataset of two checkpoints. Norms are L2; `relative` = `change` / `base_norm`; null is what cannot be said."""

    name: str
    layer: str
    kind: Kind
    shape: tuple[int, ...]
    size: int
    status: Literal["same", "changed", "added", "removed", "reshaped"]
    norm: float | None
    base_norm: float | None
    change: float | None
    relative: float | None
    max: float | None


class LayerFile(msgspec.Struct, frozen=True, kw_only=True):
    """The datasets of one file of weights that two versions have."""

    path: str
    base_path: str
    layers: tuple[LayerChange, ...]


class _Weight(NamedTuple):
    """A dataset that can be read."""

    layer: str
    kind: Kind
    shape: tuple[int, ...]
    read: Callable[[], Array]


def compare_layers(blobs: BlobStore, base: Manifest, new: Manifest) -> list[LayerFile]:
    """Returns how far the weights of `new` are from those of `base`, for each file of weights that both have.

    Files belong together by their path; where both versions have just one, these two do.

    Raises:
        NotFoundError: if a blob is missing.
        StoreError: if a file of weights cannot be read.
    """
    before, after = _weight_files(base), _weight_files(new)
    pairs = [(before[path], after[path]) for path in after if path in before]
    if not pairs and len(before) == len(after) == 1:
        pairs = list(zip(before.values(), after.values(), strict=True))
    return [
        LayerFile(path=entry.path, base_path=old.path, layers=tuple(_compare(blobs, old, entry)))
        for old, entry in pairs
    ]


def _weight_files(manifest: Manifest) -> dict[str, Entry]:
    return {
        entry.path: entry
        for entry in manifest.entries
        if entry.reference is None and entry.path.lower().endswith(SUFFIXES)
    }


def _compare(blobs: BlobStore, base: Entry, new: Entry) -> Iterator[LayerChange]:
    with ExitStack() as stack:
        before, after = (_open(stack, blobs, entry) for entry in (base, new))
        for name in sorted(before.keys() | after.keys(), key=_natural):
            old, one = _read(before.get(name), base), _read(after.get(name), new)
            yield _changed(name, after.get(name) or before[name], old, one)


def _read(weight: _Weight | None, entry: Entry) -> Array | None:
    if weight is None:
        return None
    with _readable(entry):
        return weight.read()


@contextmanager
def _readable(entry: Entry) -> Iterator[None]:
    """Damage that shows inside, whoever finds it, is that of the entry."""
    try:
        yield
    except (OSError, ValueError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise StoreError(f"A file of weights must be readable. Received: entry {entry.path!r}. {error}") from error


def _natural(name: str) -> list[Any]:
    """`dense_10` comes behind `dense_9`."""
    return [int(part) if part.isdigit() else part for part in _DIGITS.split(name)]


def _changed(name: str, one: _Weight, old: Array | None, new: Array | None) -> LayerChange:
    norm = base_norm = change = largest = None
    if old is not None and new is not None and old.shape == new.shape:
        norm, base_norm, change, largest = _distance(old, new)
        status: Literal["same", "changed", "added", "removed", "reshaped"] = "same" if change == 0 else "changed"
    else:
        status = "added" if old is None else "removed" if new is None else "reshaped"
        norm, base_norm = (None if array is None else _norm(array) for array in (new, old))
    return LayerChange(
        name=name,
        layer=one.layer,
        kind=one.kind,
        shape=one.shape,
        size=math.prod(one.shape),
        status=status,
        norm=norm,
        base_norm=base_norm,
        change=change,
        relative=change / base_norm if change is not None and base_norm else None,
        max=largest,
    )


def _squares(numbers: Array) -> float:
    """Their sum of squares, on this thread alone: waking those of a BLAS library costs ten times more than blocks of this size."""
    return float(np.einsum("i,i", numbers, numbers))


def _norm(array: Array) -> float:
    flat = array.reshape(-1)
    parts = (flat[at : at + _BLOCK].astype(np.float64) for at in range(0, len(flat), _BLOCK))
    return math.sqrt(sum(_squares(part) for part in parts))


def _distance(old: Array, new: Array) -> tuple[float, float, float, float]:
    """The L2 norms of `new`, `old` and their difference, and the largest absolute difference, in float64; NaN where there is one."""
    before, after = old.reshape(-1), new.reshape(-1)
    totals, largest = np.zeros(3), 0.0
    for at in range(0, len(before), _BLOCK):
        one, other = after[at : at + _BLOCK].astype(np.float64), before[at : at + _BLOCK].astype(np.float64)
        with np.errstate(invalid="ignore"):
            part = one - other
        totals += (_squares(one), _squares(other), _squares(part))
        largest = float(np.fmax(largest, max(part.max(), -part.min())))
    norm, base_norm, change = np.sqrt(totals).tolist()
    return norm, base_norm, change, largest if change == change else math.nan


# -- reading files of weights -------------------------------------------------------------------------------------------------


def _open(stack: ExitStack, blobs: BlobStore, entry: Entry) -> dict[str, _Weight]:
    file = io.BufferedReader(stack.enter_context(EntryFile(blobs, entry)), 1 << 16)
    with _readable(entry):
        if entry.path.lower().endswith(".npz"):
            return _npz(stack, file)
        if entry.path.lower().endswith(".keras"):
            return _hdf5(stack, _weights_of(stack, file))
        return _hdf5(stack, file)


def _weights_of(stack: ExitStack, file: BinaryIO) -> BinaryIO:
    """The `model.weights.h5` inside a `.keras` file."""
    archive = stack.enter_context(zipfile.ZipFile(file))
    member = archive.getinfo("model.weights.h5")
    if member.compress_type != zipfile.ZIP_STORED:
        return io.BytesIO(archive.read(member))
    file.seek(member.header_offset + 26)
    name_size, extra_size = (int.from_bytes(file.read(2), "little") for _ in range(2))
    start = member.header_offset + 30 + name_size + extra_size
    return io.BufferedReader(Window(file, start, member.file_size), 1 << 16)


def _npz(stack: ExitStack, file: BinaryIO) -> dict[str, _Weight]:
    archive = stack.enter_context(np.load(file, allow_pickle=False))
    found: dict[str, _Weight] = {}
    for name in archive.files:
        array = archive[name]
        if array.dtype.kind in "fiub":
            layer = name.rpartition("/")[0] or name
            found[name] = _Weight(layer, _kind(name, array.dtype), array.shape, partial(archive.__getitem__, name))
    return found


def _hdf5(stack: ExitStack, file: BinaryIO) -> dict[str, _Weight]:
    import h5py

    archive = stack.enter_context(h5py.File(file, "r"))
    found: dict[str, _Weight] = {}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and item.dtype.kind in "fiub":
            found[name] = _Weight(_layer(name, item), _kind(name, item.dtype), item.shape, lambda: np.asarray(item[()]))

    archive.visititems(visit)
    return found


def _layer(name: str, dataset: Any) -> str:
    """The layer's own name where the file says it (`layers/dense/vars/0` lies in a group that does), else the folder's."""
    folder = name.rpartition("/")[0]
    given = dataset.parent.attrs.get("name")
    if isinstance(given, str) and folder.endswith("vars"):
        return given
    if name.startswith("model_weights/"):
        return name.split("/")[1]
    return folder.removesuffix("/vars") or name


def _kind(name: str, dtype: Any) -> Kind:
    if name.startswith(("optimizer/", "optimizer_weights/")):
        return "optimizer"
    return "weight" if dtype.kind == "f" else "state"
