"""When a metric is better than ever before: the direction of a metric and the record of the best value.

Pure but for reading names and directions of Keras metrics. NaN is never best; 0.0 is a value like any other; equal is not better.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from typing import Any

_RISING_WORDS = ("acc", "auc", "f1", "fbeta", "fmeasure", "precision", "recall", "iou", "dice", "jaccard", "r2", "bleu")


def direction_of_name(monitor: str) -> str:
    """Returns "max" if the name speaks of a score, "min" if of an error or loss."""
    name = monitor.removeprefix("val_")
    if name == "loss" or name.endswith("_loss"):
        return "min"
    return "max" if any(word in name for word in _RISING_WORDS) else "min"


def direction_of_metrics(monitor: str, metrics: Iterable[Any]) -> str | None:
    """Returns the direction Keras knows of the metric called `monitor`, None if there is none.

    Args:
        monitor: a key of `logs`; a `val_` in front and an output name in front of the metric name are looked through.
        metrics: `model.metrics`; containers of compiled metrics are looked into.
    """
    name = monitor.removeprefix("val_")
    for metric in _flatten(metrics):
        if name == metric.name or name.endswith(f"_{metric.name}"):
            known = getattr(metric, "_direction", None)
            if known in ("up", "down"):
                return "max" if known == "up" else "min"
    return None


def _flatten(metrics: Iterable[Any]) -> Iterable[Any]:
    for metric in metrics:
        inner = getattr(metric, "metrics", None)
        if isinstance(inner, list | tuple):
            yield from _flatten(inner)
        else:
            yield metric


class Best:
    """The best value of a metric so far.

    Args:
        monitor: the key of `logs`.
        mode: "min", "max" or "auto". "auto" asks the name at once and the Keras metric as soon as it exists.
    """

    def __init__(self, monitor: str, mode: str) -> None:
        self.monitor = monitor
        self._is_settled = mode != "auto"
        self.mode = mode if self._is_settled else direction_of_name(monitor)
        self.value: float = self._worst()
        self.epoch: int | None = None

    @property
    def is_better(self) -> Callable[[float, float], bool]:
        """`operator.lt` or `operator.gt`: whether the first value beats the second."""
        return operator.lt if self.mode == "min" else operator.gt

    @property
    def is_started(self) -> bool:
        """Whether there is a best value yet."""
        return math.isfinite(self.value)

    def settle(self, metrics: Iterable[Any]) -> None:
        """Takes the direction from the Keras metric, once the metrics are built."""
        if self._is_settled:
            return
        self._is_settled = True
        known = direction_of_metrics(self.monitor, metrics)
        if known is not None and known != self.mode:
            was_started = self.is_started
            self.mode = known
            if not was_started:
                self.value = self._worst()

    def seed(self, value: Any) -> None:
        """Starts from the best value of an earlier part of the run; anything that is no finite number is ignored."""
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            self.value = float(value)

    def improves(self, value: float, epoch: int) -> bool:
        """Says whether `value` is strictly better than all before, and remembers it if so."""
        if math.isnan(value) or not self.is_better(value, self.value):
            return False
        self.value, self.epoch = value, epoch
        return True

    def _worst(self) -> float:
        return math.inf if self.mode == "min" else -math.inf
