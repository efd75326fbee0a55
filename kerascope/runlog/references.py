"""Which blobs logs and artifact manifests need: those that must be in the store.

Promises: only what the formats call a reference counts, so that nothing is reported missing that never was a blob; reads, never
writes. Not for: what may be swept, which takes the coarser view of `blobs/refs.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from kerascope.blobs.refs import has_inner_references, references
from kerascope.blobs.store import is_digest
from kerascope.events.types import Environment, Event, File, Row, Summary


class Needed(NamedTuple):
    """A blob that must be there: `size_bytes` is its least length, None if unknown; `where` says who needs it.

    A table's cells may need further blobs: see `needed_by_table`.
    """

    sha256: str
    size_bytes: int | None
    where: str
    is_table: bool = False


def needed_by_event(event: Event, offset: int) -> Iterator[Needed]:
    """Yields the blobs that a record refers to: media in rows and summary, files, the program and diff of the environment."""
    where = f"the record at byte {offset}"
    if isinstance(event, File):
        if is_digest(event.digest):
            yield Needed(str(event.digest), event.size_bytes, f"{where} (file {event.path!r})")
    elif isinstance(event, Row):
        yield from _in_value(event.values, f"{where} (step {event.step})")
    elif isinstance(event, Summary):
        yield from _in_value(event.set, where)
    elif isinstance(event, Environment):
        yield from _in_value(event.data, where)


def needed_by_manifest(path: Path) -> Iterator[Needed]:
    """Yields the blobs that the artifact version at `path` consists of.

    Raises:
        OSError: if it cannot be read.
        ValueError: if it is no manifest.
    """
    manifest = json.loads(path.read_text(encoding="utf-8"))
    entries = manifest.get("entries") if isinstance(manifest, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError(f"A version file must hold a list of entries. Received: {path.name} without one.")
    for entry in entries:
        if entry.get("reference") is None:
            yield from _in_entry(entry)


def needed_by_table(content: bytes, table: Needed) -> Iterator[Needed]:
    """Yields the blobs that the cells of a table refer to.

    Raises:
        ValueError: if the content is no table.
    """
    yield from _in_value(json.loads(content), f"a cell of the table that {table.where} refers to")


def _in_entry(entry: dict[str, Any]) -> Iterator[Needed]:
    where = f"its file {entry.get('path')!r}"
    for piece in entry.get("chunks") or ():
        sha256, size, *offset = piece
        if is_digest(sha256):
            yield Needed(sha256, size + (offset[0] if offset else 0), where)
    if not entry.get("chunks") and is_digest(entry.get("sha256")):
        yield Needed(entry["sha256"], entry.get("size"), where, has_inner_references(entry))


def _in_value(value: Any, where: str) -> Iterator[Needed]:
    for found in references(value):
        if "path" in found and "size" in found:
            yield Needed(found["sha256"], found["size"], f"{where}, {found['path']}", has_inner_references(found))
