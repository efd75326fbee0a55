"""Turns changes of the index into what live listeners hear: which runs, in which state, and whose list of runs changed.

Promises: a look at an index in which nothing happened costs two small queries, whichever process folds; a run whose process died
without a word is reported as soon as it counts as crashed. One watcher belongs to one thread.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection

from kerascope.query import changes, runs
from kerascope.query.records import RunSummary
from kerascope.server.records import LiveChange, LiveRun

ALIVE_EVERY_S = 2.0
_AT_ONCE = 500

Key = tuple[str, str]


class Watcher:
    """Remembers what it has seen of an index.

    The first look cannot say what is new: whoever read the index before it, while it was being made, has to read everything again.
    """

    def __init__(self) -> None:
        self._cursor: str | None = None
        self._listed: dict[Key, str] = {}  # by home and id, which stay the same: the project that shows the run
        self._running: set[Key] = set()
        self._asked_s = 0.0

    def look(self, db: Connection) -> LiveChange | None:
        """Returns what changed since the last look; None if nothing known holds: at the first, or when another index took this one's place."""
        found = changes.since(db, self._cursor)
        first = self._cursor is None
        self._cursor = found.cursor
        if first or found.reset:
            was_empty = not self._listed
            there = self._start(db)
            if not first and was_empty:  # an index was made for what so far was none
                return LiveChange(tuple(_live(run, True, True) for run in there), _sorted(self._listed.values()))
            return LiveChange((), ()) if first and not there else None
        news = {(one.home, one.run): one for one in found.runs}
        asked = {(self._listed[key], key[1]) for key in self._to_ask(news)}
        asked |= {(one.project, one.run) for one in found.runs}
        now = {(run.home, run.id): run for run in _summaries(db, asked)}
        told = []
        for key, run in now.items():
            if key in news or run.state != "running":
                new_keys, console = (news[key].new_keys, news[key].console) if key in news else (False, False)
                told.append(_live(run, new_keys, console))
        return LiveChange(tuple(told), _sorted(self._remember(news, now)))

    def _start(self, db: Connection) -> list[RunSummary]:
        """Takes all runs as seen, and returns them."""
        there: list[RunSummary] = []
        for project in runs.projects(db):
            there += runs.page(db, project.name, columns=[], limit=runs.MAX_LIMIT, archived=True).runs
        self._listed = {(run.home, run.id): run.project for run in there}
        self._running = {(run.home, run.id) for run in there if run.state == "running"}
        return there

    def _to_ask(self, news: dict[Key, changes.RunChange]) -> set[Key]:
        """The runs that were running and may have died since: nothing in the logs would say so."""
        if time.monotonic() - self._asked_s < ALIVE_EVERY_S:
            return set()
        self._asked_s = time.monotonic()
        return self._running - news.keys()

    def _remember(self, news: dict[Key, changes.RunChange], now: dict[Key, RunSummary]) -> set[str]:
        """Keeps the runs' places and states; returns the projects to which runs came or from which they went."""
        gone = (news.keys() - now.keys()) & self._listed.keys()
        projects = {self._listed.pop(key) for key in gone}
        for key, run in now.items():
            if self._listed.get(key) != run.project:
                projects |= {run.project, self._listed.get(key, run.project)}
                self._listed[key] = run.project
        self._running = (self._running - now.keys() - gone) | {
            key for key, run in now.items() if run.state == "running"
        }
        return projects


def _sorted(projects: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(projects)))


def _summaries(db: Connection, keys: Iterable[Key]) -> Iterator[RunSummary]:
    """The runs of these keys that are there and not deleted."""
    by_project: dict[str, list[str]] = {}
    for project, run_id in keys:
        by_project.setdefault(project, []).append(run_id)
    for project, run_ids in by_project.items():
        for start in range(0, len(run_ids), _AT_ONCE):
            wanted = {"id": {"$in": run_ids[start : start + _AT_ONCE]}}
            yield from runs.page(db, project, wanted, columns=[], limit=_AT_ONCE, archived=True).runs


def _live(run: RunSummary, new_keys: bool, console: bool) -> LiveRun:
    return LiveRun(
        project=run.project, run=run.id, state=run.state, last_step=run.last_step, new_keys=new_keys, console=console
    )
