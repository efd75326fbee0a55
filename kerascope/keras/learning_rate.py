"""The learning rate of an optimizer, per epoch and per batch, without waiting for the training step.

On JAX a step in flight owns the optimizer's variables, so a batch hook must not read them. A schedule is therefore evaluated ahead, for many
steps at once; a plain learning rate is read when the variables are at hand, which is also whenever somebody may have changed it.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import keras
import numpy as np

from kerascope.keras.gradients import inner_optimizer

_BLOCK = 256


class LearningRate:
    """Reads the learning rate of `model`'s optimizer; None where it has none."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._optimizer = inner_optimizer(model)
        self._source = getattr(self._optimizer, "_learning_rate", None)
        self._is_schedule = isinstance(self._source, keras.optimizers.schedules.LearningRateSchedule)
        self._start = 0
        self._ahead: list[float] = []
        self._changes: list[tuple[int, float | None]] = [(0, None)]  # (first step, value), in order of steps

    def now(self) -> float | None:
        """Returns the learning rate of the next step. Only between epochs, or where the variables are at hand."""
        rate = getattr(self._optimizer, "learning_rate", None)
        return None if rate is None else float(keras.ops.convert_to_numpy(rate))

    def begin_epoch(self) -> None:
        """Prepares for the steps of an epoch."""
        self._ahead = []
        if self._is_schedule:
            self._start = int(keras.ops.convert_to_numpy(self._optimizer._iterations))
        else:
            self._changes = [(0, self.now())]

    def begin_batch(self, index: int) -> None:
        """Looks whether the learning rate was changed by hand before step `index`; called by the thread that trains."""
        if not self._is_schedule and getattr(self._model, "_jax_state_synced", True):
            value = self.now()
            if value != self._changes[-1][1]:
                self._changes.append((index, value))

    def after_step(self, index: int) -> float | None:
        """Returns the learning rate after step `index` of the epoch; any thread may ask."""
        if not self._is_schedule:
            place = bisect_right(self._changes, index, key=lambda change: change[0])
            return self._changes[place - 1][1]
        while len(self._ahead) <= index:
            first = self._start + len(self._ahead) + 1
            self._ahead += self._evaluate(np.arange(first, first + _BLOCK, dtype=np.int32))
        return self._ahead[index]

    def _evaluate(self, steps: np.ndarray[Any, Any]) -> list[float]:
        schedule: Any = self._source
        try:
            rates = keras.ops.vectorized_map(schedule, keras.ops.convert_to_tensor(steps))
            return [float(rate) for rate in keras.ops.convert_to_numpy(rates)]
        except Exception:  # a schedule of the user's that takes one step at a time
            return [float(keras.ops.convert_to_numpy(schedule(int(step)))) for step in steps]
