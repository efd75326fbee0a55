"""Keeping the state of a model as it was: what prediction or a gradient pass changes is put back.

State is everything but the trainable weights: moving statistics, states of recurrent layers, seeds, metric sums. Weights are not
copied, since nothing here changes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np


@contextmanager
def preserved(model: Any) -> Iterator[None]:
    """Puts every non-trainable and metric variable of `model` back on leaving, whatever happened inside."""
    variables = [*model.non_trainable_variables, *model.metrics_variables]
    # A real copy: on JAX, `predict` gives the buffers away, and numpy would only be a view of them. Of the variable, not of its value: one
    # that TensorFlow keeps on several replicas has no single value.
    values = [np.array(keras.ops.convert_to_numpy(v), copy=True) for v in variables]
    try:
        yield
    finally:
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
