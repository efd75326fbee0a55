"""Files and folders, handled so that nothing half done is met and nothing is passed over in silence."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

# What file systems without hard links answer.
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


def write_whole(path: Path, text: str) -> None:
    """Makes `text` (UTF-8) the content of a small file; who reads it meanwhile sees all of the old or all of the new.

    After a power cut it may be the old one. The folder must be there.

    Raises:
        OSError: if it cannot be written; the file is as it was then.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def name_new(written: Path, path: Path) -> None:
    """Gives the contents of the file `written` a second name that must be free, also if several processes try at once.

    Whoever finds the name finds all of them; only on a file system without hard links may a reader, or a crash, come upon a part.

    Raises:
        FileExistsError: if the name is taken.
        OSError: if it cannot be given; it is free then.
    """
    try:
        os.link(written, path)
        return
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    with open(written, "rb") as source, open(path, "xb") as target:
        try:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
        except OSError:
            path.unlink()
            raise


def sync_folder(folder: Path) -> None:
    """Makes the names of new files in a folder survive a power cut; their contents are synced by who writes them.

    Raises:
        OSError: if the folder is gone or the disk refuses.
    """
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def files_below(folder: Path, leave_out: Callable[[tuple[str, ...]], bool] = lambda parts: False) -> Iterator[Path]:
    """Yields all files below a folder, in no order; links are followed, and no folder is walked twice.

    Who deletes by this list must not take for empty what is out of reach, so that raises.

    Args:
        folder: one that is missing has no files.
        leave_out: is given the parts of a folder's path below `folder`, and says whether it is passed over with all that is in it.

    Raises:
        OSError: if a folder cannot be read, or a link leads nowhere (to a disk that is not there, perhaps).
    """
    walked: set[str] = set()
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        parts = waiting.pop()
        where = os.path.join(folder, *parts)
        real = os.path.realpath(where)
        if real in walked:
            continue
        walked.add(real)
        try:
            entries = list(os.scandir(where))
        except (FileNotFoundError, NotADirectoryError):
            continue
        for entry in entries:
            if entry.is_symlink():
                os.stat(entry.path)
            if not entry.is_dir():
                yield Path(entry.path)
            elif not leave_out((*parts, entry.name)):
                waiting.append((*parts, entry.name))
