"""Stored values as media objects again: cells of tables, objects of artifacts, values of history rows."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kerascope.errors import StoreError
from kerascope.media.base import Media, Value

if TYPE_CHECKING:
    from kerascope.blobs.store import BlobStore

_CLASSES = {
    "histogram": ("histogram", "Histogram"),
    "image-file": ("image", "Image"),
    "graph-file": ("graph", "Graph"),
    "classes": ("classes", "Classes"),
    "table": ("table", "Table"),
    "table-file": ("table", "Table"),
    "joined-table": ("joined", "JoinedTable"),
    "partitioned-table": ("joined", "PartitionedTable"),
    "audio-file": ("audio", "Audio"),
    "video-file": ("video", "Video"),
    "html-file": ("html", "Html"),
    "plotly-file": ("plotly", "Plotly"),
    "object3D-file": ("object3d", "Object3D"),
    "molecule-file": ("molecule", "Molecule"),
    "chart": ("chart", "Chart"),
}


def artifact_kind(path: str) -> str | None:
    """Returns the kind in the name of an object in an artifact (`table` of `val.table.json`), None for other files."""
    kind = path.removesuffix(".json").rpartition(".")[2]
    return kind if path.endswith(f".{kind}.json") and kind in _CLASSES else None


def is_media_value(value: object) -> bool:
    """Returns whether `value` is a map that stands for one media object."""
    return isinstance(value, dict) and value.get("_type") in _CLASSES


def load_media(value: dict[str, Value], blobs: BlobStore) -> Media:
    """Returns the media object that `value` was made of; files are opened on use.

    Raises:
        StoreError: if `value` is of an unknown kind or incomplete.
    """
    try:
        module, name = _CLASSES[value["_type"]]
        kind: Any = getattr(import_module(f"kerascope.media.{module}"), name)
        made: Media = kind.from_value(value, blobs)
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"The stored value cannot be read. Received: _type={value.get('_type')!r} ({error!r})."
        ) from error
    return made
