"""The segment that a process writes: which file it is, and whether it is written at all.

Promises: a silent process touches no file. Not for: which run it belongs to (see `agreement.py`).
"""

from __future__ import annotations

import time

from kerascope.events.types import Segment
from kerascope.paths import StorePaths
from kerascope.runlog.writer import SegmentWriter
from kerascope.settings import Settings
from kerascope.tracking.agreement import tell_silent
from kerascope.tracking.rank_sink import RankSink
from kerascope.tracking.ranks import Place
from kerascope.tracking.recorder import Recorder
from kerascope.tracking.sink import Sink
from kerascope.tracking.store import new_segment_path, open_store


def open_sink(
    settings: Settings, paths: StorePaths, place: Place, segment: Segment, recorder: Recorder, began_ns: int
) -> Sink:
    """Returns the segment of this process, begun; that of another than the first is silent unless all record."""

    def open_segment() -> SegmentWriter:
        writable = open_store(paths, recorder.disk_failed)
        start_ns = began_ns if place.rank == 0 else time.time_ns()
        path = new_segment_path(paths, settings.project, segment.run_id, place.rank, start_ns)
        return SegmentWriter(path, segment, settings.sync_interval_s, recorder.disk_failed if writable else None)

    if place.rank == 0:
        return open_segment()
    sink = RankSink(place, open_segment)
    if settings.log_ranks == "all":
        sink.open()
    else:
        tell_silent(place)
    return sink
