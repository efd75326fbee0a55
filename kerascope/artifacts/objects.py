"""Media values in artifacts: tables, images and others, each kept as an entry `<name>.<kind>.json`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from kerascope.artifacts.content import read_entry
from kerascope.artifacts.manifest import Entry
from kerascope.blobs.store import BlobStore
from kerascope.errors import StoreError, WrongTypeError, WrongValueError
from kerascope.media.base import Media


def object_path(name: str, media: Media) -> str:
    """Returns the path of the entry that the value added as `name` becomes."""
    return f"{name}.{media.artifact_kind or media.kind}.json"


def check_object(obj: Any) -> Media:
    """Returns `obj` if it can be kept in an artifact.

    Raises:
        WrongTypeError: if it is no media value.
        WrongValueError: if it is an image with masks or boxes without class labels.
    """
    if not isinstance(obj, Media):
        name = obj.__class__.__name__
        raise WrongTypeError(
            f"Only media values such as Table or Image can be added. Received: {name}. Use add_file for files."
        )
    layers = [*getattr(obj, "masks", {}).values(), *getattr(obj, "boxes", {}).values()]
    if any(not layer.has_labels for layer in layers):
        raise WrongValueError(
            "An image with masks or boxes needs class labels to be kept in an artifact. "
            "Received: a layer without `class_labels`. Give them there or as `Image(classes=...)`."
        )
    return obj


def find_object(entries: Sequence[Entry], name: str) -> Entry | None:
    """Returns the entry of the value added as `name`, which may also be its path; None if there is none."""
    from kerascope.media.load import artifact_kind

    for entry in entries:
        kind = artifact_kind(entry.path)
        if kind is not None and entry.path in (name, f"{name}.{kind}.json"):
            return entry
    return None


def load_object(blobs: BlobStore, entry: Entry, entries: Sequence[Entry]) -> Media:
    """Returns the value of an entry.

    Args:
        blobs: the store of contents.
        entry: of the value.
        entries: all of its artifact; the parts of a `PartitionedTable` are among them.

    Raises:
        NotFoundError: if the content is gone.
        StoreError: if it is damaged.
    """
    from kerascope.media.joined import PartitionedTable
    from kerascope.media.load import load_media

    try:
        content = msgspec.json.decode(b"".join(read_entry(blobs, entry)))
    except msgspec.DecodeError as error:
        raise StoreError(
            f"An object in an artifact is JSON. Received: entry {entry.path!r} ({error}). "
            "`kerascope artifacts verify` lists all damage."
        ) from error
    loaded = load_media(content, blobs)
    if isinstance(loaded, PartitionedTable):
        loaded.attach(partial(_load_parts, blobs, f"{loaded.parts_path}/", entries))
    return loaded


def _load_parts(blobs: BlobStore, folder: str, entries: Sequence[Entry]) -> list[Any]:
    return [
        load_object(blobs, entry, entries)
        for entry in entries
        if entry.path.startswith(folder) and entry.path.endswith(".table.json")
    ]
