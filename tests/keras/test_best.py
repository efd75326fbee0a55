from __future__ import annotations

import math

import pytest

from kerascope.keras.best import Best, direction_of_metrics, direction_of_name


class Metric:
    def __init__(self, name: str, direction: str | None = None) -> None:
        self.name = name
        if direction:
            self._direction = direction


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("val_loss", "min"), ("loss", "min"), ("val_acc", "max"), ("accuracy", "max"), ("fmeasure", "max"),
        ("val_auc", "max"), ("val_f1", "max"), ("val_precision", "max"), ("val_iou", "max"), ("accuracy_loss", "min"),
        ("val_mae", "min"), ("out_accuracy", "max"),
    ],
)  # fmt: skip
def test_a_name_tells_the_direction(name: str, direction: str) -> None:
    assert direction_of_name(name) == direction


def test_a_keras_metric_knows_its_direction_better_than_its_name() -> None:
    metrics = [Metric("loss"), Metric("my_score", "up"), Metric("accurate_error", "down")]
    assert direction_of_metrics("val_my_score", metrics) == "max"
    assert direction_of_metrics("val_head_accurate_error", metrics) == "min"
    assert direction_of_metrics("val_other", metrics) is None


def test_zero_is_a_value_and_nan_never_best() -> None:
    best = Best("val_loss", "auto")
    assert not best.improves(math.nan, 0)
    assert best.improves(0.5, 0)
    assert best.improves(0.0, 1)
    assert (best.value, best.epoch) == (0.0, 1)
    assert not best.improves(0.0, 2)


def test_the_direction_is_settled_by_the_metric_before_the_first_value() -> None:
    best = Best("val_my_score", "auto")
    assert best.value == math.inf
    best.settle([Metric("my_score", "up")])
    assert best.value == -math.inf
    assert best.improves(0.1, 0)
    assert best.improves(0.2, 1)


def test_a_seed_must_be_beaten() -> None:
    best = Best("val_loss", "min")
    best.seed(0.5)
    assert not best.improves(0.6, 0)
    assert best.improves(0.4, 1)
    best.seed("text")
    assert best.value == 0.4
