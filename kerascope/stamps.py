"""When the time stamp of a file or folder can be taken at its word."""

from __future__ import annotations

import time
from typing import Final

SETTLE_S: Final = 2.0
"""Clocks of file systems are coarse: for so long, a second change may get the stamp of the first."""


def is_settled(stamp_ns: int, first_seen_s: float) -> bool:
    """Returns whether a change from now on gets another stamp than `stamp_ns`.

    It does once the stamp is `SETTLE_S` old by the clock of this machine, or has been known for so long. The second counts where the
    stamp lies in the future, because another machine wrote it whose clock runs ahead.

    Args:
        stamp_ns: `st_mtime_ns`.
        first_seen_s: `time.monotonic()` when this stamp was first met.
    """
    return time.time() - stamp_ns / 1e9 > SETTLE_S or time.monotonic() - first_seen_s > SETTLE_S
