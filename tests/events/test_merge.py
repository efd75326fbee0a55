from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerascope.events.merge import merge_states
from kerascope.events.state import SegmentState
from kerascope.events.types import (
    Config,
    Environment,
    Event,
    Finish,
    Heartbeat,
    Keys,
    Metric,
    Notice,
    RunInfo,
    Summary,
)
from tests.events.folding import fold, segment
from tests.events.strategies import logs


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
