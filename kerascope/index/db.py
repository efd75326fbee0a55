"""Connections to the index: one writer, held by a lock file, and any number of readers.

Promises: readers see one snapshot for as long as a connection is open, never wait for the writer and never write; a missing or
half-made index reads as an empty one. Not for: folding (`build.py`).
"""

from __future__ import annotations

import fcntl
import os
import re
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from weakref import WeakSet

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import QueuePool, StaticPool

from kerascope.errors import StoreError
from kerascope.index import schema
from kerascope.paths import StorePaths

_PAGE_BYTES = 8192
_WRITER_PRAGMAS = (
    f"PRAGMA page_size={_PAGE_BYTES}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-65536",
    "PRAGMA busy_timeout=10000",
    "PRAGMA journal_size_limit=67108864",
)
_READER_PRAGMAS = (
    "PRAGMA query_only=1",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-32768",
    "PRAGMA mmap_size=1073741824",
    "PRAGMA busy_timeout=10000",
)

_READERS_KEPT = 8
_readers: OrderedDict[str, tuple[tuple[int, int], Engine]] = OrderedDict()
_readers_lock = threading.Lock()
_ready: WeakSet[Engine] = WeakSet()
_empty: list[Engine] = []


def _engine(connect: Any, begin: str, pool: type[QueuePool] | type[StaticPool]) -> Engine:
    """SQLAlchemy leaves BEGIN to us: the driver's own rules begin too late for a snapshot."""
    engine = create_engine("sqlite://", creator=connect, poolclass=pool)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def writer(path: Path) -> Engine:
    """Returns an engine that may write the index at `path`; the caller holds its `FileLock`."""

    def connect() -> sqlite3.Connection:
        raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in _WRITER_PRAGMAS:
            raw.execute(pragma)
        return raw

    return _engine(connect, "BEGIN IMMEDIATE", StaticPool)


def _reader(path: Path) -> Engine:
    def connect() -> sqlite3.Connection:
        uri = f"file:{quote(str(path))}?mode=ro"
        raw = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        for pragma in _READER_PRAGMAS:
            raw.execute(pragma)
        _add_functions(raw)
        return raw

    return _engine(connect, "BEGIN", QueuePool)


def _add_functions(raw: Any) -> None:
    """Adds the SQL functions of ours: `$regex` means Python's regular expressions, and letters are more than A to Z everywhere."""
    raw.create_function("matches_pattern", 2, _matches_pattern, deterministic=True)
    raw.create_function("lower_letters", 1, str.lower, deterministic=True)


def _matches_pattern(pattern: str, value: str | None) -> bool:
    return value is not None and re.search(pattern, value) is not None


def _empty_index() -> Engine:
    """An index of nothing, for readers that come before the first fold."""
    with _readers_lock:
        if not _empty:
            engine = _engine(
                lambda: sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False), "BEGIN", QueuePool
            )
            event.listen(engine, "connect", lambda raw, _: _create_in_memory(raw))
            _empty.append(engine)
        return _empty[0]


def _create_in_memory(raw: Any) -> None:
    _add_functions(raw)
    from sqlalchemy.dialects import sqlite
    from sqlalchemy.schema import CreateTable

    for table in schema.METADATA.sorted_tables:
        raw.execute(str(CreateTable(table).compile(dialect=sqlite.dialect())))


def _engine_for(path: Path) -> Engine | None:
    """The reading engine of the file that is at `path` now, None if there is none.

    Raises:
        StoreError: if that cannot be told.
    """
    try:
        stat = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StoreError(f"The index must be readable. Received: {error}. Check the folder's owner.") from error
    identity = (stat.st_dev, stat.st_ino)
    with _readers_lock:
        known = _readers.get(str(path))
        if known is not None and known[0] == identity:
            _readers.move_to_end(str(path))
            return known[1]
        if known is not None:
            known[1].dispose()
        engine = _reader(path)
        _readers[str(path)] = (identity, engine)
        while len(_readers) > _READERS_KEPT:
            _readers.popitem(last=False)[1][1].dispose()
        return engine


@contextmanager
def read(paths: StorePaths) -> Iterator[Connection]:
    """Opens the index for reading: one snapshot until the block ends. A connection belongs to one thread at a time.

    Args:
        paths: The store. Its index may be missing or just being made: it then reads as empty.

    Raises:
        StoreError: if the index is there but cannot be read.
    """
    with _open(paths.index) as connection:
        yield connection


@contextmanager
def _open(path: Path) -> Iterator[Connection]:
    engine = _engine_for(path)
    if engine is None or (engine not in _ready and not _is_ready(engine, path)):
        engine = _empty_index()
    try:
        with engine.connect() as connection:
            yield connection
    except DatabaseError as error:
        if type(error.orig) is sqlite3.DatabaseError:
            raise _unreadable(path, error) from error
        raise


def _unreadable(path: Path, error: DatabaseError) -> StoreError:
    return StoreError(
        f"The index must be a readable database. Received: {path} ({error.orig}). "
        "It is only a cache: run `kerascope index rebuild`."
    )


def _is_ready(engine: Engine, path: Path) -> bool:
    try:
        with engine.connect() as connection:
            ready = revision(connection) == schema.REVISION
    except DatabaseError as error:
        raise _unreadable(path, error) from error
    if ready:
        _ready.add(engine)  # tables never go from a file that has them
    return ready


def revision(connection: Connection) -> str | None:
    """Returns the schema revision that the index was made with; None if it has no tables yet."""
    found = connection.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")).first()
    if found is None:
        return None
    row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return None if row is None else str(row[0])


def create(engine: Engine) -> None:
    """Makes all tables in an empty database, in one transaction."""
    with engine.begin() as connection:
        schema.METADATA.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": schema.REVISION})


def is_sound(engine: Engine) -> bool:
    """Returns whether the database opens and has the tables of this version; makes them if it has none."""
    try:
        with engine.connect() as connection:
            found = revision(connection)
            connection.execute(text("PRAGMA schema_version"))
        if found is None:
            create(engine)
        return found in (None, schema.REVISION)
    except DatabaseError:
        return False


class FileLock:
    """The lock that the one folding process holds (`flock`): freed by the kernel when the process dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    def try_take(self) -> bool:
        """Takes the lock if it is free; returns whether it is held now.

        Raises:
            OSError: if the lock's file cannot be written, or its file system knows no locks.
        """
        if self._descriptor is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except OSError:
            os.close(descriptor)
            raise
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor
        return True

    def holder(self) -> str:
        """Returns the id of the process that took the lock last, as far as the file says."""
        try:
            return self._path.read_text().strip()
        except OSError:
            return ""

    def release(self) -> None:
        """Lets the lock go; a second call does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
