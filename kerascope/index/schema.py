"""Tables of the index, for SQLite and PostgreSQL alike.

Promises: everything but `meta` and `activity` is a function of the bytes of the store (`docs/formats/index.md`). `REVISION` names
this form of the tables; each form has a script in `migrations/versions`. Not for: what the rows mean together (`query/`).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text

REVISION = "0003"

METADATA = MetaData()
_BIG = BigInteger().with_variant(Integer, "sqlite")


def _number(name: str, *, key: bool = False, null: bool = False) -> Column[int]:
    return Column(name, _BIG, primary_key=key, nullable=null, autoincrement=False)


def _real(name: str, *, null: bool = False) -> Column[float]:
    return Column(name, Float(53), nullable=null)


def _text(name: str, *, key: bool = False, null: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=null)


def _bytes(name: str, *, null: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=null)


META = Table("meta", METADATA, _text("key", key=True), _text("value"))

# Bookkeeping of the folder scan and of live views: which generation of the index changed a run last.
ACTIVITY = Table(
    "activity",
    METADATA,
    _text("project", key=True),
    _text("run_id", key=True),
    _number("mtime_ns"),
    _number("changed"),
    _number("keys_changed"),
    _number("console_changed"),
    Index("activity_by_changed", "changed"),
)

RUN = Table(
    "run",
    METADATA,
    _number("num", key=True),
    _text("project"),
    _text("id"),
    _text("name"),
    _text("entity"),
    _text("host"),
    _text("group_name", null=True),
    _text("job_type", null=True),
    _text("notes", null=True),
    _text("tags"),
    _text("ended", null=True),
    _number("exit_code", null=True),
    _number("archived"),
    _number("deleted"),
    _number("attempt_count"),
    _number("row_count"),
    _number("last_step", null=True),
    _real("created_s"),
    _real("updated_s"),
    _real("finished_s", null=True),
    _real("duration_s"),
    _number("shape"),
    Column("home", Text, nullable=False, server_default=""),
    Index("run_by_id", "project", "id"),
    Index("run_by_home", "home", "id", unique=True),
    Index("run_by_created", "project", "deleted", "archived", "created_s"),
    Index("run_by_ended", "ended", "updated_s"),
)

# What is too long to lie in the way of a scan over the runs: msgpack maps.
RUN_DATA = Table(
    "run_data",
    METADATA,
    _number("run", key=True),
    _bytes("metrics"),
    _bytes("config"),
    _bytes("summary"),
    _bytes("environment"),
)

# The leaves of config and summary (`config.optimizer.lr`), for filters and sorting. Position 0 is the value itself; the items
# of a short list follow from 1.
VALUE = Table(
    "value",
    METADATA,
    _number("run", key=True),
    _text("name", key=True),
    _number("position", key=True),
    _text("kind"),
    _real("number", null=True),
    _text("text", null=True),
    sqlite_with_rowid=False,
)

SEGMENT = Table(
    "segment",
    METADATA,
    _number("num", key=True),
    _number("run"),
    _text("name"),
    _number("folded_bytes"),
    _number("seen_bytes"),
    _bytes("state"),
    _number("rank"),
    _number("world_size"),
    _number("attempt"),
    _text("host"),
    _number("pid"),
    _real("pid_start_s"),
    _real("started_s"),
    _real("updated_s"),
    _text("ended", null=True),
    _number("exit_code", null=True),
    _text("message"),
    _number("resumed"),
    _number("starting_step"),
    _number("line_count"),
    _number("note_count"),
    _text("damage"),
    Index("segment_by_name", "run", "name", unique=True),
)

SERIES = Table(
    "series",
    METADATA,
    _number("num", key=True),
    _number("run"),
    _number("segment"),
    _text("key"),
    _text("form", null=True),
    _text("kind", null=True),
    _number("point_count"),
    _number("cell_count"),
    _number("last_step"),
    Index("series_by_key", "run", "key"),
    Index("series_by_segment", "segment", "key", unique=True),
)

CHUNK = Table(
    "chunk",
    METADATA,
    _number("series", key=True),
    _number("number", key=True),
    _bytes("steps"),
    _bytes("data"),
)

LOD = Table(
    "lod",
    METADATA,
    _number("series", key=True),
    _number("number", key=True),
    _number("point_count"),
    _number("first_step"),
    _number("last_step"),
    _number("ordering"),
    _bytes("entries"),
)

CELL = Table(
    "cell",
    METADATA,
    _number("series", key=True),
    _number("position", key=True),
    _number("step"),
    _bytes("value"),
    Index("cell_by_step", "series", "step"),
)

CONSOLE = Table(
    "console",
    METADATA,
    _number("segment", key=True),
    _number("line", key=True),
    _text("stream"),
    _real("time_s"),
    _text("text"),
    sqlite_with_rowid=False,
)

ALERT = Table(
    "alert",
    METADATA,
    _number("segment", key=True),
    _number("position", key=True),
    _text("title"),
    _text("text"),
    _text("level"),
    _real("time_s"),
)

NOTICE = Table(
    "notice",
    METADATA,
    _number("segment", key=True),
    _number("position", key=True),
    _text("level"),
    _text("text"),
    _text("key", null=True),
    _number("step", null=True),
    _real("time_s"),
)

FILE = Table(
    "file",
    METADATA,
    _number("segment", key=True),
    _text("path", key=True),
    _text("digest", null=True),
    _number("size_bytes"),
    _text("policy"),
    _real("time_s"),
)

LINK = Table(
    "link",
    METADATA,
    _number("segment", key=True),
    _number("position", key=True),
    _text("direction"),
    _text("name"),
    _text("type"),
    _number("version"),
    _text("digest"),
    _text("detail"),
    _real("time_s"),
    Index("link_by_artifact", "name", "version"),
)

EDIT_SEGMENT = Table(
    "edit_segment",
    METADATA,
    _text("name", key=True),
    _number("folded_bytes"),
    _number("seen_bytes"),
    _text("damage"),
)

EDIT = Table(
    "edit",
    METADATA,
    _text("segment", key=True),
    _number("offset", key=True),
    _real("time_s"),
    _text("project"),
    _text("run_id"),
    _text("kind"),
    _bytes("data"),
    Index("edit_by_run", "project", "run_id"),
)

VIEW = Table(
    "view",
    METADATA,
    _text("project", key=True),
    _text("kind", key=True),
    _text("name", key=True),
    _bytes("data", null=True),
    _real("time_s"),
    _text("segment"),
    _number("offset"),
)

BOOKKEEPING = frozenset({"meta", "activity"})
OF_SEGMENT = ("console", "alert", "notice", "file", "link")
OF_SERIES = ("chunk", "lod", "cell")
