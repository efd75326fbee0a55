"""Saved views, panel layouts and reports of a project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from kerascope.errors import NotFoundError
from kerascope.query.filters import storable
from kerascope.query.records import View

_VIEWS = text(
    "SELECT kind, name, data, time_s FROM view WHERE project = :project AND data IS NOT NULL "
    "AND (:kind IS NULL OR kind = :kind) ORDER BY kind, name"
)
_VIEW = text(
    "SELECT kind, name, data, time_s FROM view WHERE project = :project AND kind = :kind AND name = :name AND data IS NOT NULL"
)


def listing(db: Connection, project: str, kind: str | None = None) -> list[View]:
    """Returns the saved views of a project, by kind and name; deleted ones are left out. `kind`: only these."""
    rows = db.execute(_VIEWS, {"project": storable(project), "kind": storable(kind)})
    return [_view(row) for row in rows]


def find(db: Connection, project: str, kind: str, name: str) -> View:
    """Returns one saved view.

    Raises:
        NotFoundError: if there is none of that kind and name.
    """
    where = {"project": storable(project), "kind": storable(kind), "name": storable(name)}
    row = db.execute(_VIEW, where).first()
    if row is None:
        known = [view.name for view in listing(db, project, kind)][:5]
        raise NotFoundError(
            f"There must be a view of this kind and name. Received: {project}, kind={kind!r}, name={name!r}. "
            + (f"There is for example {', '.join(known)}." if known else "The project has none of that kind.")
        )
    return _view(row)


def _view(row: Sequence[Any]) -> View:
    kind, name, data, time_s = row
    return View(kind, name, msgspec.msgpack.decode(data), time_s)
