"""Folding: one pass over the logs of a store that brings an index database up to date.

Promises: every transaction leaves the index consistent: a segment's rows, its offset and its run's row move together. Only the
holder of the writer's lock folds, on one thread. Not for: the lock, broken databases, waiting (`build.py`).
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, text

from kerascope.events.state import SegmentState
from kerascope.index import runs, schema, segments
from kerascope.index.batch import Batch
from kerascope.index.edits import Edited, all_edited, edited, fold_edits
from kerascope.index.folders import Found, KnownRun, KnownSegment, RunKey, look
from kerascope.index.places import Moves
from kerascope.index.segments import Numbers, OpenSegment
from kerascope.paths import StorePaths
from kerascope.runlog.files import list_segments
from kerascope.runlog.reader import scan_raw

PIECE_BYTES = 8 << 20
_BATCH_BYTES = 32 << 20
_BATCH_RUNS = 500
# A live run whose segment is not kept open is read back from the database with every look. A column's tail takes up to 64 KiB.
_OPEN_SEGMENTS = 64
_OPEN_SERIES = 2000
_ENDED_EVERY_S = 2.0

Progress = Callable[[int, int], None]

_RUNS = text(
    "SELECT run.num, run.home, run.id, coalesce(activity.mtime_ns, 0), coalesce(activity.changed, 0), "
    "coalesce(activity.keys_changed, 0), coalesce(activity.console_changed, 0) FROM run LEFT JOIN activity "
    "ON activity.project = run.home AND activity.run_id = run.id"
)
_SEGMENTS = text("SELECT run, num, name, folded_bytes, seen_bytes, ended FROM segment")
_EDIT_SEGMENTS = text("SELECT name, folded_bytes, seen_bytes FROM edit_segment")
_META = text("SELECT value FROM meta WHERE key = :key")


@dataclass
class Memory:
    """What the index holds, as far as folding needs it; good for one generation."""

    generation: int
    numbers: Numbers
    known: dict[RunKey, KnownRun]
    edits: dict[RunKey, Edited]
    moves: Moves
    edit_segments: dict[str, tuple[int, int]]
    open: OrderedDict[int, OpenSegment] = field(default_factory=OrderedDict)


def generation(connection: Connection) -> int:
    """Returns how often the index was written; it changes with every fold that found something."""
    row = connection.execute(_META, {"key": "generation"}).first()
    return int(row[0]) if row else 0


def known_runs(connection: Connection) -> dict[RunKey, KnownRun]:
    """Returns all runs of the index with the sizes of their segments."""
    by_num: dict[int, KnownRun] = {}
    known: dict[RunKey, KnownRun] = {}
    for num, project, run_id, listed, *activity in connection.execute(_RUNS).all():
        known[RunKey(project, run_id)] = by_num[num] = KnownRun(num, {}, True, listed, listed, *activity)
    for run, num, name, folded, seen, ended in connection.execute(_SEGMENTS).all():
        closed = ended is not None and folded >= seen
        by_num[run].segments[name] = KnownSegment(num, folded, seen, closed)
        by_num[run].closed &= closed
    return known


class Folding:
    """Folds the store at `paths` into the database of `engine`.

    Attributes:
        problems: segment files and folders that could not be read at the last pass, with the reason.
    """

    def __init__(self, paths: StorePaths, engine: Engine) -> None:
        self.problems: dict[Path, str] = {}
        self._paths = paths
        self._engine = engine
        self._memory: Memory | None = None
        self._batch = Batch()
        self._touched: dict[RunKey, KnownRun] = {}
        self._wrote = False
        self._looked_s = -math.inf

    def fold(self, progress: Progress | None = None, only: RunKey | None = None, quick: bool = False) -> None:
        """Folds all that is new.

        Args:
            progress: Called with the bytes done and the bytes to do after each run.
            only: Fold the log of this run alone (and all edits).
            quick: Look at runs that had ended only every two seconds.
        """
        self.problems = {}
        try:
            with self._engine.connect() as connection:
                memory = self._remember(connection)
                skip_ended = quick and time.monotonic() - self._looked_s < _ENDED_EVERY_S
                found = list(look(self._paths, memory.known, only, skip_ended, self.problems))
                if only is None and not skip_ended:
                    self._looked_s = time.monotonic()
                self._fold_all(connection, memory, found, progress)
        except BaseException:
            self._memory = None  # it may be ahead of the database
            self._batch, self._touched, self._wrote = Batch(), {}, False
            raise

    def _remember(self, connection: Connection) -> Memory:
        """What the index holds; read anew if another process has written since."""
        now = generation(connection)
        if self._memory is None or self._memory.generation != now:
            sizes = {name: (folded, seen) for name, folded, seen in connection.execute(_EDIT_SEGMENTS)}
            known, edits = known_runs(connection), all_edited(connection)
            self._memory = Memory(now, Numbers(connection), known, edits, Moves(edits), sizes)
        return self._memory

    def _fold_all(self, connection: Connection, memory: Memory, found: list[Found], progress: Progress | None) -> None:
        edited_runs = self._fold_edits(connection, memory)
        total, done = sum(sum(one.grown.values()) for one in found), 0
        for count, one in enumerate(found, 1):
            self._fold_run(connection, memory, one)
            edited_runs.discard(one.key)
            edited_runs |= memory.moves.concerned(one.key)
            done += sum(one.grown.values())
            if self._batch.size_bytes > _BATCH_BYTES or count % _BATCH_RUNS == 0:
                self._commit(connection, memory)
            if progress:
                progress(done, total)
        self._batch.flush(connection)
        for key in sorted(edited_runs & memory.known.keys()):
            self._write_run(connection, memory, key, memory.known[key])
            self._touched[key] = memory.known[key]
        self._commit(connection, memory)

    def _fold_edits(self, connection: Connection, memory: Memory) -> set[RunKey]:
        touched: set[RunKey] = set()
        for path in list_segments(self._paths.edits):
            folded, seen = memory.edit_segments.get(path.name, (0, -1))
            try:
                size = path.stat().st_size
                if size != seen:
                    self._wrote = True
                    touched |= fold_edits(connection, path, size, folded)
                    self._note_edit_segment(connection, memory, path.name)
            except OSError as error:
                self.problems[path] = str(error)
        for key in touched:
            memory.edits[key] = edited(connection, key)
            memory.moves.note(key)
        return touched.union(*(memory.moves.concerned(key) for key in touched))

    @staticmethod
    def _note_edit_segment(connection: Connection, memory: Memory, name: str) -> None:
        one = text("SELECT folded_bytes, seen_bytes FROM edit_segment WHERE name = :name")
        folded, seen = connection.execute(one, {"name": name}).one()
        memory.edit_segments[name] = (folded, seen)

    def _fold_run(self, connection: Connection, memory: Memory, found: Found) -> None:
        key = found.key
        known = memory.known.get(key)
        if known is not None and not found.grown and known.segments.keys() <= set(found.gone):
            self._remove_run(connection, memory, key, known)
            return
        new = known is None
        if known is None:
            known = memory.known[key] = KnownRun(memory.numbers.next("run"))
        for name in found.gone:
            self._drop_segment(connection, memory, known.segments.pop(name).num)
        for name, size in found.grown.items():
            new = self._fold_segment(connection, memory, found, known, name, size, new) and new
        if known.segments:
            known.listed = found.listed
            known.closed = all(segment.closed for segment in known.segments.values())
            self._write_run(connection, memory, key, known, new)
            self._touched[key] = known
        elif new:
            del memory.known[key]
        self._forget_closed(memory, known)

    def _fold_segment(
        self, connection: Connection, memory: Memory, found: Found, known: KnownRun, name: str, size: int, new: bool
    ) -> bool:
        """Folds a segment up to `size` at least; returns whether the run's row is still unwritten, given that it was `new`."""
        segment = self._segment(connection, memory, known, name, size)
        try:
            while segment.folded_bytes < size:
                before, series_count = segment.folded_bytes, len(segment.series)
                piece = segment.fold(scan_raw(found.folder / name, before, PIECE_BYTES), memory.numbers, self._batch)
                if len(segment.series) > series_count:
                    known.keys_changed = memory.generation + 1
                if piece.lines:
                    known.console_changed = memory.generation + 1
                if segment.folded_bytes == before:
                    break
                if self._batch.size_bytes > _BATCH_BYTES and segment.folded_bytes < size:
                    self._keep(segment, known, segment.folded_bytes)
                    self._write_run(connection, memory, found.key, known, new)
                    self._commit(connection, memory)
                    new = False
        except OSError as error:
            self.problems[found.folder / name] = str(error)
            size = segment.seen_bytes
            if not segment.folded_bytes and name not in known.segments:
                return new
        self._keep(segment, known, max(size, segment.folded_bytes))
        return new

    def _segment(self, connection: Connection, memory: Memory, known: KnownRun, name: str, size: int) -> OpenSegment:
        stored = known.segments.get(name)
        if stored is not None and size < stored.folded_bytes:
            self._drop_segment(connection, memory, stored.num)
            stored = None
        if stored is None:
            segment = OpenSegment(memory.numbers.next("segment"), known.num, name, SegmentState())
        elif stored.num in memory.open:
            segment = memory.open[stored.num]
        else:
            segment = segments.load(connection, stored.num)
        memory.open[segment.num] = segment
        memory.open.move_to_end(segment.num)
        return segment

    def _keep(self, segment: OpenSegment, known: KnownRun, seen_bytes: int) -> None:
        segment.seen_bytes = seen_bytes
        segment.save(self._batch)
        closed = segment.state.finish is not None and segment.folded_bytes >= seen_bytes
        known.segments[segment.name] = KnownSegment(segment.num, segment.folded_bytes, seen_bytes, closed)

    def _write_run(
        self, connection: Connection, memory: Memory, key: RunKey, known: KnownRun, new: bool = False
    ) -> None:
        states: list[tuple[str, SegmentState]] = []
        for name, stored in sorted(known.segments.items()):
            live = memory.open.get(stored.num)
            states.append((name, live.state if live else segments.load_state(connection, stored.num)))
        run = runs.merged(key, states)
        project = memory.moves.project_of(key, memory.known)
        runs.write(connection, self._batch, known.num, key, project, run, memory.edits.get(key, Edited()), new)

    @staticmethod
    def _forget_closed(memory: Memory, known: KnownRun) -> None:
        for stored in known.segments.values():
            if stored.closed:
                memory.open.pop(stored.num, None)
        series_count = sum(len(segment.series) for segment in memory.open.values())
        while len(memory.open) > 1 and (len(memory.open) > _OPEN_SEGMENTS or series_count > _OPEN_SERIES):
            series_count -= len(memory.open.popitem(last=False)[1].series)

    def _drop_segment(self, connection: Connection, memory: Memory, num: int) -> None:
        memory.open.pop(num, None)
        self._batch.flush(connection)
        _delete_segment(connection, num)

    def _remove_run(self, connection: Connection, memory: Memory, key: RunKey, known: KnownRun) -> None:
        for stored in known.segments.values():
            self._drop_segment(connection, memory, stored.num)
        for table, column in (("run", "num"), ("run_data", "run"), ("value", "run")):
            connection.execute(text(f"DELETE FROM {table} WHERE {column} = :num"), {"num": known.num})
        del memory.known[key]
        known.listed = 0
        self._touched[key] = known

    def _commit(self, connection: Connection, memory: Memory) -> None:
        """Ends the transaction; a pass that found nothing leaves no trace."""
        unsaved = {key: one for key, one in memory.known.items() if one.listed != one.saved}
        now = memory.generation + 1
        for one in self._touched.values():
            one.changed = now
        for key, one in (unsaved | self._touched).items():
            one.saved = one.listed
            self._batch.add(schema.ACTIVITY, _activity(key, one))
        if self._wrote or unsaved or self._touched:
            self._batch.add(schema.META, {"key": "generation", "value": str(now)})
            if memory.generation == 0:
                self._batch.add(schema.META, {"key": "birth", "value": uuid4().hex})
            self._batch.flush(connection)
            memory.generation = now
        connection.commit()
        self._touched, self._wrote = {}, False


def _activity(key: RunKey, run: KnownRun) -> dict[str, Any]:
    stamps = {"changed": run.changed, "keys_changed": run.keys_changed, "console_changed": run.console_changed}
    return {"project": key.project, "run_id": key.run_id, "mtime_ns": run.listed, **stamps}


def _delete_segment(connection: Connection, num: int) -> None:
    for table in schema.OF_SERIES:
        series = "SELECT num FROM series WHERE segment = :num"
        connection.execute(text(f"DELETE FROM {table} WHERE series IN ({series})"), {"num": num})
    for table in ("series", *schema.OF_SEGMENT):
        connection.execute(text(f"DELETE FROM {table} WHERE segment = :num"), {"num": num})
    connection.execute(text("DELETE FROM segment WHERE num = :num"), {"num": num})
