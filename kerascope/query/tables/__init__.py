"""Pages of logged tables: filtered, sorted, grouped and joined where they lie, a page at a time.

Promises: a table is read once and kept, with what was made of it, as long as it is among the last few asked for; any thread may ask.
Not for: tables as users have them (`kerascope.media.table`).
"""

from __future__ import annotations

import csv
import io
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import msgspec
import numpy as np

from kerascope.artifacts.manifest import Entry
from kerascope.blobs.store import BlobStore
from kerascope.errors import UsageError
from kerascope.paths import StorePaths, check_project
from kerascope.query import lineage
from kerascope.query.table_records import TableColumn, TableJoin, TablePage, TableQuery, TableSource
from kerascope.query.tables import read
from kerascope.query.tables.columns import Integers
from kerascope.query.tables.filter import containing, matching
from kerascope.query.tables.frame import Frame, joined
from kerascope.query.tables.group import grouped

MAX_LIMIT = 10_000
KEPT = 32
KEPT_CELLS = 16_000_000
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_encode = msgspec.json.Encoder(order="deterministic").encode
T = TypeVar("T")


class Tables:
    """The tables of a store, the last few of them in memory.

    Args:
        paths: The store.
    """

    def __init__(self, paths: StorePaths) -> None:
        self._paths = paths
        self._blobs = BlobStore(paths.blobs)
        self._lock = threading.RLock()
        self._kept: OrderedDict[bytes, tuple[Any, int]] = OrderedDict()

    def page(self, query: TableQuery) -> TablePage:
        """Returns the rows that a query asks for.

        Raises:
            NotFoundError: if there is no such table.
            UsageError: if the query does not fit it.
        """
        if not 1 <= query.limit <= MAX_LIMIT:
            raise UsageError(f"`limit` must be 1 to {MAX_LIMIT}. Received: limit={query.limit}. Ask on with `offset`.")
        if not 0 <= query.offset < 2**53:
            raise UsageError(f"`offset` must be an int >= 0. Received: offset={query.offset}.")
        frame, rows, whole = self._selected(query)
        names = _names(frame, query)
        wanted = rows[query.offset : query.offset + query.limit].tolist()
        columns = [frame.columns[name] for name in names]
        numbers = frame.row_numbers
        return TablePage(
            row_count=whole,
            total=len(rows),
            offset=query.offset,
            columns=tuple(
                TableColumn(
                    name=column.name,
                    kind=column.kind,
                    media=column.described.get("media"),
                    table=_linked(column.described),
                    shape=column.described.get("shape"),
                )
                for column in columns
            ),
            rows=tuple(tuple(column.cell(row) for column in columns) for row in wanted),
            row_numbers=tuple(int(numbers[row]) if numbers[row] >= 0 else None for row in wanted),
        )

    def csv(self, query: TableQuery) -> Iterator[bytes]:
        """Returns all rows that match as CSV, in blocks; whatever is no text or number is written as JSON. Raises as `page` does."""
        frame, rows, _ = self._selected(query)
        names = _names(frame, query)
        return _csv_blocks(frame, names, rows)

    def _selected(self, query: TableQuery) -> tuple[Frame, Integers, int]:
        """The frame, the rows of it that match, in order, and how many rows the table has."""
        with self._lock:
            frame = self._joined(query)
            key = _encode(
                ["rows", query.source, query.follow, query.join, query.filter, query.search, query.group, query.order]
            )
            found, rows = self._keep(key, lambda: _select(frame, query), lambda one: len(one[1]))
            return found, rows, len(frame)

    def _joined(self, query: TableQuery) -> Frame:
        first = self._followed(query.source, query.follow)
        if query.join is None:
            return first
        join: TableJoin = query.join
        on = _key(join.on)
        key = _encode(["join", query.source, query.follow, join])
        second = self._followed(join.source, join.follow)
        return self._keep(
            key,
            lambda: joined(first, second, on, join.how, join.suffix, join.differences),
            lambda one: 4 * len(one),
        )

    def _followed(self, source: TableSource, follow: tuple[str, ...]) -> Frame:
        frame = self._read(source)
        for name in follow:
            link = _linked(frame.column(name).described)
            if link is None:
                raise UsageError(f"`follow` must name columns that link to another table. Received: follow={name!r}.")
            frame = frame.followed(name, self._read(TableSource(sha256=link["sha256"])))
        return frame

    def _read(self, source: TableSource) -> Frame:
        if source.sha256 is not None:
            digest = source.sha256
            if not _DIGEST.match(digest):
                raise UsageError(f"`sha256` must be 64 hex digits. Received: sha256={digest[:80]!r}.")
            return self._keep(digest.encode(), lambda: self._decode(read.read_blob(self._blobs, digest), None), _cost)
        entry = self._entry(source)
        return self._keep(
            _encode(["entry", entry.sha256, source]),
            lambda: self._decode(read.read_bytes(self._blobs, entry), source),
            _cost,
        )

    def _decode(self, data: bytes, source: TableSource | None) -> Frame:
        manifest = None
        if source is not None:
            manifest = lineage.find(self._paths, source.project or "", source.artifact or "", source.version or "")
        return read.decode(data, self._blobs, lambda link: self._read(TableSource(sha256=link["sha256"])), manifest)

    def _entry(self, source: TableSource) -> Entry:
        if source.project is None or source.artifact is None or source.version is None or source.path is None:
            raise UsageError(
                "`source` must hold sha256, or project, artifact, version and path. "
                f"Received: source={msgspec.to_builtins(source)}."
            )
        project = check_project(source.project)
        return lineage.file_of(self._paths, project, source.artifact, source.version, source.path)

    def _keep(self, key: bytes, make: Callable[[], T], cost: Callable[[T], int]) -> T:
        """What `make` gives; kept while it is among the last few, by their number and their cells."""
        if key in self._kept:
            self._kept.move_to_end(key)
            found: T = self._kept[key][0]
            return found
        made = make()
        self._kept[key] = (made, cost(made))
        while len(self._kept) > 1 and (
            len(self._kept) > KEPT or sum(cost for _, cost in self._kept.values()) > KEPT_CELLS
        ):
            self._kept.popitem(last=False)
        return made


def _key(on: tuple[str | tuple[str, str], ...] | None) -> list[tuple[str, str]]:
    """The columns of a key, in both tables."""
    pairs = [pair for pair in on or () if not isinstance(pair, str)]
    match on:
        case None:
            return []
        case (str(one), str(other)):
            return [(one, other)]
        case _ if pairs and len(pairs) == len(on):
            return pairs
    raise UsageError(
        "`on` must be a pair of columns, a list of such pairs, or null for the row numbers. "
        f"Received: on={msgspec.to_builtins(on)}."
    )


def _cost(frame: Frame) -> int:
    return len(frame) * len(frame.columns)


def _select(frame: Frame, query: TableQuery) -> tuple[Frame, Integers]:
    mask = matching(frame, query.filter)
    if query.search:
        mask &= containing(frame, query.search)
    rows = np.flatnonzero(mask)
    if query.group is not None:
        frame = grouped(frame.take(rows), query.group.by, query.group.aggregates)
        rows = np.arange(len(frame))
    return frame, frame.sorted_rows(query.order, rows)


def _names(frame: Frame, query: TableQuery) -> list[str]:
    return list(frame.columns) if query.columns is None else [frame.column(name).name for name in query.columns]


def _linked(described: dict[str, Any]) -> dict[str, Any] | None:
    table = described.get("table")
    return table if isinstance(table, dict) and "sha256" in table else None


def _csv_blocks(frame: Frame, names: list[str], rows: Integers) -> Iterator[bytes]:
    columns = [frame.columns[name] for name in names]
    lines: list[list[Any]] = [list(names)]
    for start in range(0, max(1, len(rows)), 2000):
        lines += [[_csv_cell(column.cell(row)) for column in columns] for row in rows[start : start + 2000].tolist()]
        block = io.StringIO()
        csv.writer(block).writerows(lines)
        yield block.getvalue().encode("utf-8", "replace")
        lines = []


def _csv_cell(cell: Any) -> Any:
    return msgspec.json.encode(cell).decode() if isinstance(cell, dict | list | bool) else cell
