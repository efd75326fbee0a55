"""Which blobs logs and artifact manifests speak of.

Two answers, each erring on the safe side of its use: `mentioned` takes any 64 hex digits for a reference (so that nothing in use is
swept), `needed` only what the formats call one (so that nothing is reported missing that never was a blob).
Promises: reads, never writes. Not for: the blobs themselves (see `blobs/`).
"""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from kerascope.blobs.store import is_digest
from kerascope.events.types import Environment, Event, File, Row, Summary

_HEX: Final = re.compile(rb"[0-9a-f]{64}")


class Needed(NamedTuple):
    """A blob that must be there: `size_bytes` is its least length, None if unknown; `where` says who needs it."""

    sha256: str
    size_bytes: int | None
    where: str


def mentioned(path: Path) -> set[str]:
    """Returns every run of 64 hex digits in the file, damaged parts included.

    Raises:
        OSError: if the file cannot be read.
    """
    with open(path, "rb") as file:
        if not path.stat().st_size:
            return set()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return {found.decode("ascii") for found in _HEX.findall(data)}


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


def _in_entry(entry: dict[str, Any]) -> Iterator[Needed]:
    where = f"its file {entry.get('path')!r}"
    for piece in entry.get("chunks") or ():
        sha256, size, *offset = piece
        if is_digest(sha256):
            yield Needed(sha256, size + (offset[0] if offset else 0), where)
    if not entry.get("chunks") and is_digest(entry.get("sha256")):
        yield Needed(entry["sha256"], entry.get("size"), where)


def _in_value(value: Any, where: str) -> Iterator[Needed]:
    if isinstance(value, list):
        for item in value:
            yield from _in_value(item, where)
    elif isinstance(value, dict):
        if is_digest(value.get("sha256")) and "path" in value and "size" in value:
            yield Needed(value["sha256"], value["size"], f"{where}, {value['path']}")
        for item in value.values():
            yield from _in_value(item, where)
