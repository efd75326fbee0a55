from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kerascope.events.types import Config, Row
from kerascope.runlog.format import HEADER_SIZE, MAGIC, frame
from kerascope.runlog.reader import Damage, TornTail, iter_events, scan, scan_raw
from tests.runlog.segments import first_event, rows_at, rows_of, write_rows


def test_a_cut_at_any_byte_loses_only_the_record_it_cuts(tmp_path: Path) -> None:
    rows = write_rows(tmp_path / "a.klog", range(40))
    whole = (tmp_path / "a.klog").read_bytes()
    ends = [offset for offset, _ in scan_raw(tmp_path / "a.klog").payloads] + [len(whole)]
    cut = tmp_path / "cut.klog"
    for size in range(ends[-6], len(whole)):
        cut.write_bytes(whole[:size])
        found = scan(cut)
        kept = max(end for end in ends if end <= size)
        assert rows_of(found.events) == rows[: 40 - sum(end > size for end in ends)]
        assert found.next_offset == kept
        assert found.damage == ()
        assert found.torn == (TornTail(kept, size - kept) if size > kept else None)


def test_a_flipped_byte_costs_at_most_the_record_it_is_in(tmp_path: Path) -> None:
    rows = write_rows(tmp_path / "a.klog", range(12))
    whole = (tmp_path / "a.klog").read_bytes()
    bad = tmp_path / "bad.klog"
    intact = len(scan(tmp_path / "a.klog").events)
    for position in range(len(whole)):
        for bit in (0x01, 0x80):
            data = bytearray(whole)
            data[position] ^= bit
            bad.write_bytes(data)
            found = scan(bad)
            lost = intact - len(found.events) - found.unknown
            assert lost == (position >= len(MAGIC)), (position, bit)
            assert found.damage or found.torn
            assert all(row in rows for row in rows_of(found.events))


def test_reading_on_as_the_file_grows_gives_what_reading_at_once_gives(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.klog", range(30))
    whole = (tmp_path / "a.klog").read_bytes()
    at_once = scan(tmp_path / "a.klog")
    growing = tmp_path / "growing.klog"
    for stride in (1, 7, 100):
        events, offset = [], 0
        for size in [*range(0, len(whole), stride), len(whole)]:
            growing.write_bytes(whole[:size])
            found = scan(growing, offset)
            events += found.events
            offset = found.next_offset
        assert (events, offset) == (at_once.events, at_once.next_offset)


def test_damage_seen_while_the_file_grows_never_costs_a_later_record(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.klog", range(10))
    data = bytearray((tmp_path / "a.klog").read_bytes())
    offsets = [offset for offset, _ in scan_raw(tmp_path / "a.klog").payloads]
    data[offsets[5] + HEADER_SIZE + 3] ^= 0xFF
    at_once = (tmp_path / "b.klog", data)
    at_once[0].write_bytes(data)
    expected = scan(at_once[0])
    events, damage, offset = [], [], 0
    for size in range(len(data) + 1):
        (tmp_path / "c.klog").write_bytes(data[:size])
        found = scan(tmp_path / "c.klog", offset)
        events += found.events
        damage += [entry for entry in found.damage if entry.offset < found.next_offset]
        offset = found.next_offset
    assert events == expected.events
    assert tuple(damage) == expected.damage
    assert len(damage) == 1


@pytest.mark.parametrize("limit", [1, 50, 1000])
def test_reading_in_pieces_gives_what_reading_at_once_gives(tmp_path: Path, limit: int) -> None:
    write_rows(tmp_path / "a.klog", range(60))
    at_once = scan(tmp_path / "a.klog")
    events, offset = [], 0
    while True:
        found = scan(tmp_path / "a.klog", offset, limit)
        events += found.events
        if found.next_offset == offset:
            break
        offset = found.next_offset
    assert (events, offset) == (at_once.events, at_once.next_offset)
    assert list(iter_events(tmp_path / "a.klog")) == at_once.events


def test_an_event_of_a_newer_writer_is_counted_not_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.klog"
    rows = write_rows(path, range(3))
    with path.open("ab") as file:
        file.write(frame(msgspec.msgpack.encode([63, "new", {"x": 1}])))
        file.write(frame(msgspec.msgpack.encode([3, {"a": 1}, [], "a field of the future"])))
    found = scan(path)
    assert (found.unknown, found.damage, found.torn) == (1, (), None)
    assert found.events[-1][1] == Config(set={"a": 1})
    assert rows_of(found.events) == rows


def test_a_whole_frame_that_holds_no_event_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.klog"
    write_rows(path, range(2))
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(frame(b"\xc1garbage") + frame(msgspec.msgpack.encode([10, 5.0])))
    found = scan(path)
    assert [(entry.offset, entry.size_bytes) for entry in found.damage] == [(size, HEADER_SIZE + 8)]
    assert type(found.events[-1][1]).__name__ == "Heartbeat"


def test_a_torn_record_in_the_middle_costs_no_other(tmp_path: Path) -> None:
    rows = write_rows(tmp_path / "a.klog", range(5))
    data = (tmp_path / "a.klog").read_bytes()
    torn = frame(msgspec.msgpack.encode([3, {"text": "x" * 5000}]))[:3000]
    end = scan_raw(tmp_path / "a.klog").payloads[3][0]
    (tmp_path / "b.klog").write_bytes(data[:end] + torn + data[end:])
    found = scan(tmp_path / "b.klog")
    assert rows_of(found.events) == rows
    assert [entry[:2] for entry in found.damage] == [(end, 3000)]


def test_a_record_that_looks_like_frames_is_not_searched_for_frames(tmp_path: Path) -> None:
    inner = frame(msgspec.msgpack.encode([3, {"inner": 1}]))
    outer = bytearray(frame(msgspec.msgpack.encode([3, {"outer": inner * 3, "n": 1}])))
    outer[-1] ^= 0xFF
    tail = frame(msgspec.msgpack.encode([3, {"tail": 1}]))
    (tmp_path / "a.klog").write_bytes(MAGIC + bytes(outer) + tail)
    found = scan(tmp_path / "a.klog")
    assert [event for _, event in found.events] == [Config(set={"tail": 1})]
    assert [entry[:2] for entry in found.damage] == [(len(MAGIC), len(outer))]


@pytest.mark.parametrize("data", [b"", MAGIC[:3], MAGIC])
def test_a_file_that_has_just_been_created_is_neither_damaged_nor_finished(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.klog").write_bytes(data)
    found = scan(tmp_path / "a.klog")
    assert (found.events, found.damage) == ([], ())
    assert found.torn == (TornTail(0, 3) if len(data) == 3 else None)


def test_a_file_that_is_no_segment_is_one_damage(tmp_path: Path) -> None:
    (tmp_path / "a.klog").write_bytes(b"hello, this is a text file\n" * 1000)
    found = scan(tmp_path / "a.klog")
    assert found.events == []
    assert [entry.offset for entry in found.damage] == [0]
    (tmp_path / "a.klog").write_bytes(MAGIC.replace(b"\x01", b"\x02") + b"x" * 100)
    assert "version 2" in scan(tmp_path / "a.klog").damage[0].reason


def test_zeros_at_the_end_are_damage_after_which_reading_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "a.klog"
    rows = write_rows(path, range(5))
    end = path.stat().st_size
    with path.open("ab") as file:
        file.write(bytes(4096))
    found = scan(path)
    assert found.damage == (Damage(end, 4096, "a frame announces 0 bytes, which is out of range"),)
    assert found.next_offset == end
    with path.open("ab") as file:
        file.write(frame(msgspec.msgpack.encode([10, 5.0])))
    again = scan(path, found.next_offset)
    assert [type(event).__name__ for _, event in again.events] == ["Heartbeat"]
    assert rows_at(path) == rows


def test_the_first_record_says_who_writes(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.klog", range(1))
    events = scan(tmp_path / "a.klog").events
    assert events[0] == (len(MAGIC), first_event())
    assert isinstance(events[-1][1], Row)
