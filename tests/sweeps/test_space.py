"""Every distribution of wandb's sweep configuration gives values where it should."""

from __future__ import annotations

import math
from typing import Any

import pytest

from kerascope.errors import UsageError
from kerascope.sweeps.space import nested, parse

PLACES = [i / 1000 for i in range(1000)]


def drawn(spec: dict[str, Any]) -> list[Any]:
    (parameter,) = parse({"x": spec})
    return [parameter.at(u) for u in PLACES]


@pytest.mark.parametrize(
    ("spec", "low", "middle", "high"),
    [
        ({"min": 0.0, "max": 2.0}, 0.0, 1.0, 2.0),
        ({"min": 1, "max": 4}, 1, 3, 4),
        ({"distribution": "log_uniform_values", "min": 1e-4, "max": 1.0}, 1e-4, 1e-2, 1.0),
        ({"distribution": "log_uniform", "min": math.log(1e-4), "max": 0.0}, 1e-4, 1e-2, 1.0),
        ({"distribution": "inv_log_uniform_values", "min": 1e-4, "max": 1.0}, 1e-4, 1e-2, 1.0),
        ({"distribution": "inv_log_uniform", "min": 0.0, "max": -math.log(1e-4)}, 1e-4, 1e-2, 1.0),
        ({"distribution": "q_uniform", "min": 0, "max": 10, "q": 5}, 0, 5, 10),
        ({"distribution": "q_log_uniform_values", "min": 8, "max": 512, "q": 8}, 8, 64, 512),
        ({"distribution": "normal", "mu": 3.0, "sigma": 0.1}, 2.0, 3.0, 4.0),
        ({"distribution": "q_normal", "mu": 3.0, "sigma": 1.0, "q": 1}, -5, 3, 11),
        ({"distribution": "log_normal"}, 1e-6, 1.0, 1e6),
        ({"distribution": "beta", "a": 2, "b": 2}, 0.0, 0.5, 1.0),
    ],
)
def test_values_lie_between_the_ends_around_the_middle(
    spec: dict[str, Any], low: float, middle: float, high: float
) -> None:
    values = sorted(drawn(spec))
    assert low * 0.999 - 1e-9 <= values[0] <= values[-1] <= high * 1.001
    assert math.isclose(values[500], middle, rel_tol=0.05, abs_tol=0.02)
    assert isinstance(values[500], type(middle))


def test_choices_follow_their_probabilities() -> None:
    values = drawn({"values": ["a", "b", "c"], "probabilities": [0.7, 0.2, 0.1]})
    assert [values.count(one) for one in "abc"] == pytest.approx([700, 200, 100], abs=1)
    assert {drawn({"value": 5})[i] for i in (0, 999)} == {5}
    assert [drawn({"values": [True, None]}).count(one) for one in (True, None)] == [500, 500]


def test_nested_parameters_become_nested_values() -> None:
    found = parse(
        {"optimizer": {"parameters": {"lr": {"value": 0.1}, "name": {"values": ["adam"]}}}, "epochs": {"value": 3}}
    )
    assert [one.name for one in found] == ["epochs", "optimizer.lr", "optimizer.name"]
    values = nested({one.path: one.at(0.0) for one in found})
    assert values == {"epochs": 3, "optimizer": {"lr": 0.1, "name": "adam"}}


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (5, "must be a map"),
        ({}, "must have `value`"),
        ({"min": 1}, "must have `value`"),
        ({"min": 2, "max": 1}, "in order"),
        ({"values": []}, "in order"),
        ({"distribution": "log_uniform_value", "min": 1, "max": 2}, "Did you mean 'log_uniform_values'"),
        ({"distribution": "log_uniform_values", "min": 0, "max": 2}, "in order"),
    ],
)
def test_wrong_parameters_are_told_when_the_sweep_is_made(spec: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse({"x": spec})
