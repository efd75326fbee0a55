"""Small verbs for tests: real logs of made-up runs, and the whole index as plain rows."""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import event as sql_event
from sqlalchemy import text

from kerascope.events import types as ev
from kerascope.index import db, schema
from kerascope.index.build import open_index
from kerascope.paths import StorePaths
from kerascope.runlog.files import segment_name
from kerascope.runlog.writer import SegmentWriter

START_S = 1_700_000_000.0
_nonces = itertools.count(1)


class Log:
    """One segment of a run that is being written."""

    def __init__(self, paths, run_id, *, project="faces", rank=0, attempt=0, time_s=START_S, **opening):
        values = {
            "entity": "ada", "world_size": rank + 1, "host": "elsewhere", "pid": 1, "pid_start_s": 0.0,
            "resumed": attempt > 0, "starting_step": 0, "version": "0",
        } | opening  # fmt: skip
        first = ev.Segment(
            format=1, project=project, run_id=run_id, rank=rank, attempt=attempt, time_s=time_s, **values
        )
        name = segment_name(int(time_s * 1e9), rank, f"{next(_nonces):08x}")
        self.writer = SegmentWriter(paths.log(project, run_id) / name, first, sync_interval_s=60)
        self.time_s = time_s

    def rows(self, rows, start=0, **extra):
        for step, row in enumerate(rows, start):
            self.row(step, **row)
        return self

    def row(self, step, time_s=None, **values):
        time_s = self.time_s + step if time_s is None else time_s
        self.writer.append_row(step, time_s, time_s - START_S, tuple(values), list(values.values()))
        return self

    def say(self, *events):
        for event in events:
            self.writer.append(event)
        return self

    def finish(self, state="finished", exit_code=0, after_s=100.0):
        self.say(ev.Finish(state, exit_code, self.time_s + after_s))
        self.close()
        return self

    def close(self):
        self.writer.close()


class EditLog:
    """An edit segment that is being written."""

    def __init__(self, paths, time_s=START_S):
        first = ev.EditSegment(1, time_s, "elsewhere", 1, "0")
        path = paths.edits / segment_name(int(time_s * 1e9), 0, f"{next(_nonces):08x}")
        self.writer = SegmentWriter(path, first, sync_interval_s=60)

    def say(self, *events):
        for event in events:
            self.writer.append(event)
        return self

    def close(self):
        self.writer.close()


def store(folder: Path) -> StorePaths:
    return StorePaths(folder)


@contextmanager
def reading(paths):
    """The index, brought up to date, as a reader sees it."""
    with open_index(paths) as index:
        assert index.refresh()
    with db.read(paths) as connection:
        yield connection


@contextmanager
def asked(connection):
    """The questions that are asked of the database inside the block: each statement with its values."""
    found = []

    def note(_, __, statement, values, *___):
        if statement != "BEGIN":
            found.append((statement, values))

    sql_event.listen(connection.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sql_event.remove(connection.engine, "before_cursor_execute", note)


def dump(paths):
    """All rows of the index that follow from the logs, with numbers replaced by what they stand for."""
    with db.read(paths) as connection:
        runs = {
            num: (project, run) for num, project, run in connection.execute(text("SELECT num, project, id FROM run"))
        }
        segments = dict(connection.execute(text("SELECT num, name FROM segment")).all())
        series = {n: (segments[s], k) for n, s, k in connection.execute(text("SELECT num, segment, key FROM series"))}
        meaning = {"run": runs, "segment": segments, "series": series}
        return {
            table.name: sorted(
                (tuple(_named(table.name, column, value, meaning) for column, value in row._mapping.items())
                 for row in connection.execute(table.select())), key=repr)
            for table in schema.METADATA.sorted_tables
            if table.name not in schema.BOOKKEEPING
        }  # fmt: skip


def _named(table, column, value, meaning):
    if column == "num":
        return meaning[table][value]
    return meaning[column][value] if column in meaning and isinstance(value, int) else value
