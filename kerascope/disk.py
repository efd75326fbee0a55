"""Writing to disk so that neither a reader nor a crash meets anything half done."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


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
