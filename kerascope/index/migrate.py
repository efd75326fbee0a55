"""Brings an index of an older version to the tables of this one, with the scripts in `migrations/`.

Promises: runs in one transaction; Alembic is loaded only when there is something to do. Not for: new indexes (`db.create`), or those of
versions that no script knows, which are made anew.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from kerascope.index import db

FOLDER = Path(__file__).with_name("migrations")


def upgrade(engine: Engine) -> bool:
    """Upgrades the database to the newest version.

    Args:
        engine: From `db.writer`; the caller holds the lock.

    Returns:
        Whether it has the newest version now. False, with nothing changed, if its version is not known here.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with engine.begin() as connection:
        found = db.revision(connection)
        if found is not None and found not in known:
            return False
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True
