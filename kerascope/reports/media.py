"""Gathers media values of runs and the files they refer to, for a page that stands alone.

Promises: a value is in the page only with all its files, the newest of a key before older ones; what is left out is counted. All
together take at most the bytes asked for: what small ones do not need, large ones may have. Not for: numbers (`page.py`).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection

from kerascope.blobs.refs import all_references
from kerascope.blobs.store import BlobStore
from kerascope.errors import NotFoundError
from kerascope.query.cells import cell_page
from kerascope.query.records import Cell

# The bytes of values and files that a page holds at most; written as text in it, they take a third more.
MOST_BYTES = 16 << 20
# So many steps of a key at most. Histograms make a picture together; of the others one looks at one after the other.
_STEPS = {"histogram": 100}
_FEW_STEPS = 25


@dataclass(frozen=True)
class Wanted:
    """A key of a run whose values are no numbers."""

    project: str
    run: str
    key: str
    kind: str


@dataclass
class Media:
    """What a page gets: values by key, and blobs as base64 by their sha256."""

    values: list[dict[str, Any]] = field(default_factory=list)
    blobs: dict[str, str] = field(default_factory=dict)


class _Cell:
    """A value, with the sizes of the files that it needs; None where one of them is missing."""

    def __init__(self, cell: Cell, store: BlobStore) -> None:
        self.cell = cell
        self.own_bytes = len(msgspec.msgpack.encode(cell.value))
        self.files: dict[str, int] | None = {}
        try:
            for reference in all_references(cell.value, store.read):
                digest = str(reference["sha256"])
                self.files[digest] = store.path(digest).stat().st_size
        except (NotFoundError, OSError, ValueError):
            self.files = None


def gather(db: Connection, store: BlobStore, wanted: Sequence[Wanted], most_bytes: int = MOST_BYTES) -> Media:
    """Returns the values of the keys, as many as fit.

    Args:
        db: An index connection.
        store: Where the files lie.
        wanted: The keys, in the order of the page.
        most_bytes: So many bytes of values and files at most.
    """
    media, left = Media(), most_bytes
    read = [cell_page(db, one.project, one.run, one.key, sample=_STEPS.get(one.kind, _FEW_STEPS)) for one in wanted]
    cells = [[_Cell(cell, store) for cell in page.cells] for page in read]
    # The smallest first: what they leave over is for those that need more than their share.
    order = sorted(range(len(wanted)), key=lambda place: _size(cells[place], {}))
    chosen: dict[int, Sequence[_Cell]] = {}
    for done, place in enumerate(order):
        chosen[place] = _fitting(cells[place], left // (len(order) - done), media.blobs)
        left -= _size(chosen[place], media.blobs)
        for digest in (digest for cell in chosen[place] for digest in cell.files or ()):
            media.blobs.setdefault(digest, base64.b64encode(store.read(digest)).decode("ascii"))
    for place, one in enumerate(wanted):
        if cells[place]:
            media.values.append(_entry(one, read[place].total, cells[place], chosen[place]))
    return media


def _fitting(cells: Sequence[_Cell], most_bytes: int, known: dict[str, str]) -> Sequence[_Cell]:
    """As many of the cells as fit, evenly spread and the newest among them: all, every second, every fourth, ..."""
    whole = [cell for cell in cells if cell.files is not None]
    while whole and _size(whole, known) > most_bytes:
        whole = whole[::-1][::2][::-1] if len(whole) > 1 else []
    return whole


def _size(cells: Sequence[_Cell], known: dict[str, str]) -> int:
    """The bytes of the values and of the files that are not in the page yet, each counted once."""
    files = {digest: size for cell in cells for digest, size in (cell.files or {}).items() if digest not in known}
    return sum(files.values()) + sum(cell.own_bytes for cell in cells)


def _entry(one: Wanted, total: int, cells: Sequence[_Cell], chosen: Sequence[_Cell]) -> dict[str, Any]:
    newest = cells[-1]
    return {
        "project": one.project,
        "run": one.run,
        "key": one.key,
        "kind": one.kind,
        "total": total,
        "cells": [{"step": cell.cell.step, "value": cell.cell.value} for cell in chosen],
        "is_missing": newest.files is None,
        "newest_bytes": newest.own_bytes + sum((newest.files or {}).values()),
    }
