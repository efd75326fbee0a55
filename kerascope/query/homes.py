"""Finds a run by an address: the project that shows it and its id, or the project whose folder holds its log (its home) and its id.

Promises: a run that was moved is found at its old address for ever, so that links, sweeps and artifacts that name it stay true; an
address names at most one run (`index/places.py`). Not for: moving (`bulk.py`).
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, text

from kerascope.query.filters import storable

_AT = text("SELECT num, project, home FROM run WHERE (project = :project OR home = :project) AND id = :run_id")
_HIDDEN = text("SELECT deleted FROM run WHERE num = :num")
_NAMES = text("SELECT project FROM run UNION SELECT home FROM run")


class Located(NamedTuple):
    """Where a run is: its number in the index, the project that shows it, and its home."""

    num: int
    project: str
    home: str


def locate(db: Connection, project: str, run_id: str) -> Located | None:
    """Returns where the run of an address is, deleted ones included; None if there is none."""
    row = db.execute(_AT, {"project": storable(project), "run_id": storable(run_id)}).first()
    return None if row is None else Located(*row)


def shown(db: Connection, project: str, run_id: str) -> tuple[str, str]:
    """Returns the address at which a run is shown now; the given one if there is no such run."""
    found = locate(db, project, run_id)
    return (found.project if found else project), run_id


def is_hidden(db: Connection, project: str, run_id: str) -> bool:
    """Returns whether lists leave out the run of an address: it was deleted, or there is none."""
    found = locate(db, project, run_id)
    return found is None or bool(db.execute(_HIDDEN, {"num": found.num}).scalar())


def project_names(db: Connection) -> set[str]:
    """Returns the projects that show runs or are their homes, also where all runs are deleted."""
    return set(db.execute(_NAMES).scalars())
