"""Files that released versions wrote, which every later version must read. They are never written again.

`segment_v1.klog` and `edits_v1.klog` hold one event of every kind with every field set: the events of `tests/events/samples.py` as
they were when format 1 was fixed.
"""

from __future__ import annotations

from pathlib import Path

from kerascope.events.merge import merge_states
from kerascope.events.state import SegmentState
from kerascope.events.types import Event
from kerascope.runlog.format import MAGIC
from kerascope.runlog.reader import scan
from tests.events.samples import EDIT_EVENTS, RUN_EVENTS

FOLDER = Path(__file__).parent


def events_of(name: str) -> list[Event]:
    found = scan(FOLDER / name)
    assert (found.damage, found.torn, found.unknown) == ((), None, 0)
    return [event for _, event in found.events]


def test_a_run_segment_of_format_1_opens_for_ever() -> None:
    assert events_of("segment_v1.klog") == list(RUN_EVENTS)


def test_an_edit_segment_of_format_1_opens_for_ever() -> None:
    assert events_of("edits_v1.klog") == list(EDIT_EVENTS)


def test_the_bytes_are_those_of_the_format_page() -> None:
    data = (FOLDER / "segment_v1.klog").read_bytes()
    assert data[:8] == MAGIC == bytes([0x4B, 0x53, 0x4C, 0x4F, 0x47, 0x01, 0x0D, 0x0A])
    length, crc = int.from_bytes(data[8:12], "little"), int.from_bytes(data[12:16], "little")
    payload = data[16 : 16 + length]
    assert payload[:2] == b"\x9f\x01"  # an array of 15: the tag 1 and 14 fields
    assert crc == _crc32_by_hand(payload, length)


def _crc32_by_hand(data: bytes, seed: int) -> int:
    """The checksum of the format page, written out: CRC-32 (reflected, polynomial EDB88320), continued from `seed`."""
    value = seed ^ 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0xEDB88320 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


def test_it_means_what_it_meant() -> None:
    state = SegmentState()
    for event in events_of("segment_v1.klog"):
        assert state.apply(event)
    run = merge_states([state])
    assert (run.project, run.run_id, run.name, run.tags) == ("faces", "abcd1234", "quiet-river-3", ("a", "b"))
    assert run.config == {"lr": 0.001, "layers": [64, 10], "nested": {"deep": None, "on": True}}
    assert run.summary == {
        "_step": 8,
        "_runtime": 1.5,
        "_timestamp": 1002.0,
        "loss": {"min": 0.25, "last": float("inf")},
        "acc": float("-inf"),
        "text": None,
        "hist": False,
        "best_loss": 0.25,
    }
    assert (run.last_step, run.row_count, run.created_s, run.updated_s) == (8, 2, 1000.5, 1009.0)
    assert run.finish is not None
    assert run.finish.state == "failed"
    assert set(run.files) == {"model-best.h5"}
    assert (run.artifacts_logged[0].version, run.artifacts_used[0].use_as) == (3, "input")
