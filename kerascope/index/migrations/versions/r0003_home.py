"""Runs that were moved: `project` is where a run is shown, `home` the folder that holds its log."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds the column; so far every run is shown at home."""
    op.add_column("run", Column("home", Text, nullable=False, server_default=""))
    op.execute("UPDATE run SET home = project")
    op.drop_index("run_by_id", "run")
    op.create_index("run_by_id", "run", ["project", "id"])
    op.create_index("run_by_home", "run", ["home", "id"], unique=True)


def downgrade() -> None:
    """Takes the column away."""
    op.drop_index("run_by_home", "run")
    op.drop_index("run_by_id", "run")
    op.drop_column("run", "home")
    op.create_index("run_by_id", "run", ["project", "id"], unique=True)
