"""How the numbers of a run went, read back from its own log for the closing summary.

Promises: a log that is large or cannot be read gives nothing. Not for: charts (see `query`).
"""

from __future__ import annotations

import itertools
from pathlib import Path

from kerascope.events.types import Keys, Row
from kerascope.runlog.reader import iter_events
from kerascope.tracking.printer import WIDTH, is_number, thin

MAX_BYTES = 8 * 1024 * 1024


def read_courses(path: Path | None) -> dict[str, list[float]]:
    """Returns up to `WIDTH` values per numeric key, in the order of logging."""
    courses: dict[str, list[float]] = {}
    if path is None:
        return courses
    try:
        if path.stat().st_size > MAX_BYTES:
            return courses
        names: dict[int, tuple[str, ...]] = {}
        for _, event in iter_events(path):
            if isinstance(event, Keys):
                names[event.id] = event.names
            elif isinstance(event, Row):
                for name, value in itertools.zip_longest(names.get(event.keys, ()), event.values):
                    if name is not None and is_number(value):
                        courses.setdefault(name, []).append(float(value))
    except OSError:
        return {}
    return {name: thin(values, WIDTH) for name, values in courses.items()}
