from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kerascope.events.codec import encode
from kerascope.events.state import SegmentState
from kerascope.events.types import Event, Heartbeat, Keys, Row, Summary
from kerascope.runlog.blocks import RowBlock, iter_blocks, scan_blocks
from kerascope.runlog.format import KEYS_REPEAT, MAGIC, frame
from kerascope.runlog.reader import scan
from kerascope.runlog.writer import SegmentWriter
from tests.events.strategies import logs
from tests.runlog.segments import first_event, write_rows


def write(path: Path, events: list[Event]) -> Path:
    path.write_bytes(MAGIC + b"".join(frame(encode(event)) for event in events))
    return path


def fold_blocks(path: Path, piece_bytes: int) -> SegmentState:
    state = SegmentState()
    for blocks in iter_blocks(path, state, 0, piece_bytes):
        for _, item in blocks.items:
            if isinstance(item, RowBlock):
                item.apply_to(state)
            else:
                state.apply(item)
    return state


@given(logs(min_rows=4), st.integers(1, 2000))
def test_blocks_fold_to_the_same_bytes_as_events_one_by_one(
    tmp_path_factory: object, events: list[Event], piece: int
) -> None:
    path = write(Path(str(tmp_path_factory.mktemp("log"))) / "a.klog", events)  # type: ignore[attr-defined]
    state = SegmentState()
    for _, event in scan(path).events:
        state.apply(event)
    assert fold_blocks(path, piece).dump() == state.dump()


def test_a_state_folded_in_any_pieces_has_the_same_key_sets(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path / "a.klog", first_event())
    for step in range(KEYS_REPEAT * 5):
        writer.append_row(step, 1.0, 0.0, (f"k{step}",), [step])
    writer.close()
    whole, pieces = fold_blocks(writer.path, 1 << 30), fold_blocks(writer.path, 100_000)
    assert whole.dump() == pieces.dump()
    assert len(whole.keys) <= 16384


def test_rows_of_one_key_set_are_one_block_across_events_that_do_not_touch_them(tmp_path: Path) -> None:
    events: list[Event] = [first_event(), Keys(0, ("a", "b"))]
    for step in range(10):
        events += [Row(0, step, 1.0, 0.0, [step, step / 2]), Heartbeat(5.0)]
    events += [Summary(set={"a": 1}), Row(0, 10, 1.0, 0.0, [10, 5.0])]
    found = scan_blocks(write(tmp_path / "a.klog", events), SegmentState())
    blocks = [item for _, item in found.items if isinstance(item, RowBlock)]
    assert [len(block) for block in blocks] == [10, 1]
    assert blocks[0].steps == list(range(10))
    assert blocks[0].offsets == sorted(blocks[0].offsets)
    matrix = blocks[0].matrix
    assert matrix is not None
    assert matrix.tolist() == [[step, step / 2] for step in range(10)]


def test_numbers_and_other_values_are_split_by_name() -> None:
    block = RowBlock(("n", "mixed", "text"), [0, 9], [5, 6], [1.0, 1.0], [0.0, 0.0], [[1, "a", "b"], [2.5, 3, True]])
    numbers, others = block.split()
    assert [(entry.name, entry.rows.tolist(), entry.values.tolist()) for entry in numbers] == [
        ("n", [0, 1], [1.0, 2.5]),
        ("mixed", [1], [3.0]),
    ]
    assert others == [("mixed", 0, "a"), ("text", 0, "b"), ("text", 1, True)]
    plain = RowBlock(("n",), [0], [5], [1.0], [0.0], [[float("nan")]])
    assert np.isnan(plain.split()[0][0].values).all()


def test_rows_that_lost_their_names_are_reported(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.klog", range(3))
    data = bytearray((tmp_path / "a.klog").read_bytes())
    events = scan(tmp_path / "a.klog").events
    keys = next(offset for offset, event in events if isinstance(event, Keys))
    data[keys + 10] ^= 0xFF
    (tmp_path / "a.klog").write_bytes(data)
    found = scan_blocks(tmp_path / "a.klog", SegmentState())
    assert len(found.damage) == 4
    assert "key set 0, which was not announced" in found.damage[-1].reason
    assert not any(isinstance(item, RowBlock) for _, item in found.items)
