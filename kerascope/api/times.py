"""Times as `Api` gives them."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(time_s: float | None) -> str | None:
    """Returns a time in seconds since 1970 as ISO text in UTC, such as `2026-11-21T10:00:00Z`; None for None."""
    return None if time_s is None else datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
