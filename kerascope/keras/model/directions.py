"""Whether more or less of what a callback monitors is better, for `mode="auto"`: as metrics say, else as Keras 2 guessed.

Keras 3 alone refuses to train when it does not know, and it does not look into the metrics of several outputs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kerascope.keras.model.internals import MonitorCallback


def undecided(callbacks: Iterable[Any]) -> list[Any]:
    """The callbacks that monitor a value and were not told which direction is better."""
    return [one for one in callbacks if isinstance(one, MonitorCallback) and one.mode == "auto"]


def decide(callbacks: Iterable[Any], model: Any) -> None:
    """Tells callbacks the direction of what they monitor; called when the metrics of the model exist."""
    known = model._compile_metrics.directions() if hasattr(model._compile_metrics, "directions") else {}
    for callback in callbacks:
        if callback.monitor_op is None:
            callback.mode = known.get(callback.monitor.removeprefix("val_")) or _by_name(callback.monitor)


def _by_name(monitor: str) -> str:
    return "max" if "acc" in monitor or monitor.startswith("fmeasure") else "min"
