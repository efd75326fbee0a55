from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerascope.errors import UsageError
from kerascope.events.metrics import (
    MetricRule,
    check_goal,
    check_metric_name,
    merge_definition,
    parse_summaries,
    rule_for,
)
from kerascope.events.summary import SummaryState, is_number, number_matrix
from kerascope.events.types import Metric

NAN = math.nan


class LiveSummary:
    """A summary with its rules."""

    def __init__(self) -> None:
        self.state = SummaryState()
        self.rules: dict[str, MetricRule] = {}

    def define(self, event: Metric) -> MetricRule:
        self.rules[event.name] = merge_definition(self.rules.get(event.name), event)
        return self.rules[event.name]

    def add_row(self, step: int, time_s: float, runtime_s: float, names: tuple[str, ...], values: list[Any]) -> None:
        self.state.add_row(step, time_s, runtime_s, names, values)

    def set(self, key: str, value: Any) -> None:
        self.state.set(key, value)

    def value(self, key: str) -> Any:
        return self.state.value(key, self.rules)

    def values(self) -> dict[str, Any]:
        return self.state.values(self.rules)


def summary(*rows: dict[str, Any], define: Metric | None = None) -> dict[str, Any]:
    live = LiveSummary()
    if define:
        live.define(define)
    for step, row in enumerate(rows):
        live.add_row(step, 100.0 + step, float(step), tuple(row), list(row.values()))
    return {key: value for key, value in live.values().items() if not key.startswith("_")}


def test_the_value_logged_last_wins_whatever_its_step() -> None:
    live = LiveSummary()
    for step, value in [(0, 1.0), (5, 2.0), (3, 9.0)]:
        live.add_row(step, 100.0, 1.0, ("loss",), [value])
    assert live.values() == {"_step": 5, "_runtime": 1.0, "_timestamp": 100.0, "loss": 9.0}
    assert live.value("_step") == 5


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("min", {"min": 1}),
        ("max", {"max": 3}),
        ("mean", {"mean": 2.0}),
        ("first", {"first": 2}),
        ("last", {"last": 3}),
        ("min,max", {"min": 1, "max": 3}),
        ("best", {"best": 1}),
        ("copy", 3),
    ],
)
def test_an_aggregate_makes_the_value_a_map(wanted: str, expected: Any) -> None:
    define = Metric("val", summary=parse_summaries(wanted))
    assert summary({"val": 2}, {"val": 1}, {"val": 3}, define=define) == {"val": expected}


def test_a_late_part_of_an_earlier_row_does_not_turn_back_the_clock() -> None:
    summary = LiveSummary()
    summary.add_row(199, 20.0, 10.0, ("loss",), [0.5])
    summary.add_row(180, 18.0, 8.0, ("examples",), [{"_type": "image-file"}])
    shown = summary.state.values({})
    assert (shown["_step"], shown["_timestamp"], shown["_runtime"]) == (199, 20.0, 10.0)


def test_none_leaves_the_key_out() -> None:
    live = LiveSummary()
    live.define(Metric("val", summary=("none",)))
    live.add_row(0, 1.0, 1.0, ("val", "other"), [1, 2])
    assert "val" not in live.values()
    with pytest.raises(KeyError):
        live.value("val")
    live.set("val", 7)
    assert live.value("val") == 7


def test_best_follows_the_goal() -> None:
    rows = [{"val": 2.5}, {"val": 1.5}]
    assert summary(*rows, define=Metric("val", summary=("best",), goal="maximize")) == {"val": {"best": 2.5}}
    assert summary(*rows, define=Metric("val", summary=("best",), goal="minimize")) == {"val": {"best": 1.5}}


@pytest.mark.parametrize("many", [1, 20])
def test_nan_poisons_min_max_and_mean_and_other_kinds_do_not_disturb_them(many: int) -> None:
    define = Metric("*", summary=("min", "max", "mean"))
    poisoned = summary(*[{"val": 1.0}] * many, {"val": NAN}, *[{"val": 0.5}] * many, define=define)["val"]
    assert all(math.isnan(value) for value in poisoned.values())
    mixed = summary(*[{"val": 1.0}] * many, {"val": "text"}, {"val": True}, {"val": None}, define=define)
    assert mixed == {"val": {"min": 1.0, "max": 1.0, "mean": 1.0}}
    assert summary({"val": "only text"}, define=define) == {"val": "only text"}


def test_infinities_count_as_numbers() -> None:
    define = Metric("val", summary=("min", "max", "mean"))
    rows = [{"val": math.inf}, *[{"val": 1.0}] * 10, {"val": -math.inf}]
    found = summary(*rows, define=define)["val"]
    assert (found["min"], found["max"]) == (-math.inf, math.inf)
    assert math.isnan(found["mean"])


def test_a_value_set_by_hand_holds_until_the_key_is_logged_again_and_drops_the_aggregate() -> None:
    live = LiveSummary()
    live.define(Metric("val", summary=("max",)))
    live.add_row(0, 1.0, 1.0, ("val",), [9.0])
    live.set("val", "by hand")
    assert live.value("val") == "by hand"
    live.add_row(1, 1.0, 1.0, ("other",), [1.0])
    assert live.value("val") == "by hand"
    live.add_row(2, 1.0, 1.0, ("val",), [2.0])
    assert live.value("val") == {"max": 2.0}
    live.state.remove("val")
    with pytest.raises(KeyError):
        live.value("val")


def test_a_resumed_summary_goes_on_from_what_was_there() -> None:
    before, live = LiveSummary(), LiveSummary()
    before.add_row(0, 1.0, 1.0, ("val", "old"), [5.0, 1])
    before.set("hand", 1)
    rules = {"val": live.define(Metric("val", summary=("min", "max")))}
    assert before.state.followed_by(live.state).value("val", rules) == {"min": 5.0, "max": 5.0}
    live.add_row(1, 2.0, 2.0, ("val",), [7.0])
    live.state.remove("old")
    assert before.state.followed_by(live.state).values(rules) == {
        "_step": 1,
        "_runtime": 2.0,
        "_timestamp": 2.0,
        "val": {"min": 5.0, "max": 7.0},
        "hand": 1,
    }


def test_the_row_of_a_run_is_that_with_the_greatest_step_in_whichever_segment_it_is() -> None:
    ahead, behind = SummaryState(), SummaryState()
    ahead.add_row(6, 10.0, 1.0, ("a",), [1])
    behind.add_row(5, 20.0, 2.0, ("a",), [2])
    for first, second, last in ((ahead, behind, 2), (behind, ahead, 1)):
        assert first.followed_by(second).values({}) == {"_step": 6, "_runtime": 1.0, "_timestamp": 10.0, "a": last}
    assert ahead.followed_by(SummaryState()).step == SummaryState().followed_by(ahead).step == 6


def test_many_rows_at_once_are_what_they_are_one_by_one() -> None:
    one_by_one, at_once = SummaryState(), SummaryState()
    rows = [[step * 0.1, -step, math.inf if step == 700 else 1] for step in range(1000)]
    for step, row in enumerate(rows):
        one_by_one.add_row(step, 1.0, 2.0, ("a", "b", "c"), row)
    at_once.add_rows(999, 1.0, 2.0, ("a", "b", "c"), rows)
    assert at_once == one_by_one


@pytest.mark.parametrize("width", [1, 2, 15, 16, 100])
@pytest.mark.parametrize("count", [1, 15, 16, 1000])
def test_a_matrix_is_made_of_numbers_only(count: int, width: int) -> None:
    rows: list[list[Any]] = [[step / 7 - i for i in range(width)] for step in range(count)]
    found = number_matrix(rows)
    assert found is not None
    assert found.dtype == np.float64
    assert found.tolist() == rows
    rows[-1][-1] = 2**63
    assert number_matrix(rows) is not None
    assert number_matrix(rows)[-1, -1] == 2.0**63  # type: ignore[index]
    for other in (True, None, "1.5", [1.0], {"a": 1}):
        rows[-1][-1] = other
        assert number_matrix(rows) is None


@given(st.lists(st.lists(st.sampled_from([0.5, NAN, 3, True, None, "x" * 8, [1.0]]), min_size=2, max_size=2)))
def test_a_matrix_holds_what_is_a_number_and_nothing_else(rows: list[list[Any]]) -> None:
    found = number_matrix(rows)
    if all(is_number(value) for row in rows for value in row):
        assert found is not None
        assert np.array_equal(found, np.array(rows, np.float64).reshape(len(rows), 2 if rows else 0), equal_nan=True)
    else:
        assert found is None


def test_an_exact_name_beats_a_glob_and_the_longest_prefix_wins() -> None:
    live = LiveSummary()
    for name in ("*", "val/*", "val/loss"):
        live.define(Metric(name))
    found = {key: rule_for(live.rules, key) for key in ("val/loss", "val/acc", "loss")}
    assert {key: rule.name for key, rule in found.items() if rule} == {
        "val/loss": "val/loss",
        "val/acc": "val/*",
        "loss": "*",
    }
    assert rule_for({}, "loss") is None


def test_definitions_add_up_unless_they_overwrite() -> None:
    live = LiveSummary()
    live.define(Metric("a", summary=("min",), hidden=True))
    assert live.define(Metric("a", goal="maximize")).summary == ("min",)
    assert live.define(Metric("a", step_metric="epoch", overwrite=True)).hidden is None


@pytest.mark.parametrize("text", ["median", "", "min,,max", 3, "min;max"])
def test_an_unknown_summary_is_refused_with_the_list_of_known_ones(text: Any) -> None:
    with pytest.raises(UsageError, match=r"comma list of min, max, mean.*Received: summary="):
        parse_summaries(text)


def test_goals_and_names_are_checked() -> None:
    assert parse_summaries(" Min, last ") == ("min", "last")
    assert parse_summaries(None) is check_goal(None) is None
    assert check_goal("max") == "maximize"
    assert check_metric_name("val/*") == "val/*"
    for goal in ("up", 1):
        with pytest.raises(UsageError, match="goal"):
            check_goal(goal)  # type: ignore[arg-type]
    for name in ("", "a*b", "**", None):
        with pytest.raises(UsageError, match="name"):
            check_metric_name(name)  # type: ignore[arg-type]
