"""Gradients on TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf


def of(function: Callable[..., Any], values: Sequence[Any]) -> list[Any]:
    """Returns one gradient per value; see the package."""
    with tf.GradientTape() as tape:
        for value in values:
            tape.watch(value)
        result = function(*values)
    return list(tape.gradient(result, list(values), unconnected_gradients=tf.UnconnectedGradients.ZERO))
