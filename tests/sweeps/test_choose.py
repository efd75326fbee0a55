"""The method that learns does learn, and the same sweep, trial number and results give the same values."""

from __future__ import annotations

import random
from statistics import median
from typing import Any

import pytest

from kerascope.sweeps.choose import Choice, Told, choose
from kerascope.sweeps.space import nested, parse

PARAMETERS = parse({"x": {"min": -10.0, "max": 10.0}, "kind": {"values": ["a", "b"]}, "n": {"min": 1, "max": 3}})


def loss(values: dict[str, Any]) -> float:
    return float((values["x"] - 2.0) ** 2 + (5.0 if values["kind"] == "a" else 0.0) + values["n"])


def losses_of(method: str, seed: str, count: int, sign: int = 1) -> list[float]:
    """What the trials of one sweep give, each of which knows the results of those before."""
    told: list[Told] = []
    for number in range(count):
        chosen = choose(method, PARAMETERS, seed, number, told, maximize=sign < 0)
        assert isinstance(chosen, Choice)
        told.append(Told(chosen.places, sign * loss(nested(chosen.values)), is_running=False))
    return [sign * one.value for one in told if one.value is not None]


@pytest.mark.parametrize("sign", [1, -1])
def test_bayes_learns_from_its_trials_where_chance_does_not(sign: int) -> None:
    seeds = [f"sweep-{i}" for i in range(7)]
    learnt = [losses_of("bayes", seed, 25, sign) for seed in seeds]
    by_chance = [losses_of("random", seed, 25) for seed in seeds]
    late = median(median(one[15:]) for one in learnt)
    assert late < median(median(one[:10]) for one in learnt) / 2
    assert late < median(median(one[15:]) for one in by_chance) / 2


def test_the_same_sweep_number_and_results_give_the_same_values_and_leave_random_state_alone() -> None:
    before = random.getstate()
    for method in ("random", "bayes"):
        assert losses_of(method, "one", 8) == losses_of(method, "one", 8)
        assert losses_of(method, "one", 8) != losses_of(method, "two", 8)
    assert random.getstate() == before
