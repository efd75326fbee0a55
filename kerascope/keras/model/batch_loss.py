"""The loss of a single batch beside the mean of a pass: in Keras 2.3 batch hooks found the former under `loss`."""

from __future__ import annotations

from typing import Any

import keras

#: Where the logs of a step carry the loss of its batch, until a batch hook or the end of the pass takes it out.
BATCH_LOSS = "loss of the batch"


class LossTracker(keras.metrics.Mean):  # type: ignore[misc]
    """The mean loss of a pass, which also remembers the loss of the last batch."""

    def __init__(self) -> None:
        super().__init__(name="loss")
        self.last = keras.Variable(
            "zeros", shape=(), dtype=self.dtype, trainable=False, aggregation="mean", name="last"
        )

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Adds the loss of a batch; the weight is its number of samples."""
        super().update_state(values, sample_weight)
        self.last.assign(keras.ops.cast(keras.ops.mean(values), self.dtype))


def with_batch_loss(tracker: Any, logs: dict[str, Any]) -> dict[str, Any]:
    """The logs of a step, and in them the loss of its batch."""
    if not isinstance(tracker, LossTracker):
        return logs
    # A value of its own, since the variable goes on to hold the loss of the next batch.
    return {**logs, BATCH_LOSS: keras.ops.add(tracker.last, 0.0)}


def without_batch_loss(logs: dict[str, Any]) -> dict[str, Any]:
    """The logs of a pass: all values are those of the whole pass."""
    return {name: value for name, value in logs.items() if name != BATCH_LOSS}


def of_the_batch(logs: dict[str, Any]) -> dict[str, Any]:
    """The logs as batch hooks get them: the loss is that of the batch, metrics run on."""
    if BATCH_LOSS not in logs:
        return logs
    return {name: logs[BATCH_LOSS] if name == "loss" else value for name, value in without_batch_loss(logs).items()}
