"""What changed in the index since an earlier look: the source of live views.

Promises: a cursor is good for ever; one that belongs to an index that is gone is told by `reset`. Not for: what the changes are.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, text

_META = text("SELECT value FROM meta WHERE key = :key")
_CHANGED = text(
    "SELECT activity.project, coalesce(run.project, activity.project), run_id, keys_changed > :since, console_changed > :since "
    "FROM activity LEFT JOIN run ON run.home = activity.project AND run.id = activity.run_id WHERE changed > :since "
    "ORDER BY changed, activity.project, run_id"
)


class RunChange(msgspec.Struct, frozen=True, kw_only=True):
    """A run that changed; it may be gone. `new_keys`: it has new history keys; `console`: it has new output. `home` and `run`
    are the same for ever, `project` is where it is shown now."""

    home: str
    project: str
    run: str
    new_keys: bool
    console: bool


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What changed since a cursor, and the cursor for the next look. `reset`: everything is to be read again."""

    cursor: str
    reset: bool
    runs: tuple[RunChange, ...]


def since(db: Connection, cursor: str | None) -> Changes:
    """Returns the runs that changed since `cursor` was given out; None asks for a first cursor and lists nothing."""
    meta = {key: db.execute(_META, {"key": key}).scalar() or "0" for key in ("birth", "generation")}
    now = f"{meta['birth']}-{meta['generation']}"
    if cursor is None or cursor == now:
        return Changes(cursor=now, reset=False, runs=())
    birth, _, number = cursor.rpartition("-")
    if birth != meta["birth"] or not number.isdecimal() or int(number) > int(meta["generation"]):
        return Changes(cursor=now, reset=True, runs=())
    rows = db.execute(_CHANGED, {"since": int(number)})
    runs = (
        RunChange(home=home, project=shown, run=run, new_keys=bool(keys), console=bool(console))
        for home, shown, run, keys, console in rows
    )
    return Changes(cursor=now, reset=False, runs=tuple(runs))
