"""Functions of `keras.backend` that compute new values from tensors: products, sums, choices and folds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops


def clip(x: Any, min_value: Any, max_value: Any) -> Any:
    """Returns the values kept between two bounds; None is no bound."""
    low = -np.inf if min_value is None else min_value
    return ops.clip(x, low, np.inf if max_value is None else max_value)


def dot(x: Any, y: Any) -> Any:
    """Returns the product over the last axis of `x` and the one before the last of `y`."""
    return ops.dot(x, y)


def batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """Returns the product per sample over an axis of each; with four axes, the second is a batch too, as TensorFlow's form had it."""
    if axes is None:
        axes = (len(x.shape) - 1, 1 if len(y.shape) == 2 else len(y.shape) - 2)
    first, second = (axes, axes) if isinstance(axes, int) else axes
    first, second = first % len(x.shape), second % len(y.shape)
    left, right = "abcdef"[: len(x.shape)], "auvwyz"[: len(y.shape)]
    if max(len(left), len(right)) > 3 and 1 not in (first, second) and x.shape[1] == y.shape[1]:
        right = right[0] + left[1] + right[2:]
    right = right[:second] + left[first] + right[second + 1 :]
    kept = [one for one in left if one != left[first]]
    made = "".join(kept + [one for one in right if one not in kept and one != left[first]])
    result = ops.einsum(f"{left},{right}->{made}", x, y)
    return ops.expand_dims(result, -1) if len(made) == 1 else result


def argmax(x: Any, axis: int = -1) -> Any:
    """Returns where the largest value along an axis is."""
    return ops.argmax(x, axis=axis)


def argmin(x: Any, axis: int = -1) -> Any:
    """Returns where the smallest value along an axis is."""
    return ops.argmin(x, axis=axis)


def cumsum(x: Any, axis: int = 0) -> Any:
    """Returns the running sum along an axis."""
    return ops.cumsum(x, axis=axis)


def cumprod(x: Any, axis: int = 0) -> Any:
    """Returns the running product along an axis."""
    return ops.cumprod(x, axis=axis)


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12) -> Any:
    """Returns the tensor scaled to length 1."""
    total = ops.sum(ops.square(x), axis=axis, keepdims=True)
    return ops.multiply(x, ops.rsqrt(ops.maximum(total, epsilon)))


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """Returns values of the first where the condition holds, else of the second; both may be functions."""
    first = then_expression() if callable(then_expression) else then_expression
    second = else_expression() if callable(else_expression) else else_expression
    return ops.where(ops.cast(condition, "bool"), first, second)


def map_fn(fn: Callable[..., Any], elems: Any, name: Any = None, dtype: Any = None) -> Any:
    """Returns a function of each row, stacked."""
    return ops.map(fn, elems)


def foldl(fn: Callable[..., Any], elems: Any, initializer: Any = None, name: Any = None) -> Any:
    """Returns the rows folded by a function, first row first."""
    rows = ops.unstack(elems)
    start = rows.pop(0) if initializer is None else initializer
    for row in rows:
        start = fn(start, row)
    return start


def foldr(fn: Callable[..., Any], elems: Any, initializer: Any = None, name: Any = None) -> Any:
    """Returns the rows folded by a function, last row first."""
    return foldl(fn, ops.flip(elems, axis=0), initializer)
