"""One run segment in the index: where folding stands, the tails of its columns, and the rows that a new piece adds.

Promises: a segment loaded from the index goes on exactly where it was left. Not for: what the segments of a run make together
(`runs.py`), or when to fold (`build.py`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from kerascope.events import types as ev
from kerascope.events.state import SegmentState
from kerascope.index import columns, schema
from kerascope.index.batch import Batch
from kerascope.index.columns import NO_POINTS, Points
from kerascope.index.fold import CLOCK, RUNTIME, SYSTEM_CLOCK, Column, Piece, fold, kind_of, wider
from kerascope.runlog.files import parse_segment_name
from kerascope.runlog.frames import Frames

_CLOCKS = frozenset((CLOCK, RUNTIME, SYSTEM_CLOCK))
_NO_STEP = -(2**63)

_LOAD = text(
    "SELECT run, name, folded_bytes, seen_bytes, state, line_count, note_count, damage FROM segment WHERE num = :num"
)
_LOAD_SERIES = text("SELECT num, key, form, kind, point_count, cell_count, last_step FROM series WHERE segment = :num")
_LOAD_TAIL = text(
    "SELECT number, steps, data FROM chunk WHERE series = :num ORDER BY number DESC LIMIT 1",
)


_encode = msgspec.msgpack.Encoder().encode


class Numbers:
    """Hands out the numbers of runs, segments and series; only the one writer uses it."""

    def __init__(self, connection: Connection) -> None:
        self._last = {name: self._highest(connection, name) for name in ("run", "segment", "series")}

    @staticmethod
    def _highest(connection: Connection, table: str) -> int:
        return int(connection.execute(text(f"SELECT coalesce(max(num), 0) FROM {table}")).scalar_one())

    def next(self, table: str) -> int:
        """Returns the next free number of `table`."""
        self._last[table] += 1
        return self._last[table]


@dataclass
class OpenSeries:
    """One key of a segment and the last chunk of its numbers."""

    num: int
    form: str | None = None
    kind: str | None = None
    point_count: int = 0
    cell_count: int = 0
    last_step: int = _NO_STEP
    number: int = 0
    tail: Points = NO_POINTS


@dataclass
class OpenSegment:
    """A segment that is being folded."""

    num: int
    run: int
    name: str
    state: SegmentState
    folded_bytes: int = 0
    seen_bytes: int = 0
    line_count: int = 0
    note_count: int = 0
    damage: list[tuple[int, int, str]] = field(default_factory=list)
    series: dict[str, OpenSeries] = field(default_factory=dict)

    def fold(self, frames: Frames, numbers: Numbers, batch: Batch) -> Piece:
        """Folds what was read from `folded_bytes` on, adding rows to `batch`."""
        piece = fold(self.state, frames.payloads)
        for key, column in piece.columns.items():
            self._column(key, column, numbers, batch)
        for line in piece.lines:
            batch.add(schema.CONSOLE, {"segment": self.num, "line": self.line_count, **line._asdict()})
            self.line_count += 1
        for file in piece.files.values():
            batch.add(schema.FILE, {"segment": self.num, **file._asdict()})
        for note in piece.notes:
            self._note(note, batch)
        # What was reported from here on is reported again by this reading.
        self.damage = _with_damage(self.damage, self.folded_bytes, [(*part,) for part in frames.damage] + piece.lost)
        self.folded_bytes = frames.next_offset
        return piece

    def _column(self, key: str, column: Column, numbers: Numbers, batch: Batch) -> None:
        series = self.series.get(key)
        if series is None:
            series = self.series[key] = OpenSeries(numbers.next("series"))
        points = column.points
        if key in _CLOCKS:
            points = columns.without_repeats(series.tail, points)
        for chunk in columns.cut(series.number, series.tail, points):
            _add_chunk(batch, series.num, chunk)
            series.number, series.tail = chunk.number, chunk.points
        for step, value in column.cells:
            row = {"series": series.num, "position": series.cell_count, "step": step, "value": _encode(value)}
            batch.add(schema.CELL, row)
            series.cell_count += 1
            series.kind = kind_of(value) if value is not None or series.kind is None else series.kind
        series.form = wider(series.form, column.form)
        series.point_count += len(points)
        last = max([series.last_step, *(step for step, _ in column.cells)])
        series.last_step = max(last, int(points.steps.max())) if len(points) else last
        batch.add(schema.SERIES, {"segment": self.num, "run": self.run, "key": key, **_series_row(series)})

    def _note(self, note: ev.Alert | ev.Notice | ev.ArtifactLogged | ev.ArtifactUsed, batch: Batch) -> None:
        row: dict[str, Any] = {"segment": self.num, "position": self.note_count}
        self.note_count += 1
        fields = msgspec.structs.asdict(note)
        if isinstance(note, ev.Alert):
            batch.add(schema.ALERT, row | fields)
        elif isinstance(note, ev.Notice):
            batch.add(schema.NOTICE, row | fields)
        else:
            logged = isinstance(note, ev.ArtifactLogged)
            detail = json.dumps(list(note.aliases)) if isinstance(note, ev.ArtifactLogged) else note.use_as
            names = ("name", "type", "version", "digest", "time_s")
            link = {"direction": "logged" if logged else "used", "detail": detail}
            batch.add(schema.LINK, row | link | {name: fields[name] for name in names})

    def save(self, batch: Batch) -> None:
        """Adds the segment's own row to `batch`."""
        opening, end = self.state.segment or opening_of(self.name), self.state.finish
        batch.add(
            schema.SEGMENT,
            {
                "num": self.num,
                "run": self.run,
                "name": self.name,
                "folded_bytes": self.folded_bytes,
                "seen_bytes": self.seen_bytes,
                "state": self.state.dump(),
                "rank": opening.rank,
                "world_size": opening.world_size,
                "attempt": opening.attempt,
                "host": opening.host,
                "pid": opening.pid,
                "pid_start_s": opening.pid_start_s,
                "started_s": opening.time_s,
                "updated_s": self.state.updated_s,
                "ended": end.state if end else None,
                "exit_code": end.exit_code if end else None,
                "message": end.message if end else "",
                "resumed": int(opening.resumed),
                "starting_step": opening.starting_step,
                "line_count": self.line_count,
                "note_count": self.note_count,
                "damage": json.dumps(self.damage),
            },
        )


def opening_of(name: str) -> ev.Segment:
    """Returns what is known of a segment whose first record is lost: what its file name says."""
    named = parse_segment_name(name)
    rank, time_s = (named.rank, named.time_ns / 1e9) if named else (0, 0.0)
    return ev.Segment(ev.FORMAT_VERSION, "", "", "", rank, rank + 1, time_s, "", 0, 0.0, 0, False, 0, "")


Damages = list[tuple[int, int, str]]


def _with_damage(known: Damages, read_from: int, found: Damages) -> Damages:
    """Damage known from before `read_from`, and what a reading from there found. Lost rows (size 0) are told once a reason."""
    kept = [part for part in known if part[0] < read_from]
    for part in sorted(found):
        if part[1] or all(part[2] != other[2] for other in kept):
            kept.append(part)
    return kept


def _series_row(series: OpenSeries) -> dict[str, Any]:
    names = ("num", "form", "kind", "point_count", "cell_count", "last_step")
    return {name: getattr(series, name) for name in names}


def _add_chunk(batch: Batch, series: int, chunk: columns.Chunk) -> None:
    steps, data = columns.pack(chunk.points)
    where = {"series": series, "number": chunk.number}
    detail = {
        "point_count": len(chunk.points),
        "first_step": int(chunk.points.steps.min()),
        "last_step": int(chunk.points.steps.max()),
        "ordering": chunk.order,
        "entries": chunk.entries.tobytes(),
    }
    batch.add_chunk(where | {"steps": steps, "data": data}, where | detail)


def load(connection: Connection, num: int) -> OpenSegment:
    """Returns a segment as the index left it."""
    run, name, folded, seen, stored, lines, notes, damage = connection.execute(_LOAD, {"num": num}).one()
    found = [(at, size, reason) for at, size, reason in json.loads(damage)]
    segment = OpenSegment(num, run, name, SegmentState.load(stored), folded, seen, lines, notes, found)
    for series, key, form, kind, points, cells, last_step in connection.execute(_LOAD_SERIES, {"num": num}).all():
        entry = OpenSeries(series, form, kind, points, cells, last_step)
        if points:
            number, steps, data = connection.execute(_LOAD_TAIL, {"num": series}).one()
            entry.number, entry.tail = number, columns.unpack(steps, data)
        segment.series[key] = entry
    return segment


def load_state(connection: Connection, num: int) -> SegmentState:
    """Returns what the records of segment `num` amount to."""
    stored = connection.execute(text("SELECT state FROM segment WHERE num = :num"), {"num": num}).scalar_one()
    return SegmentState.load(stored)
