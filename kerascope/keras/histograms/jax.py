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
    finite = jnp.isfinite(x)
    low = jnp.min(x, initial=jnp.inf, where=finite)
    high = jnp.max(x, initial=-jnp.inf, where=finite)
    is_empty, is_constant = low > high, low == high
    low, high = (
        jnp.where(is_empty, 0.0, jnp.where(is_constant, low - 0.5, low)),
        jnp.where(is_empty, 1.0, jnp.where(is_constant, high + 0.5, high)),
    )
    # Scaling before subtracting keeps the width of a full-range float32 array finite.
    place = (jnp.where(finite, x, low) / 2 - low / 2) / (high / 2 - low / 2) * num_bins
    index = jnp.where(finite, jnp.clip(place.astype(jnp.int32), 0, num_bins - 1), num_bins)
    counts = jnp.zeros(num_bins + 1, jnp.int32).at[index].add(1)[:num_bins]
    odd = [jnp.isnan(x).sum(), (x == jnp.inf).sum(), (x == -jnp.inf).sum()]
    return jnp.concatenate([counts, jnp.stack(odd).astype(jnp.int32)]), jnp.stack([low, high]).astype(x.dtype)
