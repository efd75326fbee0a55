"""Finds the run that an argument of the command line means."""

from __future__ import annotations

import contextlib
import difflib

from sqlalchemy import Connection

from kerascope.cli.store import OpenStore
from kerascope.errors import NotFoundError, UsageError
from kerascope.paths import decode_name
from kerascope.query import homes, runs
from kerascope.query.records import RunSummary

RUN_HELP = "run id, project/id, or a name that only one run has"


def find_run(store: OpenStore, wanted: str, deleted: bool = False) -> RunSummary:
    """Returns the run that `wanted` names: its id, `project/id` or `project/name`, or its name.

    Args:
        store: The store, open.
        wanted: As typed by the user.
        deleted: Look among hidden runs, instead of the others.

    Raises:
        NotFoundError: if there is none; the message names near ones.
        UsageError: if there are several.
    """
    project, _, name = wanted.rpartition("/")
    moved = homes.locate(store.db, project, name) if project else None
    projects = [moved.project if moved else project] if project else project_names(store)
    found = [run for one in projects for run in _named(store.db, one, name, deleted)]
    exact = [run for run in found if run.id == name] or found
    if len(exact) == 1:
        return exact[0]
    if exact:
        paths = ", ".join(f"{run.project}/{run.id}" for run in exact[:10])
        raise UsageError(f"RUN must name one run. Received: {wanted!r}, which names {paths}. Use one of these.")
    raise NotFoundError(f"RUN must name a run. Received: {wanted!r}. {_nearby(store.db, projects, name, deleted)}")


def project_names(store: OpenStore) -> list[str]:
    """Returns the names of all projects of a store, also of those whose runs are all hidden or were moved there."""
    folders: set[str] = set()
    with contextlib.suppress(FileNotFoundError):
        folders = {decode_name(folder.name) for folder in store.paths.projects.iterdir() if folder.is_dir()}
    return sorted(folders | homes.project_names(store.db))


def _named(db: Connection, project: str, name: str, deleted: bool) -> tuple[RunSummary, ...]:
    wanted = {"$or": [{"id": name}, {"name": name}]}
    return runs.page(db, project, wanted, limit=11, columns=[], deleted=deleted, archived=True).runs


def _nearby(db: Connection, projects: list[str], name: str, deleted: bool) -> str:
    known: dict[str, str] = {}
    for project in projects:
        for run in runs.page(db, project, limit=1000, columns=[], deleted=deleted, archived=True).runs:
            known[run.id] = known[run.name] = f"{run.project}/{run.id}"
    near = dict.fromkeys(known[word] for word in difflib.get_close_matches(name, known, 3, 0.6))
    return f"Did you mean {' or '.join(near)}?" if near else "`kerascope ls PROJECT` lists the runs there are."
