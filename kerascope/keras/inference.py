"""Predictions of a model while it trains: the model's state is the same before and after."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from kerascope.keras.batches import Structure, leaves, map_arrays
from kerascope.keras.state import preserved


def predict(model: Any, x: Structure, batch_size: int = 32) -> Structure:
    """Returns the outputs for the rows of `x` as numpy arrays, in the structure of the model's outputs.

    All batches have one size (the last one is filled up and cut), so that the model is compiled once. A model with a fixed batch size gets
    that one; recurrent states start from zero.
    """
    row_count = len(leaves(x)[0])
    size = fixed_batch_size(model) or min(batch_size, row_count)
    _unshare(model)
    with preserved(model):
        _reset_states(model)
        parts = [
            _predict_batch(model, x, start, min(start + size, row_count), size) for start in range(0, row_count, size)
        ]
    return parts[0] if len(parts) == 1 else map_arrays(lambda *a: np.concatenate(a), *parts)


def _predict_batch(model: Any, x: Structure, start: int, stop: int, size: int) -> Structure:
    def fill(array: Any) -> Any:
        rows = array[start:stop]
        missing = size - len(rows)
        return np.concatenate([rows, np.repeat(rows[-1:], missing, axis=0)]) if missing else rows

    outputs = model.predict_on_batch(map_arrays(fill, x))
    return map_arrays(lambda a: np.array(keras.ops.convert_to_numpy(a)[: stop - start]), outputs)


def fixed_batch_size(model: Any) -> int | None:
    """Returns the batch size that the model's inputs demand, None if any will do."""
    inputs = getattr(model, "inputs", None)
    shape = inputs[0].shape if inputs else ()
    return int(shape[0]) if shape and shape[0] is not None else None


def _unshare(model: Any) -> None:
    """Gives each variable an array of its own.

    At the end of a training with `use_ema`, Keras on JAX leaves one array in the model and in the optimizer; predicting gives it away,
    and the optimizer would be left without.
    """
    if keras.backend.backend() != "jax":
        return
    optimizer = getattr(model, "optimizer", None)
    seen: set[int] = set()
    for variable in [*model.variables, *(() if optimizer is None else optimizer.variables)]:
        value = variable.value
        if id(value) in seen:
            variable.assign(keras.ops.copy(value))
        seen.add(id(value))


def _reset_states(model: Any) -> None:
    for layer in model._flatten_layers():
        if getattr(layer, "stateful", False) and hasattr(layer, "reset_state"):
            layer.reset_state()
