"""What Alembic runs to change the tables of an index; `kerascope/index/migrate.py` starts it with an open connection."""

from __future__ import annotations

from alembic import context

from kerascope.index.schema import METADATA


def run() -> None:
    """Runs the migrations on the connection that was given, in its transaction."""
    context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
    context.run_migrations()


if __name__ == "env_py":  # the name under which Alembic loads this file
    run()
