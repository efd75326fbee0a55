from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from kerascope.events.types import Event, Row, Segment
from kerascope.runlog.files import segment_name
from kerascope.runlog.follow import Followed, follow
from kerascope.runlog.writer import SegmentWriter
from tests.runlog.segments import first_event


def take(source: Iterator[Followed], count: int) -> list[tuple[str, Event]]:
    return [(found.path.name, found.event) for _, found in zip(range(count), source, strict=False)]


def test_what_is_there_comes_first_and_what_is_written_later_follows(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path / segment_name(1, 0, "0" * 8), first_event())
    writer.append_row(0, 1.0, 0.0, ("a",), [0])
    source = follow(tmp_path, poll_s=0.001)
    assert [type(event).__name__ for _, event in take(source, 3)] == ["Segment", "Keys", "Row"]
    writer.append_row(1, 1.0, 0.0, ("a",), [1])
    other = SegmentWriter(tmp_path / segment_name(2, 1, "1" * 8), first_event(rank=1))
    found = take(source, 2)
    assert isinstance(found[0][1], Row)
    assert isinstance(found[1][1], Segment)
    assert found[1][0] == other.path.name
    writer.close()
    other.close()


def test_a_stop_ends_it_after_what_is_there(tmp_path: Path) -> None:
    stop = threading.Event()
    writer = SegmentWriter(tmp_path / segment_name(1, 0, "0" * 8), first_event())
    source = follow(writer.path, poll_s=60, stop=stop)
    assert len(take(source, 1)) == 1
    writer.append_row(0, 1.0, 0.0, ("a",), [0])
    stop.set()
    assert [type(found.event).__name__ for found in source] == ["Keys", "Row"]
    writer.close()


def test_a_folder_that_does_not_exist_yet_is_waited_for(tmp_path: Path) -> None:
    source = follow(tmp_path / "later", poll_s=0.001)
    ready = threading.Timer(
        0.05, lambda: SegmentWriter(tmp_path / "later" / segment_name(1, 0, "0" * 8), first_event()).close()
    )
    ready.start()
    assert isinstance(take(source, 1)[0][1], Segment)
    ready.join()


def test_a_torn_record_is_given_once_it_is_whole(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path / "w" / segment_name(1, 0, "0" * 8), first_event())
    writer.append_row(0, 1.0, 0.0, ("a",), [0])
    writer.close()
    data = writer.path.read_bytes()
    copy = tmp_path / segment_name(1, 0, "0" * 8)
    copy.write_bytes(data[:-5])
    stop = threading.Event()
    source = follow(copy, poll_s=0.001, stop=stop)
    assert len(take(source, 2)) == 2
    copy.write_bytes(data)
    stop.set()
    assert [type(found.event).__name__ for found in source] == ["Row"]
