from __future__ import annotations

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kerascope.events.state import SegmentState
from kerascope.events.summary import number_matrix
from kerascope.events.types import (
    Config,
    Event,
    Keys,
    Row,
)
from tests.events.folding import fold, segment
from tests.events.strategies import logs


def fold_in_blocks(events: list[Event], size: int) -> SegmentState:
    """Folds runs of rows with the same key set through the bulk path, at most `size` at a time."""
    state = SegmentState()
    position = 0
    while position < len(events):
        event = events[position]
        rows = [event]
        while isinstance(event, Row) and len(rows) < size and position + len(rows) < len(events):
            following = events[position + len(rows)]
            if not isinstance(following, Row) or following.keys != event.keys:
                break
            rows.append(following)
        if isinstance(event, Row):
            block = [row for row in rows if isinstance(row, Row)]
            state.apply_rows(
                state.names(event.keys) or (),
                [row.step for row in block],
                [row.time_s for row in block],
                [row.runtime_s for row in block],
                [row.values for row in block],
            )
        else:
            state.apply(event)
        position += len(rows)
    return state


@given(logs(), st.data())
def test_a_log_folded_in_any_pieces_gives_the_same_bytes(events: list[Event], data: st.DataObject) -> None:
    whole = fold(*events).dump()
    cut = data.draw(st.integers(0, len(events)))
    state = SegmentState.load(fold(*events[:cut]).dump())
    for event in events[cut:]:
        state.apply(event)
    assert state.dump() == whole


@given(logs(min_rows=6), st.integers(1, 40))
def test_rows_folded_many_at_a_time_give_the_same_bytes(events: list[Event], size: int) -> None:
    assert fold_in_blocks(events, size).dump() == fold(*events).dump()


def test_ints_stay_ints_in_rows_folded_many_at_a_time() -> None:
    rows = [[float(i), i % 7] for i in range(5000)]
    matrix = number_matrix(rows)
    assert matrix is not None
    state = SegmentState()
    state.apply_rows(("a", "b"), range(5000), np.arange(5000.0), np.arange(5000.0), rows, matrix)
    assert state.summary.stats["a"].total == sum(range(5000))
    assert state.summary.stats["b"].last == 4999 % 7
    assert type(state.summary.stats["b"].last) is int


def test_a_row_whose_names_are_not_known_is_refused() -> None:
    state = fold(segment(), Keys(0, ("a",)))
    assert state.apply(Row(0, 0, 1.0, 1.0, [1]))
    assert not state.apply(Row(7, 0, 1.0, 1.0, [1]))
    assert not state.apply(Row(0, 0, 1.0, 1.0, [1, 2]))
    assert state.rows == 1


def test_key_sets_that_no_writer_would_use_again_are_forgotten() -> None:
    state = SegmentState()
    for step in range(40_000):
        state.apply(Keys(step, ("a", str(step))))
        state.apply(Row(step, step, 1.0, 1.0, [1, 2]))
    assert len(state.keys) <= 16_384
    assert all(state.names(step) == ("a", str(step)) for step in range(40_000 - 4096, 40_000))


def test_a_state_is_not_shared_between_segments() -> None:
    a, b = SegmentState(), SegmentState()
    a.apply(Config(set={"x": 1}))
    a.apply_row(0, 1.0, 1.0, ("x",), [1])
    assert b == SegmentState()
    assert msgspec.msgpack.decode(b.dump()) == msgspec.msgpack.decode(SegmentState().dump())
