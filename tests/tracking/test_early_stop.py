"""Hyperband's rule: where the brackets lie, who goes on, and what is refused."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from kerascope.errors import UsageError
from kerascope.tracking.early_stop import Course, Hyperband, hyperband, read_course


@pytest.mark.parametrize(
    ("spec", "brackets"),
    [
        ({"min_iter": 3}, (3, 9, 27, 81)),
        ({"min_iter": 2, "eta": 2}, (2, 4, 8, 16)),
        ({"min_iter": 3, "eta": 1.5}, (3, 4, 6, 10)),
        ({"max_iter": 27, "s": 2}, (3, 9)),
        ({"max_iter": 27, "s": 2, "eta": 3, "strict": True}, (3, 9)),
        ({"max_iter": 27}, (1, 3, 9)),
        ({"max_iter": 32, "eta": 2, "s": 3}, (4, 8, 16)),
        ({"min_iter": 2, "max_iter": 20, "eta": 3}, (2, 6, 18)),
    ],
)
def test_brackets_are_those_of_the_documentation(spec: dict[str, Any], brackets: tuple[int, ...]) -> None:
    rule = hyperband({"type": "hyperband", **spec})
    assert rule is not None
    assert rule.brackets[:4] == brackets


def test_without_early_terminate_there_is_no_rule() -> None:
    assert hyperband(None) is None
    assert hyperband({}) is None


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("hyperband", "type 'hyperband'"),
        ({"type": "envelope"}, "type 'hyperband'"),
        ({"type": "hyperband"}, "needs `min_iter` or `max_iter`"),
        ({"type": "hyperband", "min_itr": 3}, "Did you mean 'min_iter'"),
        ({"type": "hyperband", "min_iter": 0}, "`min_iter` of early_terminate must be a number above 0"),
        ({"type": "hyperband", "min_iter": 3, "eta": 1}, "`eta` of early_terminate must be a number above 1"),
        ({"type": "hyperband", "max_iter": 2, "eta": 3}, "a bracket of 1 value or more"),
    ],
)
def test_wrong_settings_are_refused(spec: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        hyperband(spec)


@pytest.mark.parametrize(("count", "kept"), [(1, 1), (2, 1), (3, 1), (4, 2), (6, 2), (7, 3), (9, 3)])
def test_the_best_of_each_eta_go_on_rounded_up(count: int, kept: int) -> None:
    rule = Hyperband((1,), 3, False)
    scores = [float(one) for one in range(count)]
    assert sum(score <= rule.bar(scores) for score in scores) == kept


def course(folder: Path, number: int, is_maximized: bool = False, is_strict: bool = False) -> Course:
    return Course(Hyperband((2, 4), 2, is_strict), folder / f"trial-{number:06}.json", "loss", is_maximized)


def test_trial_is_ended_where_it_is_worse_and_the_first_never_is(tmp_path: Path) -> None:
    first, worse, better = (course(tmp_path, number) for number in range(3))
    assert [first.take({"loss": value}) for value in (5.0, 3.0, 2.0, 1.0, 1.0)] == [None] * 5
    assert worse.take({"loss": 9.0}) is None
    assert worse.take({"other": 1.0}) is None
    assert "after 2 values of loss, 8 is not among the best 1 of 2" in str(worse.take({"loss": 8.0}))
    assert [better.take({"loss": value}) for value in (9.0, 2.5)] == [None] * 2
    assert read_course(tmp_path / "trial-000000.json") == {"marks": {"2": 3.0, "4": 1.0}, "stopped": None}
    assert read_course(tmp_path / "trial-000001.json")["stopped"] == worse.reason


def test_best_value_so_far_counts_and_nan_is_worst(tmp_path: Path) -> None:
    first, dipped, lost = (course(tmp_path, number, is_maximized=True) for number in range(3))
    assert [first.take({"loss": value}) for value in (1.0, 2.0)] == [None] * 2
    assert [dipped.take({"loss": value}) for value in (3.0, 0.0)] == [None] * 2
    assert lost.take({"loss": math.nan}) is None
    assert "-inf is not among" in str(lost.take({"loss": math.nan}))


def test_strict_rule_ends_a_trial_that_later_ones_push_out(tmp_path: Path) -> None:
    lenient, strict, better = course(tmp_path, 0), course(tmp_path, 1, is_strict=True), course(tmp_path, 2)
    for value in (9.0, 5.0):
        assert lenient.take({"loss": value}) is None
    for value in (9.0, 4.0):
        assert strict.take({"loss": value}) is None
    for value in (1.0, 1.0):
        assert better.take({"loss": value}) is None
    third = course(tmp_path, 3)
    for value in (0.5, 0.5):
        assert third.take({"loss": value}) is None
    assert lenient.take({"loss": 5.0}) is None
    assert "after 2 values" in str(strict.take({"loss": 4.0}))


def test_metric_is_found_below_nested_keys_and_under_a_dotted_one(tmp_path: Path) -> None:
    for number, row in enumerate(({"val": {"loss": 1.0}}, {"val.loss": 1.0})):
        path = tmp_path / f"trial-{number:06}.json"
        Course(Hyperband((1,), 2, False), path, "val.loss", False).take(row)
        assert read_course(path)["marks"] == {"1": 1.0}
