"""The first form of the index that was released."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Float, Integer, LargeBinary, Text

revision = "0002"
down_revision = None

_BIG = BigInteger().with_variant(Integer, "sqlite")


TABLES = (
    "meta",
    "activity",
    "run",
    "run_data",
    "value",
    "segment",
    "series",
    "chunk",
    "lod",
    "cell",
    "console",
    "alert",
    "notice",
    "file",
    "link",
    "edit_segment",
    "edit",
    "view",
)


def upgrade() -> None:
    """Makes all tables."""
    op.create_table(
        "meta",
        Column("key", Text, nullable=False, primary_key=True),
        Column("value", Text, nullable=False),
    )
    op.create_table(
        "activity",
        Column("project", Text, nullable=False, primary_key=True),
        Column("run_id", Text, nullable=False, primary_key=True),
        Column("mtime_ns", _BIG, nullable=False, autoincrement=False),
        Column("changed", _BIG, nullable=False, autoincrement=False),
        Column("keys_changed", _BIG, nullable=False, autoincrement=False),
        Column("console_changed", _BIG, nullable=False, autoincrement=False),
    )
    op.create_index("activity_by_changed", "activity", ["changed"])
    op.create_table(
        "run",
        Column("num", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("project", Text, nullable=False),
        Column("id", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("entity", Text, nullable=False),
        Column("host", Text, nullable=False),
        Column("group_name", Text, nullable=True),
        Column("job_type", Text, nullable=True),
        Column("notes", Text, nullable=True),
        Column("tags", Text, nullable=False),
        Column("ended", Text, nullable=True),
        Column("exit_code", _BIG, nullable=True, autoincrement=False),
        Column("archived", _BIG, nullable=False, autoincrement=False),
        Column("deleted", _BIG, nullable=False, autoincrement=False),
        Column("attempt_count", _BIG, nullable=False, autoincrement=False),
        Column("row_count", _BIG, nullable=False, autoincrement=False),
        Column("last_step", _BIG, nullable=True, autoincrement=False),
        Column("created_s", Float(53), nullable=False),
        Column("updated_s", Float(53), nullable=False),
        Column("finished_s", Float(53), nullable=True),
        Column("duration_s", Float(53), nullable=False),
        Column("shape", _BIG, nullable=False),
    )
    op.create_index("run_by_created", "run", ["project", "deleted", "archived", "created_s"])
    op.create_index("run_by_ended", "run", ["ended", "updated_s"])
    op.create_index("run_by_id", "run", ["project", "id"], unique=True)
    op.create_table(
        "run_data",
        Column("run", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("metrics", LargeBinary, nullable=False),
        Column("config", LargeBinary, nullable=False),
        Column("summary", LargeBinary, nullable=False),
        Column("environment", LargeBinary, nullable=False),
    )
    op.create_table(
        "value",
        Column("run", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("name", Text, nullable=False, primary_key=True),
        Column("position", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("kind", Text, nullable=False),
        Column("number", Float(53), nullable=True),
        Column("text", Text, nullable=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "segment",
        Column("num", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("run", _BIG, nullable=False, autoincrement=False),
        Column("name", Text, nullable=False),
        Column("folded_bytes", _BIG, nullable=False, autoincrement=False),
        Column("seen_bytes", _BIG, nullable=False, autoincrement=False),
        Column("state", LargeBinary, nullable=False),
        Column("rank", _BIG, nullable=False, autoincrement=False),
        Column("world_size", _BIG, nullable=False, autoincrement=False),
        Column("attempt", _BIG, nullable=False, autoincrement=False),
        Column("host", Text, nullable=False),
        Column("pid", _BIG, nullable=False, autoincrement=False),
        Column("pid_start_s", Float(53), nullable=False),
        Column("started_s", Float(53), nullable=False),
        Column("updated_s", Float(53), nullable=False),
        Column("ended", Text, nullable=True),
        Column("exit_code", _BIG, nullable=True, autoincrement=False),
        Column("message", Text, nullable=False),
        Column("resumed", _BIG, nullable=False, autoincrement=False),
        Column("starting_step", _BIG, nullable=False, autoincrement=False),
        Column("line_count", _BIG, nullable=False, autoincrement=False),
        Column("note_count", _BIG, nullable=False, autoincrement=False),
        Column("damage", Text, nullable=False),
    )
    op.create_index("segment_by_name", "segment", ["run", "name"], unique=True)
    op.create_table(
        "series",
        Column("num", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("run", _BIG, nullable=False, autoincrement=False),
        Column("segment", _BIG, nullable=False, autoincrement=False),
        Column("key", Text, nullable=False),
        Column("form", Text, nullable=True),
        Column("kind", Text, nullable=True),
        Column("point_count", _BIG, nullable=False, autoincrement=False),
        Column("cell_count", _BIG, nullable=False, autoincrement=False),
        Column("last_step", _BIG, nullable=False, autoincrement=False),
    )
    op.create_index("series_by_key", "series", ["run", "key"])
    op.create_index("series_by_segment", "series", ["segment", "key"], unique=True)
    op.create_table(
        "chunk",
        Column("series", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("number", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("steps", LargeBinary, nullable=False),
        Column("data", LargeBinary, nullable=False),
    )
    op.create_table(
        "lod",
        Column("series", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("number", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("point_count", _BIG, nullable=False, autoincrement=False),
        Column("first_step", _BIG, nullable=False, autoincrement=False),
        Column("last_step", _BIG, nullable=False, autoincrement=False),
        Column("ordering", _BIG, nullable=False, autoincrement=False),
        Column("entries", LargeBinary, nullable=False),
    )
    op.create_table(
        "cell",
        Column("series", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("position", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("step", _BIG, nullable=False, autoincrement=False),
        Column("value", LargeBinary, nullable=False),
    )
    op.create_index("cell_by_step", "cell", ["series", "step"])
    op.create_table(
        "console",
        Column("segment", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("line", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("stream", Text, nullable=False),
        Column("time_s", Float(53), nullable=False),
        Column("text", Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "alert",
        Column("segment", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("position", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("title", Text, nullable=False),
        Column("text", Text, nullable=False),
        Column("level", Text, nullable=False),
        Column("time_s", Float(53), nullable=False),
    )
    op.create_table(
        "notice",
        Column("segment", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("position", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("level", Text, nullable=False),
        Column("text", Text, nullable=False),
        Column("key", Text, nullable=True),
        Column("step", _BIG, nullable=True, autoincrement=False),
        Column("time_s", Float(53), nullable=False),
    )
    op.create_table(
        "file",
        Column("segment", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("path", Text, nullable=False, primary_key=True),
        Column("digest", Text, nullable=True),
        Column("size_bytes", _BIG, nullable=False, autoincrement=False),
        Column("policy", Text, nullable=False),
        Column("time_s", Float(53), nullable=False),
    )
    op.create_table(
        "link",
        Column("segment", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("position", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("direction", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("version", _BIG, nullable=False, autoincrement=False),
        Column("digest", Text, nullable=False),
        Column("detail", Text, nullable=False),
        Column("time_s", Float(53), nullable=False),
    )
    op.create_index("link_by_artifact", "link", ["name", "version"])
    op.create_table(
        "edit_segment",
        Column("name", Text, nullable=False, primary_key=True),
        Column("folded_bytes", _BIG, nullable=False, autoincrement=False),
        Column("seen_bytes", _BIG, nullable=False, autoincrement=False),
        Column("damage", Text, nullable=False),
    )
    op.create_table(
        "edit",
        Column("segment", Text, nullable=False, primary_key=True),
        Column("offset", _BIG, nullable=False, primary_key=True, autoincrement=False),
        Column("time_s", Float(53), nullable=False),
        Column("project", Text, nullable=False),
        Column("run_id", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("data", LargeBinary, nullable=False),
    )
    op.create_index("edit_by_run", "edit", ["project", "run_id"])
    op.create_table(
        "view",
        Column("project", Text, nullable=False, primary_key=True),
        Column("kind", Text, nullable=False, primary_key=True),
        Column("name", Text, nullable=False, primary_key=True),
        Column("data", LargeBinary, nullable=True),
        Column("time_s", Float(53), nullable=False),
        Column("segment", Text, nullable=False),
        Column("offset", _BIG, nullable=False, autoincrement=False),
    )


def downgrade() -> None:
    """Drops all tables."""
    for table in TABLES:
        op.drop_table(table)
