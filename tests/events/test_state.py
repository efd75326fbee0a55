from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerascope.events.merge import merge_states
from kerascope.events.state import SegmentState
from kerascope.events.summary import number_matrix
from kerascope.events.types import (
    Config,
    Environment,
    Event,
    Finish,
    Heartbeat,
    Keys,
    Metric,
    Notice,
    Row,
    RunInfo,
    Segment,
    Summary,
)
from tests.events.strategies import logs


def segment(*, rank: int = 0, attempt: int = 0, time_s: float = 100.0) -> Segment:
    return Segment(1, "faces", "abcd1234", "me", rank, 2, time_s, "host", 1, 1.0, attempt, attempt > 0, 0, "0.1")


def fold(*events: Event) -> SegmentState:
    state = SegmentState()
    for event in events:
        state.apply(event)
    return state


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


@given(logs(), st.integers(0, 40))
def test_a_run_cut_into_two_segments_means_what_it_means_in_one(events: list[Event], cut: int) -> None:
    cut = min(cut, len(events))
    keys = [event for event in events[:cut] if isinstance(event, Keys)]
    first, second = events[:cut] or events[:1], [events[0], *keys, *events[max(cut, 1) :]]
    whole = merge_states([fold(*events)])
    parts = merge_states([fold(*first), fold(*second)])
    for field in ("name", "config", "last_step", "row_count", "metrics", "notes"):
        assert repr(getattr(parts, field)) == repr(getattr(whole, field))
    # Means are sums in another order; everything else is equal to the last bit.
    assert _approximately(parts.summary, whole.summary)


def _approximately(a: object, b: object) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_approximately(a[key], b[key]) for key in a)
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-300) or repr(a) == repr(b) or not math.isfinite(a + b)
    return repr(a) == repr(b)


def test_ints_stay_ints_in_rows_folded_many_at_a_time() -> None:
    rows = [[float(i), i % 7] for i in range(5000)]
    matrix = number_matrix(rows)
    assert matrix is not None
    state = SegmentState()
    state.apply_rows(("a", "b"), range(5000), np.arange(5000.0), np.arange(5000.0), rows, matrix)
    assert state.summary.stats["a"].total == sum(range(5000))
    assert state.summary.stats["b"].last == 4999 % 7
    assert type(state.summary.stats["b"].last) is int


def test_info_config_and_rules_of_later_segments_add_to_the_earlier() -> None:
    first = fold(
        segment(),
        RunInfo(name="a", notes="n", tags=("x",)),
        Config(set={"lr": 1, "batch": 2, "old": 3}),
        Metric("loss", summary=("min",)),
        Metric("acc", goal="maximize"),
    )
    second = fold(
        segment(attempt=1, time_s=200),
        RunInfo(name="b"),
        Config(set={"lr": 9}, remove=("old",)),
        Metric("loss", step_metric="epoch"),
        Metric("acc", summary=("max",), overwrite=True),
    )
    run = merge_states([first, second])
    assert (run.name, run.notes, run.tags) == ("b", "n", ("x",))
    assert run.config == {"lr": 9, "batch": 2}
    assert (run.metrics["loss"].summary, run.metrics["loss"].step_metric) == (("min",), "epoch")
    assert (run.metrics["acc"].summary, run.metrics["acc"].goal) == (("max",), None)
    assert [attempt.attempt for attempt in run.attempts] == [0, 1]
    assert (run.created_s, run.updated_s) == (100.0, 200.0)


def test_a_removed_config_key_can_be_set_again() -> None:
    state = fold(segment(), Config(set={"a": 1}), Config(remove=("a",)), Config(set={"a": 2}))
    assert merge_states([state]).config == {"a": 2}
    later = fold(segment(), Config(set={"b": 1}, remove=("a",)))
    assert merge_states([state, later]).config == {"b": 1}


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ([(0, "finished"), (0, "finished")], "finished"),
        ([(0, "finished"), (0, None)], None),
        ([(0, "failed"), (0, "finished")], "failed"),
        ([(0, "failed"), (1, "finished")], "finished"),
        ([(0, "finished"), (1, None)], None),
    ],
)
def test_how_the_newest_attempt_ended_is_how_the_run_ended(
    ends: list[tuple[int, str | None]], expected: str | None
) -> None:
    states = []
    for rank, (attempt, end) in enumerate(ends):
        states.append(fold(segment(rank=rank, attempt=attempt), *([Finish(end, 0, 300.0)] if end else [])))
    finish = merge_states(states).finish
    assert (finish.state if finish else None) == expected


def test_rows_of_two_ranks_count_each_step_once() -> None:
    a, b = fold(segment()), fold(segment(rank=1))
    for step in range(100):
        a.apply_row(step, 1.0, 1.0, ("loss",), [1.0])
        b.apply_row(2 * step, 1.0, 1.0, ("loss",), [2.0])
    run = merge_states([a, b])
    assert run.row_count == 150
    assert run.last_step == 198
    assert run.summary["loss"] == 2.0


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


def test_the_environment_is_that_of_the_newest_start_on_its_lowest_rank() -> None:
    states = [
        fold(segment(attempt=attempt, rank=rank), Environment({"where": f"{attempt}/{rank}"}))
        for attempt, rank in [(0, 0), (1, 0), (1, 1)]
    ]
    assert merge_states(states).environment == {"where": "1/0"}


def test_time_goes_on_by_anything_that_has_a_time() -> None:
    state = fold(segment(), Heartbeat(500.0), Notice("warning", "text", "k", 3, 400.0), Summary(set={"a": 1}))
    run = merge_states([state])
    assert run.updated_s == 500.0
    assert run.notices[0].text == "text"
    assert run.summary == {"a": 1}


def test_a_run_without_a_first_record_is_no_run() -> None:
    with pytest.raises(ValueError, match="begins with a `Segment` record"):
        merge_states([SegmentState()])


def test_a_state_is_not_shared_between_segments() -> None:
    a, b = SegmentState(), SegmentState()
    a.apply(Config(set={"x": 1}))
    a.apply_row(0, 1.0, 1.0, ("x",), [1])
    assert b == SegmentState()
    assert msgspec.msgpack.decode(b.dump()) == msgspec.msgpack.decode(SegmentState().dump())
