"""Files of a run: what lies in its folder, what it saved as blobs, and the media that its history refers to.

Promises: no name and no log leads out of the run's `files/` folder and the blobs; only a link that lies in the folder does, which whoever
may write there has made. Not for: reading the files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from sqlalchemy import Connection, text

from kerascope.blobs.store import BlobStore, is_digest
from kerascope.errors import NotFoundError
from kerascope.paths import StorePaths
from kerascope.query.records import RunFile
from kerascope.query.runs import located

_BLOBS = text(
    "SELECT file.path, file.digest, file.size_bytes, file.time_s FROM segment JOIN file ON file.segment = segment.num "
    "WHERE segment.run = :run AND file.digest IS NOT NULL ORDER BY file.policy = 'media', file.path, segment.name"
)


def listing(db: Connection, paths: StorePaths, project: str, run_id: str) -> list[RunFile]:
    """Returns the files of a run: those of its `files/` folder by path, then saved blobs, then media.

    Raises:
        NotFoundError: if there is no such run.
    """
    num, _, home = located(db, project, run_id)
    found = {file.path: file for file in _in_folder(paths.files(home, run_id))}
    for path, digest, size_bytes, time_s in db.execute(_BLOBS, {"run": num}):
        if is_digest(digest) and (path not in found or found[path].digest is not None):
            found[path] = RunFile(path=path, size_bytes=size_bytes, modified_s=time_s, digest=digest)
    return list(found.values())


def locate(db: Connection, paths: StorePaths, project: str, run_id: str, name: str) -> Path:
    """Returns where the contents of a run's file lie: in its folder, or the blob.

    Raises:
        NotFoundError: if the run has no such file.
    """
    num, _, home = located(db, project, run_id)
    folder = paths.files(home, run_id)
    path = _inside(folder, name)
    if path is not None and path.is_file():
        return path
    for listed, digest, _, _ in db.execute(_BLOBS, {"run": num}):
        if listed == name and is_digest(digest):
            return BlobStore(paths.blobs).path(digest)
    known = [file.path for file in listing(db, paths, project, run_id)][:5]
    raise NotFoundError(
        f"The run {project}/{run_id} must have this file. Received: name={name!r}. "
        + (f"It has for example {', '.join(known)}." if known else "It has no files.")
    )


def _inside(folder: Path, name: str) -> Path | None:
    """The file of that name, None if the name leads out of the folder."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\0" in name:
        return None
    path = folder.joinpath(*parts)
    if path.is_symlink():
        return path
    return path if path.resolve().is_relative_to(folder.resolve()) else None


def _in_folder(folder: Path) -> Iterator[RunFile]:
    """The files below `folder`, by path; links to folders are not followed."""
    found = []
    for where, _, names in os.walk(folder):
        for name in names:
            path = Path(where, name)
            try:
                stat = path.stat()
            except OSError:
                continue
            relative = path.relative_to(folder).as_posix()
            found.append(RunFile(path=relative, size_bytes=stat.st_size, modified_s=stat.st_mtime))
    yield from sorted(found, key=lambda file: file.path)
