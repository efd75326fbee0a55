"""Short words for folding events."""

from __future__ import annotations

from kerascope.events.state import SegmentState
from kerascope.events.types import Event, Segment


def segment(*, rank: int = 0, attempt: int = 0, time_s: float = 100.0) -> Segment:
    return Segment(1, "faces", "abcd1234", "me", rank, 2, time_s, "host", 1, 1.0, attempt, attempt > 0, 0, "0.1")


def fold(*events: Event) -> SegmentState:
    state = SegmentState()
    for event in events:
        state.apply(event)
    return state
