"""Small files that are there whole or not at all, whatever happens to the process or the machine.

Not for: contents (see `kerascope.blobs`).
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from kerascope.disk import name_new, sync_folder


def _write_durable(path: Path, data: bytes) -> None:
    with open(path, "xb") as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            path.unlink()
            raise


def create_file(path: Path, data: bytes) -> bool:
    """Creates the file whole and durable, also if several processes try; returns False if the name is taken.

    On a file system without hard links, a crash may leave a part of it.

    Raises:
        OSError: if it cannot be written; nothing is there then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        _write_durable(temporary, data)
        name_new(temporary, path)
        sync_folder(path.parent)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    return True


def replace_file(path: Path, data: bytes) -> None:
    """Writes a small file whole: who reads it, also after a power cut, sees the old or the new content.

    Raises:
        OSError: if it cannot be written; the old content is there then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        _write_durable(temporary, data)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
