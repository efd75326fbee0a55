"""Small verbs for tests that write and read segments."""

from __future__ import annotations

from pathlib import Path

from kerascope.events.types import FORMAT_VERSION, Event, Keys, Row, Segment
from kerascope.runlog.reader import Scan, scan
from kerascope.runlog.writer import SegmentWriter


def first_event(run_id: str = "abcd1234", *, rank: int = 0, time_s: float = 1000.0) -> Segment:
    return Segment(FORMAT_VERSION, "faces", run_id, "me", rank, 1, time_s, "host", 1, 1.0, 0, False, 0, "0.1.0")


def write_rows(path: Path, steps: range, *, names: tuple[str, ...] = ("loss", "acc")) -> list[tuple[int, list[float]]]:
    writer = SegmentWriter(path, first_event())
    rows = [(step, [step + 0.5 * i for i in range(len(names))]) for step in steps]
    for step, values in rows:
        assert writer.append_row(step, 1000.0 + step, float(step), names, values)
    writer.close()
    return rows


def rows_of(events: list[tuple[int, Event]]) -> list[tuple[int, list[float]]]:
    return [(event.step, event.values) for _, event in events if isinstance(event, Row)]


def rows_at(path: Path) -> list[tuple[int, list[float]]]:
    return rows_of(scan(path).events)


def named_rows(found: Scan) -> list[tuple[int, dict[str, object]]]:
    names: dict[int, tuple[str, ...]] = {}
    rows = []
    for _, event in found.events:
        if isinstance(event, Keys):
            names[event.id] = event.names
        elif isinstance(event, Row):
            rows.append((event.step, dict(zip(names[event.keys], event.values, strict=True))))
    return rows
