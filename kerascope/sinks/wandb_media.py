"""Stored values as the objects of the wandb package."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from kerascope.blobs.store import BlobStore
from kerascope.media.load import load_media


class Unknown(Exception):
    """The package has no form for this value."""


def convert(value: Any, wandb: Any, blobs: BlobStore, folder: Path) -> Any:
    """Returns what `run.log` of the package takes for a stored value.

    Args:
        value: from a row of the log.
        wandb: the package.
        blobs: where its bytes are.
        folder: for files that the package wants under a name.

    Raises:
        Unknown: If there is no form for it.
    """
    if not isinstance(value, dict) or "_type" not in value:
        return value
    kind = str(value["_type"])
    if kind.endswith("/separated"):
        return [convert(one, wandb, blobs, folder) for one in value["items"]]
    if kind == "histogram":
        return wandb.Histogram(np_histogram=(np.asarray(value["values"]), np.asarray(value["bins"])))
    if kind == "image-file":
        return _image(value, wandb, blobs)
    if kind == "table-file":
        return _table(value, wandb, blobs, folder)
    make = _FILES.get(kind)
    if make is None:
        raise Unknown(f"a value of type {kind!r}")
    return make(wandb, _named(value, blobs, folder), value)


_FILES: dict[str, Callable[[Any, str, dict[str, Any]], Any]] = {
    "audio-file": lambda wandb, path, value: wandb.Audio(path, caption=value.get("caption")),
    "video-file": lambda wandb, path, value: wandb.Video(
        path, caption=value.get("caption"), format=value.get("format")
    ),
    "html-file": lambda wandb, path, value: wandb.Html(Path(path), inject=False),
    "object3D-file": lambda wandb, path, value: wandb.Object3D(path),
    "molecule-file": lambda wandb, path, value: wandb.Molecule(path),
}


def _image(value: dict[str, Any], wandb: Any, blobs: BlobStore) -> Any:
    masks = {
        name: {
            "mask_data": np.asarray(_picture(one, blobs)),
            "class_labels": {int(number): text for number, text in one.get("class_labels", {}).items()},
        }
        for name, one in (value.get("masks") or {}).items()
    }
    boxes = {
        name: {
            "box_data": one["box_data"],
            "class_labels": {int(number): text for number, text in one.get("class_labels", {}).items()},
        }
        for name, one in (value.get("boxes") or {}).items()
    }
    picture = _picture(value, blobs)
    return wandb.Image(picture, caption=value.get("caption"), masks=masks or None, boxes=boxes or None)


def _picture(value: dict[str, Any], blobs: BlobStore) -> Any:
    from PIL import Image

    picture = Image.open(io.BytesIO(blobs.read(value["sha256"])))
    picture.load()
    return picture


def _table(value: dict[str, Any], wandb: Any, blobs: BlobStore, folder: Path) -> Any:
    table: Any = load_media(value, blobs)
    rows = [[_cell(cell, wandb, blobs, folder) for cell in row] for row in table.data]
    return wandb.Table(columns=[str(one) for one in table.columns], data=rows, allow_mixed_types=True)


def _cell(cell: Any, wandb: Any, blobs: BlobStore, folder: Path) -> Any:
    if hasattr(cell, "to_value") and hasattr(cell, "freeze"):
        cell.freeze()
        return convert(cell.to_value(blobs, "cell", None), wandb, blobs, folder)
    return int(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


def _named(value: dict[str, Any], blobs: BlobStore, folder: Path) -> str:
    """The file of a value under its own name."""
    made = folder / f"{value['sha256'][:20]}-{os.path.basename(value['path'])}"
    if not made.exists():
        shutil.copyfile(blobs.path(value["sha256"]), made)
    return str(made)
