"""Names of segment files: `<start>-r<rank>-<nonce>.klog` (`docs/formats/store.md`); sorting names sorts by start.

Promises: pure, but for `list_segments`, which lists a folder. Not for: what the files say.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

SUFFIX: Final = ".klog"
_NAME: Final = re.compile(r"(\d{20})-r(\d{5})-([0-9a-f]{8})\.klog\Z")


class SegmentName(NamedTuple):
    """What the name of a segment file says."""

    time_ns: int
    rank: int
    nonce: str


def segment_name(time_ns: int, rank: int, nonce: str) -> str:
    """Returns the file name of the segment that starts at `time_ns` (nanoseconds since 1970).

    Raises:
        ValueError: if a part does not fit the name: `nonce` is 8 lower-case hex digits.
    """
    name = f"{time_ns:020d}-r{rank:05d}-{nonce}{SUFFIX}"
    if parse_segment_name(name) is None:
        raise ValueError(
            "A segment is named by a time of up to 20 digits, a rank of up to 5 and 8 hex digits. "
            f"Received: time_ns={time_ns}, rank={rank}, nonce={nonce!r}."
        )
    return name


def parse_segment_name(name: str) -> SegmentName | None:
    """Returns the parts of a segment's file name, or None if the name is not of that form."""
    found = _NAME.match(name)
    return SegmentName(int(found[1]), int(found[2]), found[3]) if found else None


def list_segments(folder: Path) -> list[Path]:
    """Returns the segment files in `folder` in name order; a missing folder has none. Other files are left alone."""
    try:
        return sorted(path for path in folder.iterdir() if parse_segment_name(path.name))
    except (FileNotFoundError, NotADirectoryError):
        return []
