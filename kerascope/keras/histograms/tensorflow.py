"""`count_all` on TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf


def count_all(arrays: list[Any], num_bins: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Returns counts and ranges of `arrays`; see the package."""
    counts, ranges = _count([tf.convert_to_tensor(array) for array in arrays], num_bins)
    return counts.numpy(), ranges.numpy()


@tf.function(reduce_retracing=False)  # type: ignore[untyped-decorator]
def _count(arrays: list[Any], num_bins: int) -> tuple[Any, Any]:
    parts = [_count_one(array, num_bins) for array in arrays]
    return tf.stack([counts for counts, _ in parts]), tf.stack([span for _, span in parts])


def _count_one(array: Any, num_bins: int) -> tuple[Any, Any]:
    x = tf.cast(tf.reshape(array, [-1]), tf.float64 if array.dtype == tf.float64 else tf.float32)
    low, high = tf.reduce_min(x), tf.reduce_max(x)  # NaN and infinity show in one of them: the usual case needs no mask
    is_finite = tf.math.is_finite(low) & tf.math.is_finite(high)
    counted: tuple[Any, Any] = tf.cond(
        is_finite, lambda: _count_finite(x, low, high, tf.zeros(3, tf.int32), num_bins), lambda: _count_any(x, num_bins)
    )
    return counted


def _count_any(x: Any, num_bins: int) -> tuple[Any, Any]:
    finite = tf.boolean_mask(x, tf.math.is_finite(x))
    low, high = tf.reduce_min(finite), tf.reduce_max(finite)  # of nothing: +inf and -inf
    is_empty = low > high
    low, high = tf.where(is_empty, tf.zeros_like(low), low), tf.where(is_empty, tf.ones_like(high), high)
    odd = [tf.math.is_nan(x), tf.equal(x, np.inf), tf.equal(x, -np.inf)]
    nonfinite = tf.stack([tf.reduce_sum(tf.cast(mask, tf.int32)) for mask in odd])
    return _count_finite(finite, low, high, nonfinite, num_bins)


def _count_finite(x: Any, low: Any, high: Any, nonfinite: Any, num_bins: int) -> tuple[Any, Any]:
    is_constant = tf.equal(low, high)
    low, high = tf.where(is_constant, low - 0.5, low), tf.where(is_constant, high + 0.5, high)
    counts = tf.histogram_fixed_width(x, [low, high], num_bins, dtype=tf.int32)
    return tf.concat([counts, nonfinite], 0), tf.cast(tf.stack([low, high]), tf.float64)
