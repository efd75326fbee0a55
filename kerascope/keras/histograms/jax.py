"""`count_all` on JAX."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def count_all(arrays: list[Any], num_bins: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Returns counts and ranges of `arrays`; see the package."""
    counts, ranges = jax.device_get(_count(arrays, num_bins))
    return np.asarray(counts), np.asarray(ranges)


@partial(jax.jit, static_argnums=1)
def _count(arrays: list[Any], num_bins: int) -> tuple[Any, Any]:
    parts = [_count_one(array, num_bins) for array in arrays]
    return jnp.stack([counts for counts, _ in parts]), jnp.stack([span for _, span in parts])


def _count_one(array: Any, num_bins: int) -> tuple[Any, Any]:
    x = jnp.ravel(array)
    x = x if x.dtype == jnp.float64 else x.astype(jnp.float32)
    if not x.size:
        return jnp.zeros(num_bins + 3, jnp.int32), jnp.array([0, 1], x.dtype)
    low, high = jnp.min(x), jnp.max(x)  # NaN and infinity show in one of them, so that the usual case needs no mask
    is_finite = jnp.isfinite(low) & jnp.isfinite(high)
    counted: tuple[Any, Any] = jax.lax.cond(
        is_finite, partial(_count_finite, num_bins=num_bins), partial(_count_any, num_bins=num_bins), x, low, high
    )
    return counted


def _count_finite(x: Any, low: Any, high: Any, num_bins: int) -> tuple[Any, Any]:
    is_constant = low == high
    low, high = jnp.where(is_constant, low - 0.5, low), jnp.where(is_constant, high + 0.5, high)
    counts = jnp.zeros(num_bins + 3, jnp.int32).at[_bins(x, low, high, num_bins)].add(1)
    return counts, jnp.stack([low, high])


def _count_any(x: Any, low: Any, high: Any, num_bins: int) -> tuple[Any, Any]:
    finite = jnp.isfinite(x)
    low, high = jnp.min(x, initial=jnp.inf, where=finite), jnp.max(x, initial=-jnp.inf, where=finite)
    is_empty = low > high
    low, high = jnp.where(is_empty, 0.0, low), jnp.where(is_empty, 1.0, high)
    is_constant = low == high
    low, high = jnp.where(is_constant, low - 0.5, low), jnp.where(is_constant, high + 0.5, high)
    odd = jnp.where(jnp.isnan(x), num_bins, jnp.where(x > 0, num_bins + 1, num_bins + 2))
    index = jnp.where(finite, _bins(jnp.where(finite, x, low), low, high, num_bins), odd)
    return jnp.zeros(num_bins + 3, jnp.int32).at[index].add(1), jnp.stack([low, high])


def _bins(x: Any, low: Any, high: Any, num_bins: int) -> Any:
    # Scaling before subtracting keeps the width of a full-range float32 array finite.
    place = (x / 2 - low / 2) / (high / 2 - low / 2) * num_bins
    return jnp.clip(place.astype(jnp.int32), 0, num_bins - 1)
