"""Saved views, panel layouts and reports of a project."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, text

from kerascope.query.filters import storable
from kerascope.query.records import View

_VIEWS = text(
    "SELECT kind, name, data, time_s FROM view WHERE project = :project AND data IS NOT NULL ORDER BY kind, name"
)


def listing(db: Connection, project: str) -> list[View]:
    """Returns the saved views of a project, by kind and name; deleted ones are left out."""
    rows = db.execute(_VIEWS, {"project": storable(project)})
    return [View(kind, name, msgspec.msgpack.decode(data), time_s) for kind, name, data, time_s in rows]
