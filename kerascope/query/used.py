"""Which artifact versions runs used, for whoever must not remove them.

Promises: hidden runs count too, since they can be restored. Not for: who used a version (see `lineage.py`).
"""

from __future__ import annotations

from sqlalchemy import Connection, text

_USED = text("SELECT DISTINCT name, version, digest FROM link WHERE direction = 'used'")


def used_versions(db: Connection) -> set[tuple[str, int, str]]:
    """Returns (name, version number, digest) of every version that any run used as its input."""
    return {(row.name, row.version, row.digest) for row in db.execute(_USED)}
