"""The store's folder as a run needs it: the marker file, and a name for the run's segment (`docs/formats/store.md`).

Not for: reading the store.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from kerascope.disk import write_whole
from kerascope.errors import StoreError
from kerascope.paths import StorePaths
from kerascope.runlog.files import segment_name

STORE_FORMAT = 1


def open_store(paths: StorePaths, on_error: Callable[[OSError], None]) -> bool:
    """Makes the store's folder and marker if they are missing; returns whether that worked.

    Raises:
        StoreError: if the folder is a store of a newer version.
    """
    try:
        if paths.marker.exists():
            _check_format(paths.marker)
            return True
        paths.root.mkdir(parents=True, exist_ok=True)
        _write_marker(paths.marker)
    except OSError as error:
        on_error(error)
        return False
    return True


def new_segment_path(paths: StorePaths, project: str, run_id: str, rank: int, time_ns: int) -> Path:
    """Returns the path of a segment that does not exist yet and begins at `time_ns`, in nanoseconds since 1970."""
    return paths.log(project, run_id) / segment_name(time_ns, rank, secrets.token_hex(4))


def _write_marker(marker: Path) -> None:
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    write_whole(marker, json.dumps({"format": STORE_FORMAT, "created_at": created}) + "\n")


def _check_format(marker: Path) -> None:
    try:
        found = json.loads(marker.read_text(encoding="utf-8")).get("format")
    except (ValueError, AttributeError):
        return  # a damaged marker is the doctor's business and stops no training
    if isinstance(found, int) and found > STORE_FORMAT:
        raise StoreError(
            f"The store was written by a newer version. Received: {marker} with format {found}, known is {STORE_FORMAT}. "
            "Update kerascope, or choose another folder with KERASCOPE_DIR."
        )
