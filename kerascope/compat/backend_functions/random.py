"""Functions of `keras.backend` that draw random numbers."""

from __future__ import annotations

import sys
from typing import Any

import keras
from keras import ops

from kerascope.compat.backend_functions.variables import get_value, variable


def random_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Returns normal random numbers."""
    return keras.random.normal(tuple(shape), mean, stddev, dtype=dtype, seed=_seed(seed))


def random_uniform(shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Returns uniform random numbers."""
    return keras.random.uniform(tuple(shape), minval, maxval, dtype=dtype, seed=_seed(seed))


def truncated_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Returns normal random numbers within two deviations."""
    return keras.random.truncated_normal(tuple(shape), mean, stddev, dtype=dtype, seed=_seed(seed))


def random_binomial(shape: Any, p: float = 0.0, dtype: Any = None, seed: Any = None) -> Any:
    """Returns 1 with probability `p`, else 0."""
    drawn = keras.random.uniform(tuple(shape), seed=_seed(seed))
    return ops.cast(drawn < p, dtype or keras.backend.floatx())


random_bernoulli = random_binomial


def random_normal_variable(
    shape: Any, mean: float, scale: float, dtype: Any = None, name: Any = None, seed: Any = None
) -> Any:
    """Returns a variable of normal random numbers."""
    return variable(get_value(random_normal(shape, mean, scale, seed=_seed(seed))), dtype)


def random_uniform_variable(
    shape: Any, low: float, high: float, dtype: Any = None, name: Any = None, seed: Any = None
) -> Any:
    """Returns a variable of uniform random numbers."""
    return variable(get_value(random_uniform(shape, low, high, seed=_seed(seed))), dtype)


def dropout(x: Any, level: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """Returns the tensor with a share of its entries set to 0."""
    return keras.random.dropout(x, level, noise_shape=noise_shape, seed=_seed(seed))


def _seed(seed: Any) -> Any:
    """What a random function draws from: on JAX a generator kept by the layer that calls it, so that compiled steps advance it."""
    if seed is not None or keras.config.backend() != "jax":
        return seed
    layer = _calling_layer()
    if layer is None:
        return None
    generator = vars(layer).get("_classic_seed")
    if generator is None:
        layer._tracker.unlock()
        generator = layer._classic_seed = keras.random.SeedGenerator()
    return generator


def _calling_layer() -> Any:
    frame = sys._getframe(3)
    while frame is not None:
        owner = frame.f_locals.get("self")
        if isinstance(owner, keras.layers.Layer) and not isinstance(owner, keras.Model):
            return owner
        frame = frame.f_back  # type: ignore[assignment]
    return None
