"""Folds edit segments: what was changed after the fact, in the order in which it was said.

Promises: edits apply by (time, segment name, offset), whatever order their files are read in. Not for: making edits
(`query/edits.py`) or the runs' own events (`fold.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from kerascope.events import types as ev
from kerascope.index.folders import RunKey
from kerascope.runlog.reader import scan

_EDIT = text(
    "INSERT INTO edit (segment, offset, time_s, project, run_id, kind, data) "
    "VALUES (:segment, :offset, :time_s, :project, :run_id, :kind, :data) ON CONFLICT (segment, offset) DO NOTHING"
)
_VIEW = text(
    "INSERT INTO view (project, kind, name, data, time_s, segment, offset) "
    "VALUES (:project, :kind, :name, :data, :time_s, :segment, :offset) "
    "ON CONFLICT (project, kind, name) DO UPDATE SET data = excluded.data, time_s = excluded.time_s, "
    "segment = excluded.segment, offset = excluded.offset "
    "WHERE (excluded.time_s, excluded.segment, excluded.offset) >= (view.time_s, view.segment, view.offset)"
)
_SEGMENT = text(
    "INSERT INTO edit_segment (name, folded_bytes, seen_bytes, damage) VALUES (:name, :folded, :seen, :damage) "
    "ON CONFLICT (name) DO UPDATE SET folded_bytes = excluded.folded_bytes, seen_bytes = excluded.seen_bytes, "
    "damage = excluded.damage"
)
_OF_RUN = text(
    "SELECT kind, data FROM edit WHERE project = :project AND run_id = :run_id ORDER BY time_s, segment, offset"
)
_OF_ALL = text("SELECT project, run_id, kind, data FROM edit ORDER BY time_s, segment, offset")


@dataclass(frozen=True)
class Edited:
    """What the edits say about a run: attributes that replace the run's own, and whether it is hidden."""

    changes: tuple[tuple[str, Any], ...] = ()
    deleted: bool = False

    def tags(self, own: tuple[str, ...]) -> tuple[str, ...]:
        """Returns the run's tags with the edits applied to its `own`, in order and without repeats."""
        tags = own
        for name, value in self.changes:
            if name == "tags":
                tags = tuple(value)
            elif name == "-tags":
                tags = tuple(tag for tag in tags if tag not in value)
        return tuple(dict.fromkeys(tags))

    def get(self, name: str, own: Any) -> Any:
        """Returns the last value that was set for `name`, or the run's `own`."""
        return dict(self.changes).get(name, own)


def fold_edits(connection: Connection, segment: Path, seen_bytes: int, folded_bytes: int) -> set[RunKey]:
    """Folds what is new in an edit segment; returns the runs that it speaks of.

    Raises:
        OSError: if the file cannot be read.
    """
    found = scan(segment, folded_bytes)
    touched: set[RunKey] = set()
    for offset, event in found.events:
        where = {"segment": segment.name, "offset": offset}
        if isinstance(event, ev.EditRun | ev.DeleteRun | ev.RestoreRun):
            key = RunKey(event.project, event.run_id)
            touched.add(key)
            row = {"time_s": event.time_s, "project": key.project, "run_id": key.run_id, **_kind_of(event)}
            connection.execute(_EDIT, row | where)
        elif isinstance(event, ev.SaveView):
            data = None if event.data is None else msgspec.msgpack.encode(event.data)
            view = {"project": event.project, "kind": event.kind, "name": event.name, "data": data}
            connection.execute(_VIEW, view | where | {"time_s": event.time_s})
    damage = json.dumps([list(part) for part in found.damage])
    sizes = {"name": segment.name, "folded": found.next_offset, "seen": max(seen_bytes, found.next_offset)}
    connection.execute(_SEGMENT, sizes | {"damage": damage})
    return touched


def _kind_of(event: ev.EditRun | ev.DeleteRun | ev.RestoreRun) -> dict[str, Any]:
    if isinstance(event, ev.EditRun):
        return {"kind": "edit", "data": msgspec.msgpack.encode([event.set, event.remove_tags])}
    return {"kind": "delete" if isinstance(event, ev.DeleteRun) else "restore", "data": b""}


def edited(connection: Connection, key: RunKey) -> Edited:
    """Returns what all edits so far say about one run."""
    rows = connection.execute(_OF_RUN, {"project": key.project, "run_id": key.run_id})
    return apply((row[0], row[1]) for row in rows)


def all_edited(connection: Connection) -> dict[RunKey, Edited]:
    """Returns what the edits say about every run that they speak of."""
    rows: dict[RunKey, list[tuple[str, bytes]]] = {}
    for project, run_id, kind, data in connection.execute(_OF_ALL):
        rows.setdefault(RunKey(project, run_id), []).append((kind, data))
    return {key: apply(found) for key, found in rows.items()}


def apply(rows: Iterable[tuple[str, bytes]]) -> Edited:
    """Returns the sum of edits of one run, given as kind and data in the order in which they apply."""
    total = Edited()
    for kind, data in rows:
        if kind == "edit":
            changes, removed = msgspec.msgpack.decode(data)
            more = [*changes.items()] + ([("-tags", tuple(removed))] if removed else [])
            total = replace(total, changes=(*total.changes, *more))
        else:
            total = replace(total, deleted=kind == "delete")
    return total
